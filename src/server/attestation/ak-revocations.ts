// The revocation list of the attestation CA: made from the store when somebody asks, and kept while it says the same.
import { decodeHex } from '../../core/encoding/index.ts';
import { createCrl } from '../../core/x509/index.ts';
import type { ServerConfig } from '../config/config.ts';
import type { ServerKeys } from '../keys/server-keys.ts';
import type { Store } from '../storage/index.ts';

export interface AkRevocationsOptions {
  readonly store: Pick<Store, 'listRevokedAkCertificates'>;
  readonly keys: ServerKeys;
  readonly config: Pick<ServerConfig, 'attestationCa'>;
  readonly now: () => Date;
}

export interface AkRevocations {
  /** DER. What was revoked before the call is in it. */
  current(): Promise<Uint8Array>;
}

/** A list is signed anew when it has to say something else, and after this share of its life. Anybody may ask for it: asking
 * often must not mean signing often. */
const share = 0.25;

export function createAkRevocations({ store, keys, config, now }: AkRevocationsOptions): AkRevocations {
  let kept: { readonly says: string; readonly until: number; readonly der: Uint8Array } | undefined;
  return {
    current: async () => {
      const at = now();
      const revoked = await store.listRevokedAkCertificates(at.getTime());
      const says = JSON.stringify(revoked);
      if (kept?.says !== says || at.getTime() >= kept.until) {
        const lifeMs = config.attestationCa.crlHours * 3_600_000;
        const { certificate, keyId, algorithm, sign } = keys.authority;
        const der = createCrl({
          issuer: certificate.subjectDer,
          issuerSpki: certificate.spki,
          issuerKeyId: keyId,
          // Rises with every list, also over a restart and between replicas: the clock never goes back.
          number: at.getTime(),
          thisUpdate: at,
          nextUpdate: new Date(at.getTime() + lifeMs),
          revoked: revoked.map(({ serial, revokedAt, reason }) => {
            return { serial: decodeHex(serial), revokedAt: new Date(revokedAt), reason };
          }),
          algorithm,
          sign,
        });
        kept = { says, until: at.getTime() + lifeMs * share, der };
      }
      return kept.der;
    },
  };
}
