import { decodeHex, encodeHex } from '../../core/encoding/index.ts';
import { digestSizes, type HashAlgorithm } from '../../core/crypto/index.ts';
import { AttestationError, VerificationError } from '../../core/error.ts';
import { parseEventLog, replayEventLog, verifyEventLog, type ClaimedEventLog } from '../../core/event-log/index.ts';
import {
  observeStatement,
  parseAttest,
  verifyAttestationKey,
  verifyPcrs,
  verifyQuote,
  type ClaimedPcrs,
  type PcrSelection,
} from '../../core/tpm/index.ts';
import { CliError, cliErrors } from '../errors.ts';
import { readInput } from '../files.ts';
import { toJson } from '../json.ts';
import { parsePcrInput, selectPcrs } from '../pcr-input.ts';
import { readAttest, readPublic, signatureEncodingOf, toTpmSignature, type PublicInput } from '../quote-input.ts';
import { explainPcrs, formatPcrRows, type PcrRow } from '../pcr-view.ts';
import type { Refusal, Report } from '../report.ts';
import { formatFacts } from '../table.ts';
import { formatRanges } from './inspect-quote.ts';

export interface VerifyQuoteOptions {
  readonly attest: string;
  readonly signature: string;
  readonly public: string;
  /** Hexadecimal. */
  readonly nonce: string;
  readonly pcrs?: string;
  readonly eventLog?: string;
}

interface QuoteFiles {
  readonly attest: Uint8Array;
  readonly signature: Uint8Array;
  readonly key: PublicInput;
  readonly qualifyingData: Uint8Array;
  readonly pcrs: ClaimedPcrs | undefined;
  readonly log: ClaimedEventLog | undefined;
}

type QuoteVerdict = 'accepted' | 'signature-only';

/** @throws CliError CLI_FILE_*, CLI_INPUT_UNRECOGNISED, CLI_QUOTE_UNEXPLAINED; AttestationError TPM_*, EVENT_LOG_* */
export function verifyQuoteFiles(options: VerifyQuoteOptions): Report {
  const files: QuoteFiles = {
    attest: readAttest(readInput(options.attest)),
    signature: readInput(options.signature),
    key: readPublic(readInput(options.public)),
    qualifyingData: decodeHex(options.nonce),
    pcrs: options.pcrs === undefined ? undefined : parsePcrInput(readInput(options.pcrs)),
    log: options.eventLog === undefined ? undefined : parseEventLog(readInput(options.eventLog)),
  };
  return files.key.kind === 'tpm' ? verifyWithAttributes(files, files.key) : verifySignatureOnly(files, files.key);
}

function verifyWithAttributes(files: QuoteFiles, publicInput: PublicInput & { kind: 'tpm' }): Report {
  const key = verifyAttestationKey(publicInput.bytes);
  const signature = toTpmSignature(files.signature, key.public.publicKey, key.scheme);
  const quote = verifyQuote({ attest: files.attest, signature, key, qualifyingData: files.qualifyingData });
  const claimed = claimedPcrs(files, quote.selections);
  if (claimed === undefined) return report('accepted', quote.selections, []);
  const attested = provenPcrs(() => verifyPcrs(quote, claimed), files);
  const replayed = files.log && verifyEventLog(files.log, attested);
  const statuses = replayed && { bank: replayed.bank, statuses: replayed.pcrs, replayed: replayed.replayed };
  const rows = explainPcrs(quote.selections, claimed, files.log, statuses);
  return report('accepted', quote.selections, rows, encodeHex(key.name));
}

/** With a bare key nothing says that only a TPM could have signed. */
function verifySignatureOnly(files: QuoteFiles, publicInput: PublicInput & { kind: 'bare' }): Report {
  const attest = parseAttest(files.attest);
  if (attest.type !== 'quote') {
    throw new VerificationError('TPM_ATTEST_TYPE_WRONG', `the statement is a ${attest.type}, not a quote`, { at: 4 });
  }
  const claimed = claimedPcrs(files, attest.selections);
  const observation = observeStatement({
    attest: files.attest,
    signature: files.signature,
    signatureEncoding: signatureEncodingOf(files.signature, publicInput.key),
    publicKey: publicInput.key,
    qualifyingData: files.qualifyingData,
    pcrs: claimed,
  });
  if (observation.signature_valid !== true) {
    throw new VerificationError('TPM_SIGNATURE_INVALID', 'the signature does not verify with the given key');
  }
  if (observation.nonce_matches !== true) {
    throw new VerificationError('TPM_QUALIFYING_DATA_MISMATCH', 'the statement answers another challenge');
  }
  if (attest.selections.every(({ pcrs }) => pcrs.length === 0)) {
    throw new VerificationError('TPM_QUOTE_SELECTION_EMPTY', 'the quote covers no PCR');
  }
  if (claimed === undefined) return report('signature-only', attest.selections, []);
  provenPcrs(() => {
    if (observation.pcr_digest_matches === true) return;
    throw new VerificationError('TPM_PCRS_DIGEST_MISMATCH', 'the PCR values do not give the quoted digest');
  }, files);
  return report('signature-only', attest.selections, explainPcrs(attest.selections, claimed, files.log));
}

/** PCR values as given, or, without any, as the log leads to them: the quote's digest decides whether they are right. */
function claimedPcrs(files: QuoteFiles, selections: readonly PcrSelection[]): ClaimedPcrs | undefined {
  if (files.pcrs !== undefined) return selectPcrs(files.pcrs, selections);
  const { log } = files;
  if (log === undefined) return undefined;
  return new Map(
    selections.map(({ bank, pcrs }) => {
      const replayed = log.banks.includes(bank) ? replayEventLog(log, bank) : new Map<number, Uint8Array>();
      return [bank, new Map(pcrs.map((pcr) => [pcr, replayed.get(pcr) ?? untouched(bank, pcr)]))] as const;
    }),
  );
}

function untouched(bank: HashAlgorithm, pcr: number): Uint8Array {
  return new Uint8Array(digestSizes[bank]).fill(pcr >= 17 && pcr <= 22 ? 0xff : 0);
}

function provenPcrs<T>(verify: () => T, files: QuoteFiles): T {
  try {
    return verify();
  } catch (cause) {
    const mismatch = cause instanceof AttestationError && cause.code === 'TPM_PCRS_DIGEST_MISMATCH';
    if (!mismatch || files.pcrs !== undefined) throw cause;
    const message = 'the quote is genuine, and the log alone does not lead to it; give --pcrs to see which PCR differs';
    throw new CliError('CLI_QUOTE_UNEXPLAINED', message, { cause });
  }
}

function report(
  verdict: QuoteVerdict,
  selections: readonly PcrSelection[],
  rows: readonly PcrRow[],
  keyName?: string,
): Report {
  const refusal = refusalOf(rows);
  const outcome = refusal === undefined ? verdict : 'unexplained';
  return {
    data: {
      verdict: outcome,
      keyAttributes: keyName === undefined ? 'unknown' : 'restricted',
      keyName,
      pcrs: toJson(rows),
    },
    lines: (paper) => [
      ...formatFacts(paper, [
        ['verdict', paper.tone(refusal !== undefined ? 'bad' : verdict === 'accepted' ? 'good' : 'warn', outcome)],
        ['proved', verdict === 'accepted' ? proved : provedSignatureOnly],
        ['key name', keyName],
        ['PCRs', selections.map(({ bank, pcrs }) => `${bank}: ${formatRanges(pcrs)}`).join('; ')],
        ['PCR values', rows.length > 0 ? undefined : 'not given: the quote is genuine, and its digest is all it says'],
      ]),
      ...(rows.length === 0 ? [] : ['', ...formatPcrRows(paper, rows)]),
    ],
    refusal,
  };
}

const proved = 'a TPM signed this quote over this nonce, with a restricted key that never leaves it';
const provedSignatureOnly =
  'the key signed this quote over this nonce; its attributes are unknown, so any program may have made it (give --public a TPM2B_PUBLIC)';

function refusalOf(rows: readonly PcrRow[]): Refusal | undefined {
  const wrong = rows.filter(({ status }) => status === 'mismatch').map(({ bank, pcr }) => `${pcr} (${bank})`);
  if (wrong.length === 0) return undefined;
  const message = `the event log does not lead to the quoted value of PCR ${wrong.join(', ')}`;
  return { code: 'CLI_QUOTE_UNEXPLAINED', message, remedy: cliErrors.CLI_QUOTE_UNEXPLAINED.remedy };
}
