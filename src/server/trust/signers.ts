// Who may approve golden measurements.
import { publicKeyFromPem } from '../../core/crypto/index.ts';
import { signerKeyId, signerScheme } from '../../core/golden/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { SignerRecord } from '../storage/index.ts';

export interface SignerRequest {
  readonly name: string;
  readonly publicKeyPem: string;
  readonly layers: readonly string[] | undefined;
}

/** @throws ServerError SIGNERS_LOCKED, SIGNER_EXISTS, SIGNER_KEY_UNSUITABLE; VerificationError CRYPTO_KEY_INVALID */
export async function addSigner(context: ServerContext, request: SignerRequest, actor: string): Promise<SignerRecord> {
  if (context.config.lockSigners) throw new ServerError('SIGNERS_LOCKED');
  // `createPublicKey` would take a private key too, and we would then keep it.
  if (/PRIVATE KEY/.test(request.publicKeyPem)) {
    throw new ServerError(
      'SIGNER_KEY_UNSUITABLE',
      'this is a private key: keep it to yourself and send the public key',
    );
  }
  const key = publicKeyFromPem(request.publicKeyPem);
  if (signerScheme(key) === undefined) throw new ServerError('SIGNER_KEY_UNSUITABLE');
  const at = context.now().getTime();
  const signer: SignerRecord = {
    keyid: signerKeyId(key),
    name: request.name,
    publicKeyPem: key.handle.export({ type: 'spki', format: 'pem' }).toString(),
    layers: request.layers,
    createdAt: at,
  };
  const isNew = await context.store.addSigner(signer, {
    at,
    actor,
    action: 'signer.added',
    subject: signer.name,
    details: { keyid: signer.keyid, layers: signer.layers ?? null },
  });
  if (!isNew) throw new ServerError('SIGNER_EXISTS');
  return signer;
}
