// Event type numbers. [TCG-PFP §10.4.1]; Intel TXT software development guide, appendix G.
import type { LogEvent } from '../claimed-log.ts';

export const eventTypes = {
  EV_PREBOOT_CERT: 0x0,
  EV_POST_CODE: 0x1,
  EV_UNUSED: 0x2,
  EV_NO_ACTION: 0x3,
  EV_SEPARATOR: 0x4,
  EV_ACTION: 0x5,
  EV_EVENT_TAG: 0x6,
  EV_S_CRTM_CONTENTS: 0x7,
  EV_S_CRTM_VERSION: 0x8,
  EV_CPU_MICROCODE: 0x9,
  EV_PLATFORM_CONFIG_FLAGS: 0xa,
  EV_TABLE_OF_DEVICES: 0xb,
  EV_COMPACT_HASH: 0xc,
  EV_IPL: 0xd,
  EV_IPL_PARTITION_DATA: 0xe,
  EV_NONHOST_CODE: 0xf,
  EV_NONHOST_CONFIG: 0x10,
  EV_NONHOST_INFO: 0x11,
  EV_OMIT_BOOT_DEVICE_EVENTS: 0x12,
  EV_POST_CODE2: 0x13,
  TXT_PCR_MAPPING: 0x401,
  TXT_HASH_START: 0x402,
  TXT_COMBINED_HASH: 0x403,
  TXT_MLE_HASH: 0x404,
  TXT_BIOSAC_REG_DATA: 0x40a,
  TXT_CPU_SCRTM_STAT: 0x40b,
  TXT_LCP_CONTROL_HASH: 0x40c,
  TXT_ELEMENTS_HASH: 0x40d,
  TXT_STM_HASH: 0x40e,
  TXT_OSSINITDATA_CAP_HASH: 0x40f,
  TXT_SINIT_PUBKEY_HASH: 0x410,
  TXT_LCP_HASH: 0x411,
  TXT_LCP_DETAILS_HASH: 0x412,
  TXT_LCP_AUTHORITIES_HASH: 0x413,
  TXT_NV_INFO_HASH: 0x414,
  TXT_CAP_VALUE: 0x4ff,
  EV_EFI_VARIABLE_DRIVER_CONFIG: 0x80000001,
  EV_EFI_VARIABLE_BOOT: 0x80000002,
  EV_EFI_BOOT_SERVICES_APPLICATION: 0x80000003,
  EV_EFI_BOOT_SERVICES_DRIVER: 0x80000004,
  EV_EFI_RUNTIME_SERVICES_DRIVER: 0x80000005,
  EV_EFI_GPT_EVENT: 0x80000006,
  EV_EFI_ACTION: 0x80000007,
  EV_EFI_PLATFORM_FIRMWARE_BLOB: 0x80000008,
  EV_EFI_HANDOFF_TABLES: 0x80000009,
  EV_EFI_PLATFORM_FIRMWARE_BLOB2: 0x8000000a,
  EV_EFI_HANDOFF_TABLES2: 0x8000000b,
  EV_EFI_VARIABLE_BOOT2: 0x8000000c,
  EV_EFI_GPT_EVENT2: 0x8000000d,
  EV_EFI_HCRTM_EVENT: 0x80000010,
  EV_EFI_VARIABLE_AUTHORITY: 0x800000e0,
  EV_EFI_SPDM_FIRMWARE_BLOB: 0x800000e1,
  EV_EFI_SPDM_FIRMWARE_CONFIG: 0x800000e2,
  EV_EFI_SPDM_DEVICE_POLICY: 0x800000e3,
  EV_EFI_SPDM_DEVICE_AUTHORITY: 0x800000e4,
} as const;

export type EventTypeName = keyof typeof eventTypes;

const names: ReadonlyMap<number, string> = new Map(Object.entries(eventTypes).map(([name, value]) => [value, name]));

/** The name of the event's type in this table, or its number in hexadecimal; what other records call themselves. */
export function typeNameOf({
  untrustedType,
  untrustedKind,
}: Pick<LogEvent, 'untrustedType' | 'untrustedKind'>): string {
  return untrustedKind ?? names.get(untrustedType) ?? `0x${untrustedType.toString(16)}`;
}
