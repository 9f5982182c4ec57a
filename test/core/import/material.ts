// Statements and bundles as other tools write them.
import { encodeDsseEnvelope, encodeBase64, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { publicKeyFromHandle, type VerificationKey } from '../../../src/core/crypto/index.ts';
import { goldenPayloadType } from '../../../src/core/golden/index.ts';
import { runtimeFilesType } from '../../../src/core/import/in-toto.ts';
import type { TestKey } from '../../support/pki.ts';
import { signPayload, type TestSigner } from '../golden/material.ts';

/** A key as an operator names it. */
export function named(kid: string, { publicKey }: Pick<TestKey, 'publicKey'>): VerificationKey {
  return { kid, alg: 'ES256', publicKey: publicKeyFromHandle(publicKey) };
}

export function namedSigner({ name, publicKey }: TestSigner): VerificationKey {
  return { kid: name, alg: 'ES256', publicKey };
}

/** What `cosign attest-blob --type URI` makes of files: subjects by digest, of an earlier version of in-toto. */
export function filesStatement(files: Readonly<Record<string, string>>, more: object = {}): Uint8Array {
  const subject = Object.entries(files).map(([name, sha256]) => ({ name, digest: { sha256 } }));
  const head = { _type: 'https://in-toto.io/Statement/v0.1', predicateType: runtimeFilesType, subject, predicate: {} };
  return encodeUtf8(JSON.stringify({ ...head, ...more }));
}

/** An envelope of any payload type, signed by `signers`. */
export function sealed(
  payload: Uint8Array,
  signers: readonly TestSigner[],
  payloadType = goldenPayloadType,
): Uint8Array {
  const signatures = signers.map((signer) => ({ keyid: 'any hint', sig: signPayload(payload, signer, payloadType) }));
  return encodeDsseEnvelope({ payloadType, payload, signatures });
}

/** A sigstore bundle signed with a key, as `cosign attest-blob --key --new-bundle-format` writes it. `more` replaces parts. */
export function sigstoreBundle(
  payload: Uint8Array,
  signer: TestSigner,
  more: object = {},
  material: object = {},
): Uint8Array {
  return encodeUtf8(
    JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { publicKey: { hint: 'hint' }, tlogEntries: [], ...material },
      dsseEnvelope: {
        payload: encodeBase64(payload),
        payloadType: goldenPayloadType,
        signatures: [{ sig: encodeBase64(signPayload(payload, signer)), keyid: '' }],
      },
      ...more,
    }),
  );
}
