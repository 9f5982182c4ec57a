// Signers made at run time, statements, envelopes, and boots on paper for the tests of golden measurements.
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { encodeDsseEnvelope, encodeUtf8, preAuthEncoding } from '../../../src/core/encoding/index.ts';
import { hash, publicKeyFromHandle, type HashAlgorithm } from '../../../src/core/crypto/index.ts';
import type { BoundEvent, Layer, PcrStatus, ReplayedLog } from '../../../src/core/event-log/index.ts';
import {
  encodeGoldenStatement,
  goldenPayloadType,
  signerKeyId,
  verifyGolden,
  type ApprovedGolden,
  type AuthorisedSigner,
  type ExpectedEvent,
  type GoldenStatement,
} from '../../../src/core/golden/index.ts';

export const noon = new Date('2026-11-25T12:00:00Z');

export interface TestSigner extends AuthorisedSigner {
  readonly privateKey: KeyObject;
}

export type SignerKind = 'ed25519' | 'p256' | 'p384' | 'p521' | 'rsa2048' | 'rsa3072';

export function createSigner(name: string, kind: SignerKind = 'ed25519', layers?: readonly Layer[]): TestSigner {
  const { privateKey } = generateKeyPair(kind);
  const publicKey = publicKeyFromHandle(privateKey);
  return { name, privateKey, publicKey, ...(layers === undefined ? {} : { layers }) };
}

function generateKeyPair(kind: SignerKind): { readonly privateKey: KeyObject } {
  switch (kind) {
    case 'ed25519':
      return generateKeyPairSync('ed25519');
    case 'p256':
      return generateKeyPairSync('ec', { namedCurve: 'P-256' });
    case 'p384':
      return generateKeyPairSync('ec', { namedCurve: 'P-384' });
    case 'p521':
      return generateKeyPairSync('ec', { namedCurve: 'P-521' });
    case 'rsa2048':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
    case 'rsa3072':
      return generateKeyPairSync('rsa', { modulusLength: 3072 });
  }
}

/** The DSSE signature of one signer over a payload. */
export function signPayload(payload: Uint8Array, { privateKey }: TestSigner, type = goldenPayloadType): Uint8Array {
  const digest = { ed25519: null, rsa: 'sha256' }[privateKey.asymmetricKeyType as string];
  const curve = privateKey.asymmetricKeyDetails?.namedCurve;
  const algorithm = digest === undefined ? (curve === 'secp384r1' ? 'sha384' : 'sha256') : digest;
  return new Uint8Array(sign(algorithm, preAuthEncoding(type, payload), privateKey));
}

/** An envelope of the payload with the signatures of `signers`. */
export function sealPayload(payload: Uint8Array, signers: readonly TestSigner[]): Uint8Array {
  const signatures = signers.map((signer) => ({
    keyid: signerKeyId(signer.publicKey),
    sig: signPayload(payload, signer),
  }));
  return encodeDsseEnvelope({ payloadType: goldenPayloadType, payload, signatures });
}

const approver = createSigner('approver');

/** An approved golden measurement, through the front door. */
export function approve(statement: GoldenStatement): ApprovedGolden {
  const envelope = sealPayload(encodeGoldenStatement(statement), [approver]);
  const at = statement.notBefore ?? new Date('2020-01-01T00:00:00Z');
  return verifyGolden(envelope, { signers: [approver], quorum: 1, at });
}

export function digestOf(text: string, bank: HashAlgorithm = 'sha256'): Uint8Array {
  return hash(bank, encodeUtf8(text));
}

export function expectEvent(pcr: number, text: string, description = text): ExpectedEvent {
  return { pcr, digests: new Map([['sha256', digestOf(text)]]), description };
}

export function statementOf(
  layer: Layer,
  events: readonly ExpectedEvent[],
  more: Partial<GoldenStatement> = {},
): GoldenStatement {
  return { layer, subjects: [{ name: `${layer} image`, sha256: digestOf(layer) }], events, pcrs: [], ...more };
}

export interface PaperEvent extends Partial<BoundEvent> {
  readonly pcr: number;
  readonly text: string;
  readonly layer: Layer | undefined;
}

export interface PaperBoot {
  readonly statuses?: ReadonlyMap<number, PcrStatus>;
  readonly attested?: ReadonlyMap<number, Uint8Array>;
  readonly missing?: readonly number[];
}

/** A proven log as `verifyEventLog` would give it. Only tests may make one. */
export function paperLog(events: readonly PaperEvent[], boot: PaperBoot = {}): ReplayedLog {
  const used = new Set(events.map(({ pcr }) => pcr));
  const pcrs = new Map<number, PcrStatus>();
  const attested = new Map<number, Uint8Array>();
  for (let pcr = 0; pcr < 16; pcr += 1) {
    if (boot.missing?.includes(pcr)) continue;
    pcrs.set(pcr, boot.statuses?.get(pcr) ?? (used.has(pcr) ? 'bound' : 'unlogged'));
    attested.set(pcr, boot.attested?.get(pcr) ?? (used.has(pcr) ? digestOf(`pcr ${pcr}`) : new Uint8Array(32)));
  }
  return {
    bank: 'sha256',
    registers: 'tpm',
    startupLocality: undefined,
    quirks: [],
    pcrs,
    attested,
    replayed: attested,
    events: events.map((event, index) => boundEvent(event, index)).filter(({ pcr }) => pcrs.get(pcr) === 'bound'),
  } as unknown as ReplayedLog;
}

function boundEvent({ text, ...event }: PaperEvent, index: number): BoundEvent {
  return {
    index,
    digest: { alg: 'sha256', value: digestOf(text) },
    dataBound: true,
    description: text,
    untrustedType: 13,
    untrustedTypeName: 'EV_IPL',
    ...event,
  };
}
