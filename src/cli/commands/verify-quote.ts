import { decodeHex, encodeHex } from '../../core/encoding/index.ts';
import type { HashAlgorithm } from '../../core/crypto/index.ts';
import { VerificationError } from '../../core/error.ts';
import { parseEventLog, readFacts, verifyEventLog, type ClaimedEventLog } from '../../core/event-log/index.ts';
import type { ImaList } from '../../core/ima/index.ts';
import {
  observeStatement,
  parseAttest,
  verifyAttestationKey,
  verifyPcrs,
  verifyQuote,
  type ClaimedPcrs,
  type PcrSelection,
} from '../../core/tpm/index.ts';
import { cliErrors } from '../errors.ts';
import { readRevocations } from '../facts/revocations.ts';
import { describeBootFacts, formatBootFacts, type FactsView } from '../facts/view.ts';
import { readInput } from '../files.ts';
import { toJson } from '../json.ts';
import { parsePcrInput, selectPcrs } from '../pcr-input.ts';
import { needsImaList, readImaList, searchPcrs } from '../pcr-search.ts';
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
  readonly imaLog?: string;
  /** A list to hold dbx against; the shipped one unless named. */
  readonly revocations?: string;
}

interface QuoteFiles {
  readonly attest: Uint8Array;
  readonly signature: Uint8Array;
  readonly key: PublicInput;
  readonly qualifyingData: Uint8Array;
  readonly pcrs: ClaimedPcrs | undefined;
  readonly log: ClaimedEventLog | undefined;
  readonly imaList: ImaList | undefined;
  readonly revocations: string | undefined;
  readonly now: Date;
}

type QuoteVerdict = 'accepted' | 'signature-only' | 'unexplained';

/** @throws CliError CLI_FILE_*, CLI_INPUT_UNRECOGNISED; AttestationError TPM_*, EVENT_LOG_* */
export function verifyQuoteFiles(options: VerifyQuoteOptions, now: Date): Report {
  const files: QuoteFiles = {
    attest: readAttest(readInput(options.attest)),
    signature: readInput(options.signature),
    key: readPublic(readInput(options.public)),
    qualifyingData: decodeHex(options.nonce),
    pcrs: options.pcrs === undefined ? undefined : parsePcrInput(readInput(options.pcrs)),
    log: options.eventLog === undefined ? undefined : parseEventLog(readInput(options.eventLog)),
    imaList: options.eventLog === undefined ? undefined : readImaList(options.imaLog, options.eventLog),
    revocations: options.revocations,
    now,
  };
  return files.key.kind === 'tpm' ? verifyWithAttributes(files, files.key) : verifySignatureOnly(files, files.key);
}

function verifyWithAttributes(files: QuoteFiles, publicInput: PublicInput & { kind: 'tpm' }): Report {
  const key = verifyAttestationKey(publicInput.bytes);
  const signature = toTpmSignature(files.signature, key.public.publicKey, key.scheme);
  const quote = verifyQuote({ attest: files.attest, signature, key, qualifyingData: files.qualifyingData });
  const keyName = encodeHex(key.name);
  const claimed = claimedPcrs(files, { ...quote, digest: quote.pcrDigest });
  if (claimed === 'not-given') return report({ verdict: 'accepted', selections: quote.selections, rows: [], keyName });
  if (claimed === 'not-found') return unexplained(files, quote.selections, keyName);
  const attested = verifyPcrs(quote, claimed);
  const replayed = files.log && verifyEventLog(files.log, attested);
  const statuses = replayed && { bank: replayed.bank, statuses: replayed.pcrs, replayed: replayed.replayed };
  const rows = explainPcrs(quote.selections, claimed, files.log, statuses);
  const facts = replayed && {
    log: replayed,
    facts: readFacts(replayed),
    revocations: readRevocations(files.revocations),
    now: files.now,
  };
  return report({ verdict: 'accepted', selections: quote.selections, rows, keyName, facts });
}

/** With a bare key nothing says that only a TPM could have signed. */
function verifySignatureOnly(files: QuoteFiles, publicInput: PublicInput & { kind: 'bare' }): Report {
  const attest = parseAttest(files.attest);
  if (attest.type !== 'quote') {
    throw new VerificationError('TPM_ATTEST_TYPE_WRONG', `the statement is a ${attest.type}, not a quote`, { at: 4 });
  }
  const { selections } = attest;
  const digestAlg = digestAlgOf(attest.pcrDigest);
  const claimed = claimedPcrs(files, { selections, digest: attest.pcrDigest, digestAlg });
  const observation = observeStatement({
    attest: files.attest,
    signature: files.signature,
    signatureEncoding: signatureEncodingOf(files.signature, publicInput.key),
    publicKey: publicInput.key,
    qualifyingData: files.qualifyingData,
    pcrs: typeof claimed === 'string' ? undefined : claimed,
  });
  if (observation.signature_valid !== true) {
    throw new VerificationError('TPM_SIGNATURE_INVALID', 'the signature does not verify with the given key');
  }
  if (observation.nonce_matches !== true) {
    throw new VerificationError('TPM_QUALIFYING_DATA_MISMATCH', 'the statement answers another challenge');
  }
  if (selections.every(({ pcrs }) => pcrs.length === 0)) {
    throw new VerificationError('TPM_QUOTE_SELECTION_EMPTY', 'the quote covers no PCR');
  }
  if (claimed === 'not-given') return report({ verdict: 'signature-only', selections, rows: [] });
  if (claimed === 'not-found') return unexplained(files, selections);
  if (observation.pcr_digest_matches !== true) {
    throw new VerificationError('TPM_PCRS_DIGEST_MISMATCH', 'the PCR values do not give the quoted digest');
  }
  return report({ verdict: 'signature-only', selections, rows: explainPcrs(selections, claimed, files.log) });
}

interface QuotedDigest {
  readonly selections: readonly PcrSelection[];
  readonly digest: Uint8Array;
  readonly digestAlg: HashAlgorithm;
}

/** PCR values as given, or, without any, as the logs lead to them: the quote's digest decides whether they are right. */
function claimedPcrs(
  { pcrs, log, imaList }: QuoteFiles,
  { selections, digest, digestAlg }: QuotedDigest,
): ClaimedPcrs | 'not-given' | 'not-found' {
  if (pcrs !== undefined) return selectPcrs(pcrs, selections);
  if (log === undefined) return 'not-given';
  return searchPcrs({ selections, digest, digestAlg, log, imaList }) ?? 'not-found';
}

/** The hash of the signing scheme, told by the size of what it made. */
function digestAlgOf({ length }: Uint8Array): HashAlgorithm {
  return length === 20 ? 'sha1' : length === 48 ? 'sha384' : length === 64 ? 'sha512' : 'sha256';
}

/** Signature and nonce hold; the log is not the log of this boot, or not all of it. */
function unexplained(files: QuoteFiles, selections: readonly PcrSelection[], keyName?: string): Report {
  const { log, imaList } = files;
  const lacksList = log !== undefined && imaList === undefined && needsImaList(selections, log);
  const message = lacksList
    ? "the quote is genuine; it covers PCR 10, which the kernel's IMA list extends: give --ima-log or --pcrs to hold the event log against it"
    : 'the quote is genuine, and the log does not lead to it; give --pcrs to see which PCR differs';
  return report({ verdict: 'unexplained', selections, rows: [], keyName, message });
}

interface QuoteReport {
  readonly verdict: QuoteVerdict;
  readonly selections: readonly PcrSelection[];
  readonly rows: readonly PcrRow[];
  readonly keyName?: string | undefined;
  /** What the quote proves of the boot: registers that differ from the log give nothing. */
  readonly facts?: FactsView | undefined;
  /** Why the verdict is `unexplained` before any PCR could be compared. */
  readonly message?: string;
}

function report({ verdict, selections, rows, keyName, facts, message }: QuoteReport): Report {
  const refusal = message === undefined ? refusalOf(rows) : unexplainedBecause(message);
  const outcome = refusal === undefined ? verdict : 'unexplained';
  const attributes = keyName === undefined ? 'unknown' : 'restricted';
  return {
    data: {
      verdict: outcome,
      signatureValid: true,
      nonceMatches: true,
      keyAttributes: attributes,
      keyName,
      pcrs: toJson(rows),
      ...(facts ? { facts: describeBootFacts(facts) } : {}),
    },
    lines: (paper) => [
      ...formatFacts(paper, [
        ['verdict', paper.tone(refusal !== undefined ? 'bad' : verdict === 'accepted' ? 'good' : 'warn', outcome)],
        ['proved', keyName === undefined ? provedSignatureOnly : proved],
        ['key name', keyName],
        ['PCRs', selections.map(({ bank, pcrs }) => `${bank}: ${formatRanges(pcrs)}`).join('; ')],
        ['PCR values', rows.length > 0 ? undefined : 'not known: the quote is genuine, and its digest is all it says'],
      ]),
      ...(rows.length === 0 ? [] : ['', ...formatPcrRows(paper, rows)]),
      ...(facts ? ['', ...formatBootFacts(paper, facts)] : []),
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
  return unexplainedBecause(`the event log does not lead to the quoted value of PCR ${wrong.join(', ')}`);
}

function unexplainedBecause(message: string): Refusal {
  return { code: 'CLI_QUOTE_UNEXPLAINED', message, remedy: cliErrors.CLI_QUOTE_UNEXPLAINED.remedy };
}
