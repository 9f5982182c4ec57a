// What operators do to hosts.
import { printable } from '../../core/encoding/index.ts';
import { holdVerdict, type HeldVerdict } from '../attestation/host-verdict.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { HostRecord, Labels } from '../storage/index.ts';

export interface HostView {
  readonly host: HostRecord;
  readonly held: HeldVerdict;
}

/** @throws ServerError HOST_NOT_FOUND */
export async function viewHost({ store, now }: ServerContext, id: string): Promise<HostView> {
  const host = await store.findHost(id);
  if (host === undefined) throw new ServerError('HOST_NOT_FOUND', `no host ${id}`);
  return { host, held: holdVerdict(host, await store.findVerdict(id), now()) };
}

/** @throws ServerError HOST_NOT_FOUND */
export async function setLabels(
  context: ServerContext,
  { id, labels, actor }: { readonly id: string; readonly labels: Labels; readonly actor: string },
): Promise<HostView> {
  const at = context.now().getTime();
  const details = { labels: JSON.stringify(labels) };
  const isKnown = await context.store.setHostLabels(id, labels, {
    at,
    actor,
    action: 'host.labelled',
    subject: id,
    details,
  });
  if (!isKnown) throw new ServerError('HOST_NOT_FOUND', `no host ${id}`);
  return viewHost(context, id);
}

/** @throws ServerError HOST_NOT_FOUND, HOST_RELEASED */
export async function releaseHost(
  context: ServerContext,
  { id, reason, actor }: { readonly id: string; readonly reason: string; readonly actor: string },
): Promise<HostView> {
  const at = context.now().getTime();
  const details = { reason: printable(reason, 1024) };
  const isDone = await context.store.releaseHost(id, { at, actor, action: 'host.released', subject: id, details });
  const view = await viewHost(context, id);
  if (!isDone) throw new ServerError('HOST_RELEASED');
  return view;
}
