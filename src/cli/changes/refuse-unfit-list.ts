// Before a deny list is shown to the fleet: whether the server would take it at all, by its signatures and its version.
import type { ApiClient } from '../../api/index.ts';
import { verifyDenyList, type ClaimedDenyList } from '../../core/deny/index.ts';
import { encodeUtf8, printable } from '../../core/encoding/index.ts';
import { CliError, RefusedError } from '../errors.ts';
import { envelopeText, wireEnvelope } from '../inputs/signed-file.ts';
import { readSigners } from './refuse-unsigned.ts';

export interface NamedList extends ClaimedDenyList {
  /** The file. */
  readonly name: string;
}

/** @throws CliError CLI_SIGNATURE_UNKNOWN */
export function refuseNeverSigned(lists: readonly NamedList[]): void {
  const unsigned = lists.filter(({ signatures }) => signatures.length === 0);
  if (unsigned.length === 0) return;
  const files = unsigned.map(({ name }) => printable(name)).join(', ');
  const message = `nobody has signed ${files} yet (an envelope lies beside it once somebody has): nothing was done`;
  throw new CliError('CLI_SIGNATURE_UNKNOWN', message);
}

/** What the server would refuse, after it had looked at the whole fleet for it.
 * @throws VerificationError DENY_LIST_QUORUM_NOT_REACHED; RefusedError DENY_LIST_OUTDATED */
export async function refuseUnfit(client: ApiClient, lists: readonly NamedList[]): Promise<void> {
  const signers = await readSigners(client);
  const quorum = await readQuorum(client);
  const { items: known } = await client.call('listDenyLists', {});
  for (const list of lists) {
    verifyDenyList(encodeUtf8(envelopeText(wireEnvelope(list))), { signers, quorum });
    const { name, version } = list.untrustedList;
    const before = known.find((each) => each.name === name);
    if (before === undefined || before.version < version) continue;
    throw new RefusedError('DENY_LIST_OUTDATED', `version ${before.version} of ${name} was imported already`, {
      remedy: 'Issue the list again with a higher version and have it signed, or import the newest issue.',
    });
  }
}

/** As each golden measurement says it; while there is none, one signature that counts is all that can be asked for here. */
async function readQuorum(client: ApiClient): Promise<number> {
  const { items } = await client.call('listGoldenMeasurements', { query: { limit: 1 } });
  return items[0]?.quorum ?? 1;
}
