// Questions about the whole fleet while a server serves: how long they take, and how long others wait for their answers meanwhile.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApiClient, type ApiClient, type components } from '../src/api/index.ts';
import { documentIdOf } from '../src/core/golden/index.ts';
import { readHosts } from '../src/server/fleet/walk-fleet.ts';
import { addToken } from '../src/server/trust/tokens.ts';
import { signedDenyList } from './deny-fleet.ts';
import { startChild } from './http/child.ts';
import { connect, type Exchange } from './http/load.ts';
import type { ProductReady, ProductSettings } from './http/product-child.ts';
import { makeTlsFiles } from './http/tls.ts';
import type { AttestedFleet } from './what-if-fleet.ts';

type DsseEnvelope = components['schemas']['DsseEnvelope'];

/** Takes the fleet over: its store is closed, and a server opens the folder. What was revoked and denied there stays so. */
export async function serveFleet(
  folder: string,
  { context, privateKey, kernel, common }: AttestedFleet,
  say: (line: string) => void,
): Promise<void> {
  const terms = { expiresInSeconds: undefined, enrolments: undefined };
  const [operator, asker] = [
    await addToken(context, { name: 'serving', role: 'operator', ...terms }, 'bench'),
    await addToken(context, { name: 'serving', role: 'orchestrator', ...terms }, 'bench'),
  ];
  const hostNames: string[] = [];
  for await (const { host } of readHosts(context)) hostNames.push(host.hostId);
  await context.store.close();
  const tls = makeTlsFiles(folder);
  const settings = { dataDirectory: join(folder, 'data'), ...tls, settings: {}, isInitialised: true };
  const server = await startChild<ProductReady>('product-child', settings satisfies ProductSettings);
  const ca = readFileSync(tls.certFile, 'utf8');
  const api = createApiClient({ baseUrl: server.ready.url, ca, token: operator.token, timeoutMs: 600_000 });
  const connections = connect(server.ready.url, ca);
  const verdictOfAny = (): Exchange => {
    const hostId = hostNames[Math.floor(Math.random() * hostNames.length)] ?? '';
    return { method: 'GET', path: `/v1/hosts/${hostId}/verdict`, headers: { authorization: `Bearer ${asker.token}` } };
  };
  const probe = async (): Promise<number> => {
    const began = performance.now();
    const { status } = await connections.exchange(verdictOfAny());
    if (status !== 200) throw new TypeError(`a question was answered ${status}`);
    return performance.now() - began;
  };
  const measure = async (name: string, work: () => Promise<string>): Promise<void> => {
    const [began, cpu] = [performance.now(), await server.cpu()];
    let isOver = false;
    const asking = work().finally(() => (isOver = true));
    const waits: number[] = [];
    while (!isOver) {
      waits.push(await probe());
      await sleep(2);
    }
    const [answer, wall] = [await asking, (performance.now() - began) / 1000];
    const seconds = ((await server.cpu()) - cpu) / 1e6;
    waits.sort((left, right) => left - right);
    const at = (share: number): string => (waits[Math.ceil(waits.length * share) - 1] ?? 0).toFixed(1);
    say(
      `${name}: ${answer}; ${wall.toFixed(2)} s, server CPU ${seconds.toFixed(2)} s; ` +
        `${waits.length} GETs beside it: p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} ms`,
    );
  };
  for (let warm = 0; warm < 2000; warm += 1) await probe();
  await measure('nothing', () => sleep(3000, 'idle'));
  await measure('what-if, a kernel revoked', () => askRevoked(api, documentIdOf(kernel)));
  await measure('what-if, what all rest on revoked', () => askRevoked(api, documentIdOf(common)));
  await measure('deny import', async () => {
    const envelope = JSON.parse(
      new TextDecoder().decode(signedDenyList(kernel, privateKey, 'serving').envelope),
    ) as DsseEnvelope;
    await api.call('importDenyList', { body: { envelope } });
    return 'in force';
  });
  await measure('revocation of what all rest on', async () => {
    await api.call('revokeGoldenMeasurement', { path: { goldenId: documentIdOf(common) }, body: { reason: 'bench' } });
    return 'revoked';
  });
  api.close();
  connections.close();
  await server.stop();
}

async function askRevoked(api: ApiClient, golden: string): Promise<string> {
  const { hosts, lost, stillTrusted } = await api.call('askWhatIf', { body: { revoke: [golden] } });
  return `${lost} of ${hosts} hosts lost, ${stillTrusted} still trusted`;
}
