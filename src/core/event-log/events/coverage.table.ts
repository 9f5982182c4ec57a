// What the digest of each event type covers. [TCG-PFP §10.4], and what firmware, shim, GRUB and systemd do.
//
// The type itself is never covered. That does no harm here: a row only says which bytes to hash and compare, and a match
// proves that the digest covers those bytes, whatever the type. A false type can only lose a match.
import { concatBytes, encodeUtf8 } from '../../encoding/index.ts';
import { readGrubText, looksLikeUtf16 } from './boot-loader-event.ts';
import { eventTypes, type EventTypeName } from './event-types.table.ts';
import { readTaggedEvent } from './tagged-event.ts';
import { decodeUtf16, trimNul, withoutTrailingNul } from './text.ts';
import { parseUefiVariable } from '../uefi/uefi-variable.ts';
import { MalformedError } from '../../error.ts';

/** Which bytes of (or beside) the event data a digest was found to cover. */
export type Coverage =
  | 'whole'
  | 'variable-data'
  | 'all-but-last-byte'
  | 'error-separator'
  | 'text'
  | 'grub-text'
  | 'tag-content'
  | 'section-name';

export interface Candidate {
  readonly coverage: Coverage;
  readonly content: Uint8Array;
}

interface CoverageRow {
  readonly types: readonly EventTypeName[];
  /** What was measured, for `docs/event-types.md`. */
  readonly measures: string;
  /** What a reader may believe of the event data. */
  readonly trust: string;
  /** Tried in order, after the whole data. */
  readonly candidates?: (data: Uint8Array) => readonly Candidate[];
}

/** The value of an error separator; its data holds whatever the vendor wished to say. [TCG-PFP §10.4.1] */
export const errorSeparator = Uint8Array.of(1, 0, 0, 0);

export const coverageTable: readonly CoverageRow[] = [
  { types: ['EV_NO_ACTION'], measures: 'nothing: it is not extended', trust: 'Never. Hints only.' },
  {
    types: ['EV_SEPARATOR'],
    measures: 'the 4 bytes 00000000 or FFFFFFFF (Windows: `WBCL`); 01000000 after an error, whatever the data says',
    trust: 'The value, by its digest and not by its data.',
    candidates: () => [{ coverage: 'error-separator', content: errorSeparator }],
  },
  {
    types: ['EV_S_CRTM_VERSION'],
    measures: 'the data: a UTF-16 text or a GUID (some vendors leave out the NUL, or measure something else)',
    trust: 'Where recomputed.',
    candidates: (data) => [textWithoutNul(data)],
  },
  {
    types: ['EV_ACTION', 'EV_EFI_ACTION'],
    measures: 'the text without NUL',
    trust: 'Where recomputed.',
    candidates: (data) => [textWithoutNul(data)],
  },
  {
    types: [
      'EV_EFI_VARIABLE_DRIVER_CONFIG',
      'EV_EFI_VARIABLE_BOOT2',
      'EV_EFI_SPDM_DEVICE_POLICY',
      'EV_EFI_SPDM_DEVICE_AUTHORITY',
    ],
    measures: 'the whole UEFI_VARIABLE_DATA: GUID, name and value',
    trust: 'Where recomputed.',
  },
  {
    types: ['EV_EFI_VARIABLE_AUTHORITY'],
    measures: 'the whole UEFI_VARIABLE_DATA with one signature; shim before 15.3: all but the last byte',
    trust: 'Where recomputed.',
    candidates: (data) => [{ coverage: 'all-but-last-byte', content: data.subarray(0, Math.max(0, data.length - 1)) }],
  },
  {
    types: ['EV_EFI_VARIABLE_BOOT'],
    measures: 'the value of the variable alone (some firmware: the whole structure)',
    trust: 'The value, where recomputed. The name is not covered.',
    candidates: variableData,
  },
  {
    types: ['EV_EFI_GPT_EVENT', 'EV_EFI_GPT_EVENT2'],
    measures: 'UEFI_GPT_DATA: header and partitions in use',
    trust: 'Where recomputed.',
  },
  {
    types: [
      'EV_PLATFORM_CONFIG_FLAGS',
      'EV_TABLE_OF_DEVICES',
      'EV_NONHOST_INFO',
      'EV_OMIT_BOOT_DEVICE_EVENTS',
      'EV_EFI_SPDM_FIRMWARE_BLOB',
      'EV_EFI_SPDM_FIRMWARE_CONFIG',
    ],
    measures: 'the data, by the specification; vendors measure other things too',
    trust: 'Where recomputed.',
  },
  {
    types: ['EV_EVENT_TAG'],
    measures:
      'the whole tagged event (specification, Windows), its content (systemd), or an object it names (Linux EFI stub: initrd, load options)',
    trust: 'Where recomputed.',
    candidates: (data) => {
      const tagged = readTaggedEvent(data);
      return tagged ? [{ coverage: 'tag-content', content: tagged.content }] : [];
    },
  },
  {
    types: ['EV_IPL'],
    measures:
      'shim: the MOK variable that the data names. GRUB: the text after `grub_cmd: ` or `kernel_cmdline: ` (PCR 8), the file that the data names (PCR 9). systemd: the text (PCR 8, 12), the name of a section, then the section (PCR 11)',
    trust: 'The text, where recomputed. Prefixes, paths and names of variables: never.',
    candidates: iplCandidates,
  },
  {
    types: ['EV_EFI_BOOT_SERVICES_APPLICATION', 'EV_EFI_BOOT_SERVICES_DRIVER', 'EV_EFI_RUNTIME_SERVICES_DRIVER'],
    measures: 'the Authenticode hash of the image (some loaders: the file)',
    trust: 'Never: neither the device path nor addresses nor lengths are covered.',
  },
  {
    types: [
      'EV_S_CRTM_CONTENTS',
      'EV_POST_CODE',
      'EV_POST_CODE2',
      'EV_CPU_MICROCODE',
      'EV_NONHOST_CODE',
      'EV_NONHOST_CONFIG',
      'EV_COMPACT_HASH',
      'EV_EFI_PLATFORM_FIRMWARE_BLOB',
      'EV_EFI_PLATFORM_FIRMWARE_BLOB2',
      'EV_EFI_HCRTM_EVENT',
    ],
    measures: 'code or data that the event only describes (EV_COMPACT_HASH: whatever its caller chose)',
    trust: 'Only where the whole data happens to be what was measured.',
  },
  {
    types: ['EV_EFI_HANDOFF_TABLES', 'EV_EFI_HANDOFF_TABLES2'],
    measures: 'the contents of the tables (SMBIOS, ACPI)',
    trust: 'Never: GUIDs and pointers are not covered.',
  },
  {
    types: [
      'TXT_PCR_MAPPING',
      'TXT_HASH_START',
      'TXT_COMBINED_HASH',
      'TXT_MLE_HASH',
      'TXT_BIOSAC_REG_DATA',
      'TXT_CPU_SCRTM_STAT',
      'TXT_LCP_CONTROL_HASH',
      'TXT_ELEMENTS_HASH',
      'TXT_STM_HASH',
      'TXT_OSSINITDATA_CAP_HASH',
      'TXT_SINIT_PUBKEY_HASH',
      'TXT_LCP_HASH',
      'TXT_LCP_DETAILS_HASH',
      'TXT_LCP_AUTHORITIES_HASH',
      'TXT_NV_INFO_HASH',
      'TXT_CAP_VALUE',
    ],
    measures: 'the data, or an object that has no data here (MLE, SINIT key)',
    trust: 'Where recomputed.',
  },
  {
    types: ['EV_PREBOOT_CERT', 'EV_UNUSED', 'EV_IPL_PARTITION_DATA'],
    measures: 'undefined or obsolete',
    trust: 'Only where the whole data happens to be what was measured.',
  },
];

const rowByType: ReadonlyMap<number, CoverageRow> = new Map(
  coverageTable.flatMap((row) => row.types.map((name) => [eventTypes[name], row] as const)),
);

/** The bytes that the digest of an event may cover where it does not cover the data as it stands, likeliest first: a
 * handful, each linear in the data. */
export function furtherCandidates(type: number, data: Uint8Array): readonly Candidate[] {
  return rowByType.get(type)?.candidates?.(data) ?? [];
}

function textWithoutNul(data: Uint8Array): Candidate {
  const content = looksLikeUtf16(data) ? trimUtf16Nul(data) : trimNul(data);
  return { coverage: 'text', content };
}

function variableData(data: Uint8Array): readonly Candidate[] {
  try {
    const { data: content, trailing } = parseUefiVariable(data);
    return trailing === 0 ? [{ coverage: 'variable-data', content }] : [];
  } catch (error) {
    if (error instanceof MalformedError) return [];
    throw error;
  }
}

function iplCandidates(data: Uint8Array): readonly Candidate[] {
  const grub = readGrubText(data);
  if (grub) {
    const text = trimNul(grub.content);
    return [text, concatBytes(text, Uint8Array.of(0))].map((content) => ({ coverage: 'grub-text', content }));
  }
  if (!looksLikeUtf16(data)) return [{ coverage: 'text', content: trimNul(data) }];
  const text = trimUtf16Nul(data);
  const name = encodeUtf8(`${withoutTrailingNul(decodeUtf16(data))}\0`);
  return [
    { coverage: 'text', content: text },
    { coverage: 'text', content: concatBytes(text, Uint8Array.of(0, 0)) },
    { coverage: 'text', content: concatBytes(data, Uint8Array.of(0)) },
    { coverage: 'section-name', content: name },
  ];
}

function trimUtf16Nul(data: Uint8Array): Uint8Array {
  let end = data.length & ~1;
  while (end >= 2 && data[end - 1] === 0 && data[end - 2] === 0) end -= 2;
  return data.subarray(0, end);
}
