// hosts: the fleet.
import { decodeHex, encodeBase64, isoTime } from '../../../core/encoding/index.ts';
import { judgePlatform } from '../../../core/endorsement/index.ts';
import type { WirePcrs } from '../../attestation/claimed-pcrs.ts';
import { viewVerdict } from '../../attestation/view-verdict.ts';
import { ServerError } from '../../errors.ts';
import { idOf, isUnreadable } from '../../fleet/walk-fleet.ts';
import { releaseHost, replaceTpm, retireHost, setLabels, viewHost } from '../../trust/hosts.ts';
import type { Handlers } from '../handler.ts';
import { wireDeviceIdentity, wireHost, wirePlatform } from '../wire/host.ts';
import { present } from '../wire/present.ts';
import { readInPieces } from './page.ts';

type HostOperations = Pick<
  Handlers,
  'listHosts' | 'getHost' | 'setHostLabels' | 'releaseHost' | 'replaceTpm' | 'retireHost' | 'getEvidence'
>;

/** Of a page so many are read and judged at once, some milliseconds: a page as it comes, with the one behind it, which tells that it goes on. */
const hostsInTurn = 101;

/** How long a new TPM is expected unless told. */
const threeDays = 259_200;

export const hostOperations: HostOperations = {
  listHosts: async ({ query }, context) => {
    const { store, now } = context;
    const { after, limit, ekDigest } = query;
    const ofTpm = ekDigest === undefined ? {} : { ekDigest: decodeHex(ekDigest) };
    const at = now();
    const page = await readInPieces({
      ...{ after, limit, piece: hostsInTurn, idOf },
      read: async (piece) =>
        Promise.all(
          (await store.listHosts({ ...piece, ...ofTpm })).map(async (listed) => {
            if (isUnreadable(listed)) return listed;
            const { host, verdict } = listed;
            return { host, verdict, held: await viewVerdict(context, host, verdict, at) };
          }),
        ),
    });
    const unreadable = page.items.flatMap((listed) => (isUnreadable(listed) ? [listed.unreadable] : []));
    const items = page.items.flatMap((listed) => (isUnreadable(listed) ? [] : [wireHost(listed, context)]));
    const damage = unreadable.length === 0 ? {} : { unreadable };
    return { status: 200, body: { items, ...damage, ...present('next', page.next) } };
  },
  getHost: async ({ path }, context) => {
    const view = await viewHost(context, path.hostId);
    const platform = judgePlatform(view.host, await context.trust.current(), context.now());
    const { deviceIdentity } = view.host;
    return {
      status: 200,
      body: {
        ...wireHost(view, context),
        ...present('deviceIdentity', deviceIdentity && wireDeviceIdentity(deviceIdentity)),
        ...present('platform', platform && wirePlatform(platform)),
      },
    };
  },
  setHostLabels: async ({ path, body, principal }, context) => {
    const change = { id: path.hostId, labels: body.labels, actor: principal.actor };
    return { status: 200, body: wireHost(await setLabels(context, change), context) };
  },
  releaseHost: async ({ path, body, principal }, context) => {
    const release = { id: path.hostId, reason: body.reason, actor: principal.actor };
    return { status: 200, body: wireHost(await releaseHost(context, release), context) };
  },
  replaceTpm: async ({ path, body, principal }, context) => {
    const { reason, expiresInSeconds = threeDays } = body;
    const replacement = { id: path.hostId, reason, expiresInSeconds, actor: principal.actor };
    return { status: 200, body: wireHost(await replaceTpm(context, replacement), context) };
  },
  retireHost: async ({ path, body, principal }, context) => {
    const retirement = { id: path.hostId, reason: body.reason, actor: principal.actor };
    return { status: 200, body: wireHost(await retireHost(context, retirement), context) };
  },
  getEvidence: async ({ path }, context) => {
    await viewHost(context, path.hostId);
    const evidence = await context.store.findEvidence(path.hostId);
    if (evidence === undefined) throw new ServerError('HOST_EVIDENCE_NONE');
    const { eventLog, imaLog, userspaceLog } = evidence;
    return {
      status: 200,
      body: {
        hostId: path.hostId,
        receivedAt: isoTime(evidence.receivedAt),
        akPublic: encodeBase64(evidence.akPublic),
        qualifyingData: encodeBase64(evidence.qualifyingData),
        attest: encodeBase64(evidence.attest),
        signature: encodeBase64(evidence.signature),
        pcrs: JSON.parse(evidence.pcrs) as WirePcrs,
      },
      base64: { eventLog, imaLog, userspaceLog },
    };
  },
};
