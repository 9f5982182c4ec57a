// Quotes among the vectors: signature, nonce, PCR digest.
import { decodeBase64, decodeHex } from '../../core/encoding/index.ts';
import { isHashAlgorithm, publicKeyFromPem, type PublicKey } from '../../core/crypto/index.ts';
import { AttestationError } from '../../core/error.ts';
import {
  observeStatement,
  parseAnyPublic,
  unwrapTpm2bAttest,
  type ClaimedPcrs,
  type SignatureEncoding,
} from '../../core/tpm/index.ts';
import { parseCertificate } from '../../core/x509/index.ts';
import { CliError } from '../errors.ts';
import { asRecord } from '../json.ts';
import { describeAttest } from './attest-in-words.ts';
import { compareSome, pick, type Observed, type Reading } from './observation.ts';
import { readVectorJson, type VectorCase, type Vectors } from './vectors.ts';

const compared = ['verdict', 'signature_valid', 'nonce_matches', 'pcr_digest_matches', 'attest'];

export const quoteReading: Reading = {
  observe: observeQuote,
  compare: (expect, observed) => compareSome(pick(expect, compared), observed),
};

/** Cryptography and binding only: whether the algorithms are strong enough is judged elsewhere. */
function observeQuote(vectors: Vectors, { file }: VectorCase): Observed {
  const bundle = readVectorJson(vectors, file);
  const observation = observeStatement({
    attest: unwrapTpm2bAttest(readBase64(bundle, 'attest_b64') ?? new Uint8Array()),
    signature: readBase64(bundle, 'signature_b64') ?? new Uint8Array(),
    signatureEncoding: readEncoding(bundle['signature_encoding']),
    publicKey: readKey(bundle),
    qualifyingData: readHex(bundle, 'expected_qualifying_data_hex'),
    pcrs: readPcrs(bundle['pcrs']),
  });
  const { attest, ...rest } = observation;
  return { ...rest, ...(attest ? { attest: describeAttest(attest) } : {}) };
}

function readEncoding(text: unknown): SignatureEncoding {
  if (text === undefined || text === 'TPMT_SIGNATURE') return { kind: 'tpmt' };
  const match = typeof text === 'string' ? /^(raw RSASSA|raw RSAPSS|raw ECDSA|DER ECDSA)\+(sha\d+)$/.exec(text) : null;
  const hash = match?.[2] ?? '';
  if (match === null || !isHashAlgorithm(hash)) {
    throw new CliError('CLI_INPUT_UNRECOGNISED', 'the bundle names an unknown signature encoding');
  }
  const kinds = {
    'raw RSASSA': 'raw-rsassa',
    'raw RSAPSS': 'raw-rsapss',
    'raw ECDSA': 'raw-ecdsa',
    'DER ECDSA': 'der-ecdsa',
  } as const;
  return { kind: kinds[match[1] as keyof typeof kinds], hash };
}

/** The key as it stands, else out of its public area or its certificate. */
function readKey(bundle: Readonly<Record<string, unknown>>): PublicKey | undefined {
  const ak = asRecord(bundle['ak']) ?? {};
  const pem = ak['spki_pem'];
  const [area, certificate] = [readBase64(ak, 'tpmt_public_b64'), readBase64(ak, 'certificate_der_b64')];
  try {
    if (typeof pem === 'string') return publicKeyFromPem(pem);
    if (area !== undefined) return parseAnyPublic(area).publicKey;
    return certificate && parseCertificate(certificate).publicKey;
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

function readPcrs(value: unknown): ClaimedPcrs | undefined {
  const banks = asRecord(value);
  if (banks === undefined) return undefined;
  return new Map(
    Object.entries(banks).flatMap(([bank, pcrs]) => {
      if (!isHashAlgorithm(bank)) return [];
      const values = Object.entries(asRecord(pcrs) ?? {}).map(([pcr, hex]) => {
        return [Number(pcr), decodeHex(typeof hex === 'string' ? hex : '')] as const;
      });
      return [[bank, new Map(values)] as const];
    }),
  );
}

function readBase64(bundle: Readonly<Record<string, unknown>>, name: string): Uint8Array | undefined {
  const text = bundle[name];
  return typeof text === 'string' ? decodeBase64(text) : undefined;
}

function readHex(bundle: Readonly<Record<string, unknown>>, name: string): Uint8Array | undefined {
  const text = bundle[name];
  return typeof text === 'string' ? decodeHex(text) : undefined;
}
