// Before a folder is taken over: each file that the server lacks has a signature that counts there.
import type { ApiClient } from '../../api/index.ts';
import { publicKeyFromPem } from '../../core/crypto/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { countSignatures, type AuthorisedSigner, type ClaimedGolden } from '../../core/golden/index.ts';
import { CliError } from '../errors.ts';

export interface ProposedEnvelope {
  readonly file: string;
  readonly golden: ClaimedGolden;
}

/** A file that was edited after it was signed is one of these. The server refuses the same; here it is known before the first
 * step is taken, and by a trial run too.
 * @throws CliError CLI_SIGNATURE_UNKNOWN */
export async function refuseUnsigned(client: ApiClient, proposed: readonly ProposedEnvelope[]): Promise<void> {
  if (proposed.length === 0) return;
  const signers = await readSigners(client);
  const unsigned = proposed.filter(({ golden }) => countSignatures(golden, signers).length === 0);
  if (unsigned.length === 0) return;
  const files = unsigned.map(({ file }) => printable(file)).join(', ');
  throw new CliError('CLI_SIGNATURE_UNKNOWN', `no signer of the server signed ${files}: nothing was done`);
}

/** Those whose signatures count on the server. */
export async function readSigners(client: ApiClient): Promise<readonly AuthorisedSigner[]> {
  const { items } = await client.call('listSigners', {});
  return items.map(({ name, publicKeyPem, layers }): AuthorisedSigner => {
    return { name, publicKey: publicKeyFromPem(publicKeyPem), ...(layers === undefined ? {} : { layers }) };
  });
}
