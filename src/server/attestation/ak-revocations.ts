// The revocation list of the attestation CA: made from the store when somebody asks, and kept until something more is revoked.
import { decodeHex, inPieces } from '../../core/encoding/index.ts';
import { encodeTbsCertList } from '../../core/issuance/index.ts';
import type { ServerConfig } from '../config/config.ts';
import { ServerError } from '../errors.ts';
import { ownTurn } from '../own-turn.ts';
import { signWithAuthority, type AttestationAuthority } from '../keys/attestation-authority.ts';
import { clockToleranceMs } from '../clock.ts';
import type { AkListRecord, RevokedAkCertificate, Store } from '../storage/index.ts';

export interface AkRevocationsOptions {
  readonly store: Pick<
    Store,
    'akRevocationRevision' | 'listRevokedAkCertificates' | 'findLastAkList' | 'replaceLastAkList'
  >;
  readonly config: Pick<ServerConfig, 'attestationCa'>;
  readonly now: () => Date;
}

export interface AkRevocations {
  /** DER of the list of one key of the CA. What was revoked before the call is in it.
   * @throws ServerError PKCS11_* when it must be signed anew and cannot be */
  current(authority: AttestationAuthority): Promise<Uint8Array>;
}

/** A list is made anew when it has to say something else, and after this share of its life. Anybody may ask for it: asking often must
 * mean neither signing often, nor reading often what may be some ten thousand rows. */
const share = 0.25;

interface SignedList {
  /** Of the store, before it was read. */
  readonly revision: number;
  readonly number: number;
  readonly signedAt: number;
  readonly der: Uint8Array;
}

interface Making {
  readonly revision: number;
  readonly list: Promise<SignedList>;
}

export function createAkRevocations({ store, config, now }: AkRevocationsOptions): AkRevocations {
  const lifeMs = config.attestationCa.crlHours * 3_600_000;
  const kept = new Map<string, SignedList>();
  const underWay = new Map<string, Making>();

  async function make(authority: AttestationAuthority, revision: number): Promise<SignedList> {
    const { number, at } = await numberList(authority.id, revision);
    const revoked = await store.listRevokedAkCertificates(authority.id, at);
    const der = await signList({ authority, number, revoked, at: new Date(at), lifeMs });
    const list = { revision, number, signedAt: at, der };
    kept.set(authority.id, list);
    return list;
  }

  /** Number and time of the list that is to be signed: those of the last one, by whichever server, where it would say the same. */
  async function numberList(id: string, revision: number): Promise<AkListRecord> {
    for (;;) {
      const last = await store.findLastAkList(id);
      const at = now().getTime();
      if (last !== undefined && last.revision >= revision && isYoung(last.at, at)) return last;
      const highest = Math.max(last?.number ?? 0, kept.get(id)?.number ?? 0);
      // Never lower than one that was given, also by a clock that was ahead: who keeps the highest would not take the others.
      const next = { number: Math.max(highest + 1, at), at, revision };
      try {
        if (await store.replaceLastAkList(id, last, next)) return next;
      } catch (error) {
        // A store that takes nothing keeps nobody from hearing what was revoked.
        if (!(error instanceof ServerError)) throw error;
        return next;
      }
    }
  }

  /** Servers that share a store have clocks of their own. */
  function isYoung(signedAt: number, at: number): boolean {
    return signedAt - at <= clockToleranceMs && at - signedAt < lifeMs * share;
  }

  /** All who ask meanwhile wait for the same. */
  function makeTogether(authority: AttestationAuthority, revision: number): Promise<SignedList> {
    const { id } = authority;
    const before = underWay.get(id);
    if (before?.revision === revision) return before.list;
    const list = make(authority, revision).finally(() => {
      if (underWay.get(id)?.list === list) underWay.delete(id);
    });
    underWay.set(id, { revision, list });
    return list;
  }

  return {
    current: async (authority) => {
      const revision = await store.akRevocationRevision();
      const before = kept.get(authority.id);
      const last = before?.revision === revision ? before : undefined;
      const age = last === undefined ? Infinity : now().getTime() - last.signedAt;
      if (last !== undefined && age < lifeMs * share) return last.der;
      try {
        return (await makeTogether(authority, revision)).der;
      } catch (error) {
        // It still says what is true; a list that leaves something out is never given.
        if (error instanceof ServerError && last !== undefined && age < lifeMs) return last.der;
        throw error;
      }
    },
  };
}

interface ListToSign {
  readonly authority: AttestationAuthority;
  readonly number: number;
  readonly revoked: readonly RevokedAkCertificate[];
  readonly at: Date;
  readonly lifeMs: number;
}

async function signList({ authority, number, revoked, at, lifeMs }: ListToSign): Promise<Uint8Array> {
  const { certificate, keyId, algorithm } = authority;
  const contents = {
    issuer: certificate.subjectDer,
    issuerSpki: certificate.spki,
    issuerKeyId: keyId,
    number,
    thisUpdate: at,
    nextUpdate: new Date(at.getTime() + lifeMs),
    revoked: revoked.map(({ serial, revokedAt, reason }) => {
      return { serial: decodeHex(serial), revokedAt: new Date(revokedAt), reason };
    }),
    algorithm,
  };
  return signWithAuthority(authority, await inPieces(encodeTbsCertList(contents), ownTurn));
}
