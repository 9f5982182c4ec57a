// A TPM on paper: an endorsement key, an attestation key that is a primary of the endorsement hierarchy (as the agent's
// is), PCRs, a clock, and the three things a host asks of it: extend, quote, activate.
import { constants, privateDecrypt } from 'node:crypto';
import { encodeUnsigned, encodeUtf8, leftPad } from '../core/encoding/index.ts';
import { agreeEcdh, digestSizes, hash, type HashAlgorithm } from '../core/crypto/index.ts';
import { untouchedValue } from '../core/event-log/index.ts';
import {
  akTemplate,
  ekTemplates,
  encodePublic,
  encodeTpm2bPublic,
  hierarchyHandles,
  kdfe,
  nameOf,
  openCredential,
  qualifiedNameOf,
  type ClockInfo,
  type PcrValues,
  type PublicArea,
} from '../core/tpm/index.ts';
import { createPaperKey, type PaperKey, type PaperKeyType } from './paper-key.ts';

export interface PaperTpmOptions {
  readonly seed: string;
  readonly ekType: PaperKeyType;
  readonly akType: PaperKeyType;
  readonly banks: readonly HashAlgorithm[];
  /** Attribute bits taken from the attestation key's template. */
  readonly akWithout: number;
  /** How often it was switched on before. */
  readonly earlierBoots: number;
}

export interface PaperTpm {
  readonly ek: PaperKey;
  readonly ak: PaperKey;
  readonly ekPublic: Uint8Array;
  readonly akPublic: Uint8Array;
  readonly akName: Uint8Array;
  readonly qualifiedSigner: Uint8Array;
  readonly banks: readonly HashAlgorithm[];
  /** Begins a new boot: PCRs as after power-up. `locality` is what PCR 0 starts from. */
  powerCycle(locality: number): void;
  extend(pcr: number, digests: ReadonlyMap<HashAlgorithm, Uint8Array>): void;
  /** Writes a value that many extends led to. */
  set(pcr: number, bank: HashAlgorithm, value: Uint8Array): void;
  read(bank: HashAlgorithm): PcrValues;
  /** The clock as a statement made now shows it; no two statements show the same time. */
  tick(): ClockInfo;
  /** TPM2_ActivateCredential.
   * @throws VerificationError TPM_CREDENTIAL_INTEGRITY_INVALID; MalformedError TPM_STRUCTURE_* */
  activate(credentialBlob: Uint8Array, encryptedSecret: Uint8Array): Uint8Array;
}

/** What its clock shows of each boot before. */
const earlierBootMs = 1_000_000n;

export function createPaperTpm(options: PaperTpmOptions): PaperTpm {
  const ek = createPaperKey(options.ekType, options.seed, 'endorsement key');
  const ak = createPaperKey(options.akType, options.seed, 'attestation key');
  const ekArea = withKey(ekTemplate(options.ekType), ek);
  const template = akTemplate(options.akType);
  const akArea = withKey({ ...template, attributes: template.attributes & ~options.akWithout }, ak);
  const akName = nameOf({ nameAlg: akArea.nameAlg, bytes: encodePublic(akArea) });
  const pcrs = new Map<HashAlgorithm, Map<number, Uint8Array>>();
  let clockMs = BigInt(options.earlierBoots) * earlierBootMs;
  let resetCount = options.earlierBoots;

  return {
    ek,
    ak,
    ekPublic: encodeTpm2bPublic(ekArea),
    akPublic: encodeTpm2bPublic(akArea),
    akName,
    qualifiedSigner: qualifiedNameOf(encodeUnsigned(hierarchyHandles.endorsement, 4), akName),
    banks: options.banks,
    powerCycle(locality) {
      resetCount += 1;
      clockMs += 30_000n;
      for (const bank of options.banks) pcrs.set(bank, powerUpValues(bank, locality));
    },
    extend(pcr, digests) {
      for (const [bank, digest] of digests) {
        const values = pcrs.get(bank);
        const value = values?.get(pcr);
        if (value !== undefined) values?.set(pcr, hash(bank, value, digest));
      }
    },
    set: (pcr, bank, value) => void pcrs.get(bank)?.set(pcr, value),
    read: (bank) => new Map(pcrs.get(bank)),
    tick() {
      clockMs += 1000n;
      return { clockMs, resetCount, restartCount: 0, safe: true };
    },
    activate: (credentialBlob, encryptedSecret) =>
      openCredential(
        { nameAlg: 'sha256', symmetricBits: 128, seed: recoverSeed(ek, encryptedSecret), akName },
        credentialBlob,
      ),
  };
}

/** PCRs 0 to 16 and 23 start at zero, 17 to 22 at all ones; PCR 0 ends in the locality of TPM2_Startup. [TCG-PTP §4.6] */
function powerUpValues(bank: HashAlgorithm, locality: number): Map<number, Uint8Array> {
  const values = new Map<number, Uint8Array>();
  for (let pcr = 0; pcr < 24; pcr += 1) {
    values.set(pcr, untouchedValue(pcr, bank));
  }
  values.get(0)?.set([locality], digestSizes[bank] - 1);
  return values;
}

function ekTemplate(type: PaperKeyType): PublicArea {
  const template = ekTemplates.find(({ id }) => id === (type === 'rsa' ? 'L-1' : 'L-2'));
  if (template === undefined) throw new TypeError(`no EK template for ${type}`);
  return template.area;
}

function withKey(area: PublicArea, { unique }: PaperKey): PublicArea {
  if (area.type === 'rsa' && 'modulus' in unique) return { ...area, modulus: unique.modulus };
  if (area.type === 'ecc' && 'x' in unique) return { ...area, x: unique.x, y: unique.y };
  throw new TypeError('template and key are of different types');
}

/** The seed that the server encrypted to this endorsement key. [TPM2-P1 §B.10.4, §C.6.3] */
function recoverSeed(ek: PaperKey, encryptedSecret: Uint8Array): Uint8Array {
  const secret = encryptedSecret.subarray(2);
  if (!('x' in ek.unique)) return decryptSeed(ek, secret);
  const { x, y } = splitPoint(secret);
  const { d } = ek.privateKey.export({ format: 'jwk' });
  const agreement = agreeEcdh('P-256', new Uint8Array(Buffer.from(d ?? '', 'base64url')), { x, y });
  if (agreement === undefined) throw new TypeError('the endorsement key is zero');
  const contexts = { contextU: leftPad(x, 32), contextV: leftPad(ek.unique.x, 32) };
  return kdfe({ hash: 'sha256', key: agreement.sharedX, label: 'IDENTITY', ...contexts, bits: 256 });
}

function decryptSeed(ek: PaperKey, secret: Uint8Array): Uint8Array {
  const padding = {
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: 'sha256',
    oaepLabel: encodeUtf8('IDENTITY\0'),
  };
  return new Uint8Array(privateDecrypt({ key: ek.privateKey, ...padding }, secret));
}

/** TPMS_ECC_POINT. */
function splitPoint(point: Uint8Array): { readonly x: Uint8Array; readonly y: Uint8Array } {
  const xLength = new DataView(point.buffer, point.byteOffset).getUint16(0);
  return { x: point.subarray(2, 2 + xLength), y: point.subarray(4 + xLength) };
}
