// Real measured boots as evidence: test/fixtures/lab. The lab's quotes carry the lab's own nonces, so those are what
// trust expects; everything else is as it is in service.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeHex } from '../../../src/core/encoding/index.ts';
import { isHashAlgorithm, type HashAlgorithm } from '../../../src/core/crypto/index.ts';
import { bootLayers, parseEventLog, verifyEventLog, type ReplayedLog } from '../../../src/core/event-log/index.ts';
import { createGoldenStatements, type ApprovedGolden } from '../../../src/core/golden/index.ts';
import {
  encodePublic,
  parseAnyPublic,
  parseAttest,
  verifyAttestationKey,
  verifyPcrs,
  verifyQuote,
  type AttestationKey,
  type ClaimedPcrs,
} from '../../../src/core/tpm/index.ts';
import { parsePolicy, type AppraisalPolicy, type Evidence, type Trust } from '../../../src/core/appraisal/index.ts';
import { approve } from '../golden/material.ts';

const lab = new URL('../../fixtures/lab/', import.meta.url);

export type LabKey = 'rsa' | 'ecc';

function read(path: string): Uint8Array {
  return new Uint8Array(readFileSync(fileURLToPath(new URL(path, lab))));
}

export function labKey(key: LabKey = 'ecc'): AttestationKey {
  return verifyAttestationKey(encodePublic(parseAnyPublic(read(`tpm-quote/ak_${key}.pub`))));
}

export function labNonce(run: string): Uint8Array {
  return decodeHex(new TextDecoder().decode(read(`boot/${run}/quote/nonce.hex`)).trim());
}

/** What the agent of the host would have sent after this boot. */
export function labEvidence(run: string, key: LabKey = 'ecc'): Evidence {
  const attest = read(`boot/${run}/quote/quote_${key}.msg`);
  const eventLog = `boot/${run}/binary_bios_measurements`;
  return {
    attest,
    signature: read(`boot/${run}/quote/quote_${key}.sig`),
    pcrs: labPcrs(run, attest),
    eventLog: existsSync(fileURLToPath(new URL(eventLog, lab))) ? read(eventLog) : undefined,
  };
}

/** The values of the quoted PCRs, as the kernel showed them. */
function labPcrs(run: string, attest: Uint8Array): ClaimedPcrs {
  const banks = JSON.parse(new TextDecoder().decode(read(`boot/${run}/pcrs.json`))) as Record<
    string,
    Record<string, string>
  >;
  const claimed = new Map<HashAlgorithm, Map<number, Uint8Array>>();
  const attested = parseAttest(attest);
  if (attested.type !== 'quote') throw new TypeError('the lab holds quotes only');
  for (const { bank, pcrs } of attested.selections) {
    if (!isHashAlgorithm(bank)) continue;
    claimed.set(bank, new Map(pcrs.map((pcr) => [pcr, decodeHex(banks[bank]?.[String(pcr)] ?? '')])));
  }
  return claimed;
}

export function labLog(run: string): ReplayedLog {
  const { attest, signature, pcrs, eventLog } = labEvidence(run);
  const quote = verifyQuote({ attest, signature, key: labKey(), qualifyingData: labNonce(run) });
  return verifyEventLog(parseEventLog(eventLog ?? new Uint8Array()), verifyPcrs(quote, pcrs));
}

/** Golden measurements captured from one boot, approved by one signer. */
export function labGoldens(run: string): readonly ApprovedGolden[] {
  return createGoldenStatements(labLog(run), { host: run }).map(approve);
}

export function labPolicy(more: Readonly<Record<string, unknown>> = {}): AppraisalPolicy {
  return parsePolicy({ id: 'lab', version: 1, layers: bootLayers, verdictSeconds: 300, ...more });
}

export function labTrust(run: string, goldens: readonly ApprovedGolden[], more: Partial<Trust> = {}): Trust {
  return {
    host: { id: 'hv-01', attestationKey: labKey() },
    endorsement: 'verified',
    qualifyingData: labNonce(run),
    goldens,
    challengedAt: undefined,
    previousBoot: undefined,
    ...more,
  };
}

export { bootLayers };
