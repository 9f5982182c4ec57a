// Signers and trust anchors, as people name them.
import type { ApiClient, JsonAnswerOf } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { CliError } from '../errors.ts';
import type { IdKind } from './short-id.ts';

export function anchorKind(client: ApiClient): IdKind {
  return {
    what: 'trust anchor',
    scheme: '',
    listing: 'touchstone trust-anchor list',
    list: async () => (await client.call('listTrustAnchors', {})).items.map(({ id }) => id),
  };
}

/** `readLists`: those that there are. */
export function revocationListKind(readLists: () => Promise<readonly { readonly id: string }[]>): IdKind {
  return {
    what: 'revocation list',
    scheme: '',
    listing: 'touchstone crl list',
    list: async () => (await readLists()).map(({ id }) => id),
  };
}

type Signer = JsonAnswerOf<'listSigners'>['items'][number];

/** By the id of a key, or by the name of a person who has one key.
 * @throws CliError CLI_ID_UNKNOWN, CLI_ID_AMBIGUOUS */
export async function findSigner(client: ApiClient, typed: string): Promise<Signer> {
  const { items } = await client.call('listSigners', {});
  const found = items.filter(({ name, keyid }) => keyid === typed || name === typed);
  const [only] = found;
  if (only === undefined) {
    const message = `no signer is called ${printable(typed, 80)}: see 'touchstone signer list'`;
    throw new CliError('CLI_ID_UNKNOWN', message);
  }
  if (found.length === 1) return only;
  const keys = found.map(({ keyid }) => keyid).join(', ');
  throw new CliError('CLI_ID_AMBIGUOUS', `${printable(typed, 80)} has several keys: ${keys}`);
}
