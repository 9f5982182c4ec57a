// Quotes of a paper TPM, and the ways in which they can be false.
import { encodeUnsigned } from '../core/encoding/index.ts';
import type { HashAlgorithm } from '../core/crypto/index.ts';
import {
  encodeAttest,
  encodeSignature,
  pcrDigestOf,
  type ClaimedAttest,
  type ClaimedPcrs,
  type PcrSelection,
  type TpmSignature,
} from '../core/tpm/index.ts';
import { createPaperKey, signAsTpm, type PaperKey } from './paper-key.ts';
import type { PaperTpm } from './paper-tpm.ts';
import type { Tampering } from './tampering.ts';

export interface PaperQuote {
  /** TPMS_ATTEST. */
  readonly attest: Uint8Array;
  /** TPMT_SIGNATURE. */
  readonly signature: Uint8Array;
  readonly pcrs: ClaimedPcrs;
}

export interface QuoteRequest {
  readonly qualifyingData: Uint8Array;
  readonly selections: readonly PcrSelection[];
  readonly tampering: readonly Tampering[];
}

const firmwareVersion = 0x0001_0000_0000_0000n;
/** PCRs that software may reset, shown in place of those that it may not. */
const resettableFor: ReadonlyMap<number, number> = new Map([
  [0, 16],
  [7, 23],
]);

export function quotePaperTpm(tpm: PaperTpm, request: QuoteRequest): PaperQuote {
  const lies = new Set(request.tampering);
  const selections = chooseSelections(tpm, request.selections, lies);
  const pcrs = readSelected(tpm, selections, lies);
  const header = {
    qualifiedSigner: tpm.qualifiedSigner,
    extraData: request.qualifyingData,
    clock: lies.has('rolled-back') ? earlier(tpm.tick()) : tpm.tick(),
    firmwareVersion,
  };
  const pcrDigest = pcrDigestOf(selections, pcrs, 'sha256') ?? new Uint8Array(32);
  const claim: ClaimedAttest = lies.has('wrong-type')
    ? { ...header, type: 'certify', name: tpm.akName, qualifiedName: tpm.qualifiedSigner }
    : { ...header, type: 'quote', selections, pcrDigest };
  const attest = encodeAttest(claim);
  if (lies.has('wrong-magic')) attest.set(encodeUnsigned(0x4654_4347, 4));
  const key = lies.has('foreign-signature') ? createPaperKey(tpm.ak.type, 'stranger', 'attestation key') : tpm.ak;
  const signature = signAttest(key, attest);
  if (lies.has('broken-signature')) signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
  return { attest, signature, pcrs: tellPcrs(pcrs, request.selections, lies) };
}

/** TPM2_GetTime: an honest one always, for a liar wants to be let in. */
export function getTimeOfPaperTpm(tpm: PaperTpm, qualifyingData: Uint8Array): Omit<PaperQuote, 'pcrs'> {
  const clock = tpm.tick();
  const attest = encodeAttest({
    type: 'time',
    qualifiedSigner: tpm.qualifiedSigner,
    extraData: qualifyingData,
    clock,
    firmwareVersion,
    timeMs: clock.clockMs,
    timeClock: clock,
    timeFirmwareVersion: firmwareVersion,
  });
  return { attest, signature: signAttest(tpm.ak, attest) };
}

/** A real TPM clears the bits of banks it does not have; so does this one. */
function chooseSelections(
  tpm: PaperTpm,
  asked: readonly PcrSelection[],
  lies: ReadonlySet<Tampering>,
): readonly PcrSelection[] {
  return asked.map(({ bank, pcrs }) => {
    if (lies.has('empty-selection')) return { bank, pcrs: [] };
    if (lies.has('sha1-only')) return { bank: 'sha1', pcrs };
    if (lies.has('missing-pcr')) return { bank, pcrs: pcrs.slice(0, -1) };
    if (lies.has('resettable-pcrs')) {
      return { bank, pcrs: pcrs.map((pcr) => resettableFor.get(pcr) ?? pcr).sort((a, b) => a - b) };
    }
    return { bank, pcrs: tpm.banks.includes(bank) ? [...pcrs].sort((a, b) => a - b) : [] };
  });
}

function readSelected(
  tpm: PaperTpm,
  selections: readonly PcrSelection[],
  lies: ReadonlySet<Tampering>,
): ReadonlyMap<HashAlgorithm, ReadonlyMap<number, Uint8Array>> {
  const result = new Map<HashAlgorithm, Map<number, Uint8Array>>();
  for (const { bank, pcrs } of selections) {
    const values = new Map(tpm.read(bank));
    if (lies.has('resettable-pcrs')) {
      for (const [good, resettable] of resettableFor) values.set(resettable, values.get(good) ?? new Uint8Array(32));
    }
    result.set(bank, new Map([...values].filter(([pcr]) => pcrs.includes(pcr))));
  }
  return result;
}

/** The values as the host sends them beside the quote. */
function tellPcrs(pcrs: ClaimedPcrs, asked: readonly PcrSelection[], lies: ReadonlySet<Tampering>): ClaimedPcrs {
  if (lies.has('resettable-pcrs')) {
    const original = new Map([...resettableFor].map(([good, resettable]) => [resettable, good]));
    return mapValues(pcrs, (value, pcr) => [original.get(pcr) ?? pcr, value]);
  }
  if (lies.has('unrelated-pcr-values')) {
    const first = asked[0]?.pcrs[0];
    return mapValues(pcrs, (value, pcr) => [pcr, pcr === first ? value.map((byte) => byte ^ 0xff) : value]);
  }
  return pcrs;
}

function mapValues(
  pcrs: ClaimedPcrs,
  change: (value: Uint8Array, pcr: number) => readonly [number, Uint8Array],
): ClaimedPcrs {
  return new Map([...pcrs].map(([bank, values]) => [bank, new Map([...values].map(([pcr, v]) => change(v, pcr)))]));
}

function signAttest(key: PaperKey, attest: Uint8Array): Uint8Array {
  const bytes = signAsTpm(key, attest);
  const signature: TpmSignature =
    key.type === 'rsa'
      ? { kind: 'rsassa', hash: 'sha256', signature: bytes }
      : { kind: 'ecdsa', hash: 'sha256', r: bytes.subarray(0, 32), s: bytes.subarray(32) };
  return encodeSignature(signature);
}

function earlier<T extends { readonly resetCount: number }>(clock: T): T {
  return { ...clock, resetCount: (clock.resetCount - 1) >>> 0 };
}
