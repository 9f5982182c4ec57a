// What operators do to hosts.
import { printable } from '../../core/encoding/index.ts';
import type { HeldVerdict } from '../attestation/host-verdict.ts';
import { openView } from '../attestation/view-verdict.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { readStored } from '../outage/trust-reads.ts';
import type { BindingEnd, HostRecord, Labels } from '../storage/index.ts';

export interface HostView {
  readonly host: HostRecord;
  readonly held: HeldVerdict;
}

/** @throws ServerError HOST_NOT_FOUND */
export async function viewHost(context: ServerContext, id: string): Promise<HostView> {
  const reads = readStored(context.store);
  const standing = await reads.findStanding(id);
  if (standing === undefined) throw new ServerError('HOST_NOT_FOUND', `no host ${id}`);
  const { host, hold } = await openView({ ...context, reads }, standing);
  return { host, held: hold(context.now()) };
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

export interface HostEnding {
  readonly id: string;
  readonly reason: string;
  readonly actor: string;
}

/** The name may be enrolled again by any TPM that no other host ever had.
 * @throws ServerError HOST_NOT_FOUND, HOST_RELEASED */
export function releaseHost(context: ServerContext, ending: HostEnding): Promise<HostView> {
  return endBinding(context, ending, { kind: 'released', until: undefined, action: 'host.released' });
}

/** The host is to come back with a new TPM, once, within the time. The old one never enrols again.
 * @throws ServerError HOST_NOT_FOUND, HOST_RETIRED */
export function replaceTpm(
  context: ServerContext,
  { expiresInSeconds, ...ending }: HostEnding & { readonly expiresInSeconds: number },
): Promise<HostView> {
  const until = context.now().getTime() + expiresInSeconds * 1000;
  return endBinding(context, ending, { kind: 'replacing', until, action: 'host.tpm-replaced' });
}

/** Neither name nor TPM is ever enrolled again.
 * @throws ServerError HOST_NOT_FOUND, HOST_RETIRED */
export function retireHost(context: ServerContext, ending: HostEnding): Promise<HostView> {
  return endBinding(context, ending, { kind: 'retired', until: undefined, action: 'host.retired' });
}

async function endBinding(
  context: ServerContext,
  { id, reason, actor }: HostEnding,
  { kind, until, action }: Pick<BindingEnd, 'kind' | 'until'> & { readonly action: string },
): Promise<HostView> {
  const { store, now } = context;
  const details = {
    reason: printable(reason, 1024),
    ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
  };
  const isDone = await store.endBinding(id, {
    kind,
    until,
    audit: { at: now().getTime(), actor, action, subject: id, details },
  });
  const view = await viewHost(context, id);
  if (!isDone) throw new ServerError(view.host.state === 'retired' ? 'HOST_RETIRED' : 'HOST_RELEASED');
  return view;
}
