// `touchstone inspect quote`: what an attestation statement of a TPM says.
import type { PublicKey } from '../../core/crypto/index.ts';
import { encodeHex, printable } from '../../core/encoding/index.ts';
import {
  attributeBits,
  nameOf,
  observeStatement,
  parseAttest,
  parseSignature,
  type ClaimedAttest,
  type StatementObservation,
} from '../../core/tpm/index.ts';
import { misuse } from '../errors.ts';
import { parseInput } from '../files.ts';
import { toJson } from '../json.ts';
import { parsePcrInput, selectPcrs } from '../inputs/pcr-input.ts';
import { readAttest, readPublic, signatureEncodingOf, type PublicInput } from '../inputs/quote-input.ts';
import type { Report } from '../report.ts';
import { formatFacts, formatRanges } from '../table.ts';
import type { Paper } from '../terminal.ts';

export interface InspectQuoteOptions {
  readonly signature?: string;
  readonly public?: string;
  readonly pcrs?: string;
}

type Fact = readonly [string, string | undefined];

/** @throws CliError CLI_FILE_*, CLI_INPUT_UNRECOGNISED; AttestationError of the structures */
export function inspectQuote(file: string, options: InspectQuoteOptions): Report {
  if (options.pcrs !== undefined && options.signature === undefined)
    throw misuse('--pcrs are held against the digest that --signature signs: give both');
  const bytes = parseInput(file, readAttest);
  const attest = parseAttest(bytes);
  const key = options.public === undefined ? undefined : parseInput(options.public, readPublic);
  const claimed = options.pcrs === undefined ? undefined : parseInput(options.pcrs, parsePcrInput);
  const pcrs = claimed && attest.type === 'quote' ? selectPcrs(claimed, attest.selections) : claimed;
  const publicKey = key?.kind === 'tpm' ? key.area.publicKey : key?.key;
  const signed =
    options.signature === undefined
      ? undefined
      : parseInput(options.signature, (found) => readSignature(found, publicKey));
  const observation =
    signed && observeStatement({ ...signed, attest: bytes, publicKey, qualifyingData: undefined, pcrs });
  return {
    data: {
      attest: toJson(attest),
      key: key && describeKey(key),
      signature: signed?.claimed && toJson(signed.claimed),
      signatureValid: observation?.signature_valid,
      pcrDigestMatches: observation?.pcr_digest_matches,
    },
    lines: (paper) =>
      formatFacts(paper, [...attestFacts(attest), ...(key ? keyFacts(key) : []), ...observedFacts(paper, observation)]),
  };
}

/** Without a key it has to say itself how it is written. */
function readSignature(signature: Uint8Array, key: PublicKey | undefined) {
  if (key !== undefined) return { signature, signatureEncoding: signatureEncodingOf(signature, key) };
  return { signature, signatureEncoding: { kind: 'tpmt' } as const, claimed: parseSignature(signature) };
}

function attestFacts(attest: ClaimedAttest): readonly Fact[] {
  const { clock } = attest;
  return [
    ['type', attest.type],
    ['qualifying data', encodeHex(attest.extraData) || '(empty)'],
    ['qualified signer', encodeHex(attest.qualifiedSigner)],
    ['clock', `${clock.clockMs} ms powered${clock.safe ? '' : ', may go back after a power cut (not safe)'}`],
    ['boots', `${clock.resetCount} resets, ${clock.restartCount} restarts (offset by a constant of the key)`],
    ['firmware version', `0x${attest.firmwareVersion.toString(16).padStart(16, '0')}`],
    ...bodyFacts(attest),
  ];
}

function bodyFacts(attest: ClaimedAttest): readonly Fact[] {
  switch (attest.type) {
    case 'quote':
      return [
        ...attest.selections.map(({ bank, pcrs }): Fact => ['PCRs quoted', `${bank}: ${formatRanges(pcrs) || 'none'}`]),
        ['PCR digest', encodeHex(attest.pcrDigest)],
      ];
    case 'certify':
      return [['certified name', encodeHex(attest.name)]];
    case 'creation':
      return [
        ['created object', encodeHex(attest.objectName)],
        ['creation hash', encodeHex(attest.creationHash)],
      ];
    default:
      return [];
  }
}

function describeKey(key: PublicInput): unknown {
  if (key.kind === 'bare') return { type: key.key.type, bits: key.key.bits, attributes: null };
  const { area } = key;
  return {
    type: area.type,
    scheme: area.scheme,
    attributes: attributesOf(area.attributes),
    name: encodeHex(nameOf(area)),
  };
}

function keyFacts(key: PublicInput): readonly Fact[] {
  if (key.kind === 'bare') {
    return [['key', `${key.key.type} ${key.key.bits} bits, attributes unknown (a bare public key)`]];
  }
  const { area } = key;
  return [
    [
      'key',
      `${area.type}, ${area.scheme?.kind ?? 'scheme chosen per signature'}, ${attributesOf(area.attributes).join(' ')}`,
    ],
    ['key name', encodeHex(nameOf(area))],
  ];
}

function attributesOf(attributes: number): string[] {
  return Object.entries(attributeBits)
    .filter(([, bit]) => (attributes & bit) !== 0)
    .map(([name]) => name);
}

function observedFacts(paper: Paper, observation: StatementObservation | undefined): readonly Fact[] {
  const say = (value: boolean | undefined, yes: string, no: string) =>
    value === undefined ? undefined : value ? paper.tone('good', yes) : paper.tone('bad', no);
  return [
    [
      'signature',
      say(observation?.signature_valid, 'verifies with the given key', 'does not verify with the given key'),
    ],
    ['PCR values', say(observation?.pcr_digest_matches, 'give the signed digest', 'do not give the signed digest')],
    ...(observation?.reasons ?? []).map((reason): Fact => ['note', printable(reason)]),
  ];
}
