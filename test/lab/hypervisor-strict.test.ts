// The policy hypervisor-strict over a real boot that satisfies it, and over the same boot with each thing taken away that it
// demands: measured honestly and signed by operators, so that nothing but the policy refuses it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { appraise } from '../../src/core/appraisal/index.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/core/encoding/index.ts';
import {
  encodeSignatureList,
  encodeUefiVariable,
  eventTypes,
  guids,
  parseEventLog,
  type EventToEncode,
} from '../../src/core/event-log/index.ts';
import { readRevocations } from '../../src/cli/views/facts/revocations.ts';
import { parsePolicyDocument, readPolicyDocument, shippedPolicyFile } from '../../src/cli/inputs/policy-document.ts';
import { capturePaper, paperHost } from '../core/appraisal/paper-host.ts';
import { makeRoot } from '../support/pki.ts';

type Change = (events: readonly EventToEncode[]) => readonly EventToEncode[];

const file = new URL('../fixtures/lab/guests/boots/strict-2/binary_bios_measurements', import.meta.url);
const realBoot: readonly EventToEncode[] = parseEventLog(new Uint8Array(readFileSync(file))).events.map((event) => {
  return { pcr: event.pcr, type: event.untrustedType, data: event.untrustedData, digests: event.digests };
});
const policy = parsePolicyDocument(readPolicyDocument(shippedPolicyFile('hypervisor-strict'), undefined));

/** What denies the host that booted so, with the fact where one is named. */
function judge(change: Change): readonly string[] {
  const events = change(realBoot);
  const { evidence, trust } = paperHost(events, capturePaper(events));
  const { status, findings } = appraise(evidence, trust, policy, new Date('2026-11-26T12:00:00Z'));
  const denying = findings.filter(({ severity }) => severity === 'error');
  assert.equal(status === 'affirming', denying.length === 0);
  return denying.map(({ code, message }) => `${code} ${/fact ([\w.-]+)/.exec(message)?.[1] ?? ''}`.trim());
}

/** Another value of a variable that firmware or shim measured. */
const variable =
  (name: string, guid: string, data: Uint8Array): Change =>
  (events) => {
    const begins = encodeUefiVariable({ guid, name, data: new Uint8Array() }).subarray(0, 16);
    const isIt = (event: EventToEncode): boolean =>
      Buffer.from(event.data).subarray(0, 16).equals(begins) &&
      Buffer.from(event.data).includes(Buffer.from(name, 'utf16le')) &&
      event.pcr === 7;
    assert.equal(events.filter(isIt).length, 1, `one event measures ${name}`);
    return events.map((event) =>
      isIt(event) ? { pcr: 7, type: event.type, data: encodeUefiVariable({ guid, name, data }) } : event,
    );
  };

/** Another kernel command line, in every event of GRUB that mentions it. */
const words =
  (before: string, after: string): Change =>
  (events) =>
    events.map((event) => {
      if (event.pcr !== 8 || event.type !== eventTypes.EV_IPL) return event;
      const text = new TextDecoder().decode(event.data);
      if (!text.includes(before)) return event;
      const data = encodeUtf8(text.replace(before, after));
      const measured = encodeUtf8(
        decodeUtf8(data)
          .replace(/^(?:grub_cmd|kernel_cmdline): /, '')
          .replace(/\0$/, ''),
      );
      return { pcr: 8, type: event.type, data, measured };
    });

/** Something that firmware says of itself before anything else in PCR 7. */
const action =
  (text: string): Change =>
  (events) => {
    const at = events.findIndex(({ pcr, type }) => pcr === 7 && type === eventTypes.EV_SEPARATOR);
    const told = { pcr: 7, type: eventTypes.EV_EFI_ACTION, data: encodeUtf8(text) };
    return [...events.slice(0, at), told, ...events.slice(at)];
  };

const lists = (typeGuid: string, signatures: readonly Uint8Array[]) =>
  encodeSignatureList({ typeGuid, owner: guids.shimLock, signatures });
const revoked = readRevocations().list.digests;
const sbat = (text: string) => variable('SbatLevel', guids.shimLock, encodeUtf8(text));
const testKey = makeRoot({ name: 'DO NOT TRUST - AMI Test PK' }).der;

/** What is taken away, and what the policy says then. */
const absences: Readonly<Record<string, readonly [Change, ...string[]]>> = {
  'Secure Boot': [
    variable('SecureBoot', guids.globalVariable, Uint8Array.of(0)),
    'FACT_SECURE_BOOT_DISABLED secureBoot',
  ],
  'a platform key of its own': [
    variable('PK', guids.globalVariable, lists(guids.certX509, [testKey])),
    'FACT_REFUSED testKeys',
  ],
  'a separator': [
    (events) => events.filter(({ pcr, type }) => pcr !== 3 || type !== eventTypes.EV_SEPARATOR),
    'FACT_NOT_PROVEN separators',
  ],
  'firmware without a debugger': [action('UEFI Debug Mode'), 'FACT_DEBUG_MODE', 'FACT_REFUSED debugMode'],
  'protection against DMA': [action('DMA Protection Disabled'), 'FACT_REFUSED dmaProtection'],
  'one revocation': [
    variable('dbx', guids.imageSecurityDatabase, lists(guids.certSha256, revoked.slice(1))),
    'FACT_REFUSED dbx',
  ],
  'the date of the SBAT level': [sbat('sbat,1,2024040900\nshim,4\ngrub,5\n'), 'FACT_REFUSED sbatLevel.date'],
  'a generation of shim': [sbat('sbat,1,2025021800\nshim,3\ngrub,5\n'), 'FACT_REFUSED sbatLevel.shim'],
  'a generation of GRUB': [sbat('sbat,1,2025021800\nshim,4\ngrub,4\n'), 'FACT_REFUSED sbatLevel.grub'],
  'the IOMMU': [words('lockdown=', 'intel_iommu=off lockdown='), 'FACT_REFUSED hardening.iommu'],
  mitigations: [words('lockdown=', 'mitigations=off lockdown='), 'FACT_REFUSED hardening.mitigations'],
  'a random address of the kernel': [words('lockdown=', 'nokaslr lockdown='), 'FACT_REFUSED hardening.kaslr'],
  lockdown: [words('lockdown=confidentiality', 'quiet'), 'FACT_REFUSED hardening.lockdown'],
  'signed modules': [words('module.sig_enforce=1', 'quiet'), 'FACT_REFUSED hardening.module-signatures'],
  'its own init': [words('lockdown=', 'init=/bin/sh lockdown='), 'FACT_REFUSED hardening.ordinary-start'],
  'silence towards init': [words('sig_enforce=1', 'sig_enforce=1 -- quiet'), 'FACT_CONDITION_REFUSED'],
  'closed doors of KVM': [words('lockdown=', 'kvm.enable_vmware_backdoor=1 lockdown='), 'FACT_CONDITION_REFUSED'],
};

describe('hypervisor-strict over a real boot', () => {
  it('trusts it', () => {
    assert.deepEqual(
      judge((events) => events),
      [],
    );
  });

  for (const [what, [change, ...codes]] of Object.entries(absences)) {
    it(`refuses it without ${what}, and for nothing else`, () => {
      assert.deepEqual(judge(change), codes);
    });
  }

  it('has no demand that is not taken away here', () => {
    const { hardening = {}, ...facts } = policy.requireFacts;
    const names = [...Object.keys(facts), ...Object.keys(hardening).map((name) => `hardening.${name}`)];
    const codes = Object.values(absences).flatMap(([, ...each]) => each);
    const told = codes.map((code) => code.split(' ')[1]?.replace(/^(sbatLevel)\..*/, '$1'));
    assert.deepEqual(
      names.filter((name) => !told.includes(name)),
      [],
    );
    assert.equal(policy.conditions.length, codes.filter((code) => code === 'FACT_CONDITION_REFUSED').length);
  });
});
