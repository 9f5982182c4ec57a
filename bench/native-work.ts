// The floor of a full verification: the same cryptography over the same bytes by node:crypto, with nothing around it that
// could be left out. One pass over the log with an offset, no object for an event, no text, no error, no explanation: not a
// verifier, the least that any verifier must do.
import { hash, verify, type KeyObject } from 'node:crypto';
import type { Case } from './evidence.ts';
import { attestOffsets } from './attest-offsets.ts';

export interface NativeInput {
  readonly attest: Buffer;
  readonly signature: Buffer;
  readonly key: KeyObject;
  readonly qualifyingData: Buffer;
  /** Quoted values in the order of the selection. */
  readonly values: readonly Buffer[];
  readonly pcrs: readonly number[];
  readonly log: Buffer;
  readonly logDigest: string;
  /** Approved digests, one character for each byte. */
  readonly golden: ReadonlySet<string>;
}

export function nativeInput({ evidence, trust, policy }: Case): NativeInput {
  const { publicKey } = trust.host.attestationKey.public;
  const values = [...(evidence.pcrs.get(policy.bank) ?? [])].sort(([left], [right]) => left - right);
  const digests = trust.goldens.flatMap(({ statement }) =>
    statement.events.map((event) => event.digests.get('sha256')),
  );
  const { signature } = evidence;
  const log = Buffer.from(evidence.eventLog ?? []);
  return {
    attest: Buffer.from(evidence.attest),
    // TPMT_SIGNATURE: scheme, hash, then size and bytes: one of them for RSA, r and s for ECDSA.
    signature:
      publicKey.type === 'rsa'
        ? Buffer.from(signature.subarray(6))
        : Buffer.concat([signature.subarray(6, 38), signature.subarray(40, 72)]),
    key: publicKey.handle,
    qualifyingData: Buffer.from(trust.qualifyingData),
    pcrs: values.map(([pcr]) => pcr),
    values: values.map(([, value]) => Buffer.from(value)),
    log,
    logDigest: hash('sha256', log, 'hex'),
    golden: new Set(digests.map((digest) => Buffer.from(digest ?? []).toString('latin1'))),
  };
}

const digestSize = 32;

/** Signature, nonce, PCR digest; then parse, replay of the quoted bank, digest of each event's data, look-up of each digest; and the
 * digest of the log, by which a verdict names it. */
export function nativeWork(input: NativeInput): number {
  nativeQuote(input);
  if (hash('sha256', input.log, 'hex') !== input.logDigest) throw new TypeError('the floor does not name the log');
  const registers = new Array<string>(24).fill('\0'.repeat(digestSize));
  const found = nativeLog(input, registers);
  for (const [position, pcr] of input.pcrs.entries()) {
    if (registers[pcr] !== input.values[position]?.toString('latin1')) throw new TypeError('the floor does not replay');
  }
  return found;
}

/** The signature alone, as one call of `crypto.verify`. */
export function nativeSignature({ attest, signature, key }: NativeInput): boolean {
  return verify('sha256', attest, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

function nativeQuote(input: NativeInput): void {
  const { attest, qualifyingData, values } = input;
  const { extraData, pcrDigest } = attestOffsets(attest);
  const isFresh = attest.subarray(extraData, extraData + qualifyingData.length).equals(qualifyingData);
  const digest = hash('sha256', Buffer.concat(values), 'binary');
  const isSigned = digest === attest.toString('latin1', pcrDigest, pcrDigest + digestSize);
  if (!nativeSignature(input) || !isFresh || !isSigned) throw new TypeError('the floor does not verify');
}

const scratch = Buffer.alloc(2 * digestSize);

/** Crypto-agile records with a SHA-1 and a SHA-256 digest each. */
function nativeLog({ log, golden }: NativeInput, registers: string[]): number {
  let found = 0;
  let at = 32 + log.readUInt32LE(28);
  while (at < log.length) {
    const pcr = log.readUInt32LE(at);
    const digest = at + 12 + 2 + 20 + 2;
    const size = log.readUInt32LE(digest + digestSize);
    const data = digest + digestSize + 4;
    scratch.write(registers[pcr] ?? '', 'latin1');
    log.copy(scratch, digestSize, digest, digest + digestSize);
    registers[pcr] = hash('sha256', scratch, 'binary');
    const measured = log.toString('latin1', digest, digest + digestSize);
    if (hash('sha256', log.subarray(data, data + size), 'binary') === measured) found += 1;
    if (golden.has(measured)) found += 1;
    at = data + size;
  }
  return found;
}
