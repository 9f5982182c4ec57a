// Deny lists for the tests, and an entry of each kind.
import {
  encodeDenyList,
  denyPayloadType,
  type Denied,
  type DenyEntry,
  type DenyList,
} from '../../../src/core/deny/index.ts';
import { encodeDsseEnvelope } from '../../../src/core/encoding/index.ts';
import { signerKeyId } from '../../../src/core/golden/index.ts';
import { digestOf, noon, signPayload, type TestSigner } from '../golden/material.ts';

export function denyEntry(denies: Denied, more: Partial<DenyEntry> = {}): DenyEntry {
  return { id: 'e-1', reason: 'it is exploited', cves: ['CVE-2026-12345'], ...more, denies };
}

export function denyList(entries: readonly DenyEntry[], more: Partial<DenyList> = {}): DenyList {
  return { name: 'fleet', version: 1, issuedAt: noon, ...more, entries };
}

const sha256 = 'ab'.repeat(32);

export const everyKind: readonly Denied[] = [
  { kind: 'measurement', digests: new Map([['sha256', digestOf('grub')]]), pcr: 4 },
  { kind: 'certificate', sha256 },
  { kind: 'endorsement', sha256 },
  { kind: 'sbat', component: 'shim', below: 4 },
  { kind: 'firmware-version', version: 'edk2-stable202508' },
  { kind: 'golden', id: `sha256:${sha256}` },
  { kind: 'golden-subject', layer: 'boot-loader', name: 'shim 15.4' },
];

export const fullList = denyList(
  everyKind.map((denies, index) =>
    denyEntry(denies, { id: `e-${index}`, source: 'OSV DSA-5000', until: new Date('2027-01-01T00:00:00Z') }),
  ),
  { nextIssue: new Date('2026-12-25T00:00:00Z') },
);

export function sealList(list: DenyList, signers: readonly TestSigner[], type = denyPayloadType): Uint8Array {
  const payload = encodeDenyList(list);
  const signatures = signers.map((signer) => ({
    keyid: signerKeyId(signer.publicKey),
    sig: signPayload(payload, signer, type),
  }));
  return encodeDsseEnvelope({ payloadType: type, payload, signatures });
}
