// `touchstone verify quote`: a quote, its key and nonce, and what the boot log says about its PCRs.
import { decodeHex, encodeHex } from '../../core/encoding/index.ts';
import type { HashAlgorithm } from '../../core/crypto/index.ts';
import { VerificationError } from '../../core/error.ts';
import {
  annotateEventLog,
  appendUserspaceLog,
  parseEventLog,
  readFacts,
  verifyEventLog,
  type ClaimedEventLog,
  type ClaimedUserspaceLog,
} from '../../core/event-log/index.ts';
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
import { misuse } from '../errors.ts';
import { readRevocations } from '../views/facts/revocations.ts';
import { parseInput, readInput } from '../files.ts';
import { parsePcrInput, selectPcrs } from '../inputs/pcr-input.ts';
import { needsImaList, readImaList, searchPcrs } from '../inputs/pcr-search.ts';
import {
  readAttest,
  readPublic,
  signatureEncodingOf,
  toTpmSignature,
  type PublicInput,
} from '../inputs/quote-input.ts';
import { explainPcrs } from '../views/pcr-view.ts';
import { reportQuote } from '../views/quote-view.ts';
import type { Report } from '../report.ts';
import { readUserspaceLog } from './inspect-event-log.ts';

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
  readonly userspaceLog?: string;
}

interface QuoteFiles {
  readonly attest: Uint8Array;
  readonly signature: Uint8Array;
  readonly key: PublicInput;
  readonly qualifyingData: Uint8Array;
  readonly pcrs: ClaimedPcrs | undefined;
  readonly log: ClaimedEventLog | undefined;
  readonly userspace: ClaimedUserspaceLog | undefined;
  readonly imaList: ImaList | undefined;
  readonly revocations: string | undefined;
  readonly now: Date;
}

/** @throws CliError CLI_FILE_*, CLI_INPUT_UNRECOGNISED, CLI_USAGE_INVALID; AttestationError TPM_*, EVENT_LOG_* */
export function verifyQuoteFiles(options: VerifyQuoteOptions, now: Date): Report {
  if (options.userspaceLog !== undefined && options.eventLog === undefined) {
    throw misuse('--userspace-log goes on where --event-log ends');
  }
  const files: QuoteFiles = {
    attest: parseInput(options.attest, readAttest),
    signature: readInput(options.signature),
    key: parseInput(options.public, readPublic),
    qualifyingData: decodeHex(options.nonce),
    pcrs: options.pcrs === undefined ? undefined : parseInput(options.pcrs, parsePcrInput),
    log: options.eventLog === undefined ? undefined : parseInput(options.eventLog, parseEventLog),
    userspace: readUserspaceLog(options.userspaceLog),
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
  if (claimed === 'not-given')
    return reportQuote({ verdict: 'accepted', selections: quote.selections, rows: [], keyName });
  if (claimed === 'not-found') return unexplained(files, quote.selections, keyName);
  const attested = verifyPcrs(quote, claimed);
  const replayed = files.log && verifyEventLog(files.log, attested, files.userspace);
  const rows = explainPcrs(quote.selections, claimed, wholeLog(files), replayed);
  const { quirks, userspace } = replayed ?? {};
  const facts = replayed && {
    log: replayed,
    facts: readFacts(replayed),
    revocations: readRevocations(files.revocations),
    now: files.now,
  };
  return reportQuote({ verdict: 'accepted', selections: quote.selections, rows, keyName, quirks, userspace, facts });
}

/** Firmware's log and that of the running system, where there is one. */
function wholeLog({ log, userspace }: QuoteFiles): ClaimedEventLog | undefined {
  return log && userspace ? appendUserspaceLog(log, userspace) : log;
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
  if (claimed === 'not-given') return reportQuote({ verdict: 'signature-only', selections, rows: [] });
  if (claimed === 'not-found') return unexplained(files, selections);
  if (observation.pcr_digest_matches !== true) {
    throw new VerificationError('TPM_PCRS_DIGEST_MISMATCH', 'the PCR values do not give the quoted digest');
  }
  const log = wholeLog(files);
  const quirks = log && annotateEventLog(log).quirks;
  return reportQuote({ verdict: 'signature-only', selections, rows: explainPcrs(selections, claimed, log), quirks });
}

interface QuotedDigest {
  readonly selections: readonly PcrSelection[];
  readonly digest: Uint8Array;
  readonly digestAlg: HashAlgorithm;
}

/** PCR values as given, or, without any, as the logs lead to them: the quote's digest decides whether they are right. */
function claimedPcrs(
  { pcrs, log, userspace, imaList }: QuoteFiles,
  { selections, digest, digestAlg }: QuotedDigest,
): ClaimedPcrs | 'not-given' | 'not-found' {
  if (pcrs !== undefined) return selectPcrs(pcrs, selections);
  if (log === undefined) return 'not-given';
  return searchPcrs({ selections, digest, digestAlg, log, userspace, imaList }) ?? 'not-found';
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
  return reportQuote({ verdict: 'unexplained', selections, rows: [], keyName, message });
}
