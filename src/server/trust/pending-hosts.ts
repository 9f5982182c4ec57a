// What operators say to hosts that wait for approval.
import { encodeHex, printable } from '../../core/encoding/index.ts';
import { parseCertificate } from '../../core/x509/index.ts';
import { refusals } from '../attestation/identity-conflicts.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { Page, PendingHost } from '../storage/index.ts';

/** What the certificate says of a TPM that somebody vouches for. */
export interface TpmFacts {
  readonly issuer: string;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly version: string | undefined;
}

export interface PendingHostView {
  readonly pending: PendingHost;
  /** Undefined where nobody vouches: then the certificate is only a claim. */
  readonly tpm: TpmFacts | undefined;
  readonly tokenName: string | undefined;
}

export async function listPendingHosts(context: ServerContext, page: Page): Promise<readonly PendingHostView[]> {
  const { store, now } = context;
  const rows = await store.listPendingHosts(page, now().getTime());
  return Promise.all(rows.map((pending) => viewPendingHost(context, pending)));
}

async function viewPendingHost({ store }: ServerContext, pending: PendingHost): Promise<PendingHostView> {
  const token = pending.joinToken === undefined ? undefined : await store.findToken(pending.joinToken);
  return { pending, tpm: tpmFactsOf(pending.binding), tokenName: token?.name };
}

function tpmFactsOf({ endorser, ekCertificate }: PendingHost['binding']): TpmFacts | undefined {
  if (endorser === undefined || ekCertificate === undefined) return undefined;
  const { issuer, tpm } = parseCertificate(ekCertificate);
  return { issuer, manufacturer: tpm?.manufacturer, model: tpm?.model, version: tpm?.version };
}

export interface PendingVerb {
  readonly id: string;
  readonly state: 'approved' | 'rejected';
  readonly reason: string;
  readonly actor: string;
}

/** An approval lets exactly this TPM, name and key enrol; nothing is bound before the host comes back and proves them again.
 * @throws ServerError PENDING_HOST_NOT_FOUND, HOST_* where the identity is not free any more */
export async function decidePendingHost(context: ServerContext, verb: PendingVerb): Promise<PendingHostView> {
  const { store, config, now } = context;
  const before = await store.findPendingHost({ id: verb.id });
  if (before === undefined) throw new ServerError('PENDING_HOST_NOT_FOUND');
  const { id, state, actor } = verb;
  const at = now().getTime();
  const reason = printable(verb.reason, 1024);
  const { hostId, ekDigest, akName } = before.binding;
  const details = { id, ek: encodeHex(ekDigest), ak: encodeHex(akName), reason };
  const outcome = await store.decidePendingHost(id, {
    state,
    reason,
    expiresAt: at + config.enrolment.queueHours * 3_600_000,
    places: config.enrolment.queuePlaces,
    audit: { at, actor, action: `host.${state}`, subject: hostId, details },
  });
  const after = await store.findPendingHost({ id });
  if (outcome === 'unknown' || after === undefined) throw new ServerError('PENDING_HOST_NOT_FOUND');
  if (outcome !== 'decided') throw new ServerError(refusals[outcome]);
  return viewPendingHost(context, after);
}
