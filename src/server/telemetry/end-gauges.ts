// What ends quietly: golden measurements, certificates and lists. Hosts are denied the day after.
import { parseGoldenStatement, readGoldenStatementAhead } from '../../core/golden/index.ts';
import { parseCertificate, parseCertificateBundle } from '../../core/x509/index.ts';
import type { ServerContext } from '../context.ts';
import { readActiveGoldens } from '../golden/read-active.ts';
import { readFile } from '../keys/key-file.ts';
import { authoritiesOf } from '../keys/server-keys.ts';
import { ownTurn } from '../own-turn.ts';
import type { Family } from './exposition.ts';

/** Not everything ends. */
type Ends = readonly (Date | undefined)[];

export async function surveyEnds(
  context: Pick<ServerContext, 'store' | 'trust' | 'keys' | 'config' | 'now'>,
): Promise<readonly Family[]> {
  const ends: readonly (readonly [string, Ends])[] = Object.entries(await collectEnds(context));
  const now = context.now().getTime();
  const ahead = ends.flatMap(([of, dates]) => {
    const times = timesOf(dates).filter((time) => time > now);
    return times.length === 0 ? [] : [{ labels: { of }, value: Math.min(...times) / 1000 }];
  });
  const over = ends.map(([of, dates]) => {
    return { labels: { of }, value: timesOf(dates).filter((time) => time <= now).length };
  });
  return [
    {
      name: 'touchstone_next_end_timestamp_seconds',
      type: 'gauge',
      help: 'When the next of those in force ends, or of lists, when the next issue is due.',
      samples: ahead,
    },
    { name: 'touchstone_ended', type: 'gauge', help: 'How many have ended, or are overdue.', samples: over },
  ];
}

function timesOf(dates: Ends): readonly number[] {
  return dates.flatMap((date) => date?.getTime() ?? []);
}

async function collectEnds({ store, trust, keys, config }: Pick<ServerContext, 'store' | 'trust' | 'keys' | 'config'>) {
  const goldens: (Date | undefined)[] = [];
  for await (const { payload } of readActiveGoldens(store)) {
    await readGoldenStatementAhead(payload, ownTurn);
    goldens.push(parseGoldenStatement(payload).notAfter);
  }
  const [anchors, intermediates, { revocationLists, denyLists }] = await Promise.all([
    store.listAnchors(),
    store.listIntermediates(),
    // Large lists take seconds to read.
    trust.current(),
  ]);
  const endOf = ({ certificate }: { readonly certificate: Uint8Array }): Date => parseCertificate(certificate).notAfter;
  const server = config.tls === undefined ? [] : parseCertificateBundle(new Uint8Array(readFile(config.tls.certFile)));
  return {
    'golden-measurement': goldens,
    'trust-anchor': anchors.filter(({ withdrawn, staged }) => withdrawn === undefined && !staged).map(endOf),
    intermediate: intermediates.map(endOf),
    'revocation-list': revocationLists.map(({ nextUpdate }) => nextUpdate),
    'deny-list': denyLists.map(({ nextIssue }) => nextIssue),
    'attestation-ca': authoritiesOf(keys).map(({ certificate }) => certificate.notAfter),
    'server-certificate': server.map(({ notAfter }) => notAfter),
  } satisfies Record<string, Ends>;
}
