// Hosts that booted alike. A fleet of ten thousand runs a few dozen boots: what one of them is worth, all of them are.
import { AttestationError } from '../error.ts';
import { recallQuote, verifyPcrs, type QuoteMemory } from '../tpm/index.ts';
import type { Evidence, Trust } from './evidence.ts';

/** Evidence whose logs are known by their SHA-256, hexadecimal: content-addressed, and not yet read. */
export interface NamedEvidence extends Pick<Evidence, 'attest' | 'signature' | 'pcrs'> {
  readonly eventLog: string | undefined;
  readonly imaLog: string | undefined;
  readonly userspaceLog: string | undefined;
}

/**
 * Everything that `appraise` reads of a host's evidence, but for whose it is and what its boot counters are. Two hosts of
 * one class, one policy and no remembered boot get the same findings, status and golden measurements. The quote of each
 * host is verified here, over its own challenge, and its PCR values are held against it: what a class shares is what
 * follows from them. Undefined where that fails: then the host belongs to no class and is appraised by itself.
 */
export function readBootClass(
  evidence: NamedEvidence,
  { host, endorsement, qualifyingData }: Pick<Trust, 'host' | 'endorsement' | 'qualifyingData'>,
  quotes?: QuoteMemory,
): string | undefined {
  const { attest, signature, pcrs, eventLog, imaLog, userspaceLog } = evidence;
  try {
    const quote = recallQuote({ attest, signature, key: host.attestationKey, qualifyingData }, quotes);
    verifyPcrs(quote, pcrs);
    const { quoted, clock, firmwareVersion } = quote;
    const logs = [eventLog ?? null, imaLog ?? null, userspaceLog ?? null];
    const signed = [quoted, clock.safe, String(firmwareVersion)];
    return JSON.stringify([endorsement, signed, logs]);
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}
