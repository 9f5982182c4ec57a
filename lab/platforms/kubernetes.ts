// `npm run lab:kubernetes`: a real kube-apiserver, our webhook and our node controller as deploy/kubernetes has them, and what comes
// of pods and nodes as hosts gain and lose trust.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseAllDocuments } from 'yaml';
import { findClusterPrograms } from './build-apiserver.ts';
import { until } from './child.ts';
import { startCluster, type Cluster, type KubeObject } from './cluster.ts';
import { ensurePrograms } from './programs.ts';
import { tellStory } from './story.ts';
import { decisionSeconds, openFleet, strangeHost, tamperedHost, trustedHost } from './touchstone.ts';

const label = 'touchstone.node-restriction.kubernetes.io/trusted';
const annotation = 'touchstone/verdict';
const ourTaint = 'touchstone/untrusted';
const foreignTaint = { key: 'example.com/gpu', value: 'yes', effect: 'NoSchedule' };
const manifests = join(import.meta.dirname, '../../deploy/kubernetes');

/** What is running ends with this process, however it ends. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await tellStory(async ({ step }, print) => {
  ensurePrograms('--platforms');
  const programs = await findClusterPrograms(print);
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-kubernetes-'));
  const fleet = await openFleet(folder);
  const { server } = fleet;
  const { host } = new URL(server.url);
  const place = (text: string): string =>
    text.replaceAll('touchstone.example:8443', host).replaceAll('/etc/kubernetes/touchstone', folder);
  for (const name of ['admission-control.yaml', 'kubeconfig.yaml'])
    writeFileSync(join(folder, name), place(readFileSync(join(manifests, name), 'utf8')));
  writeFileSync(join(folder, 'token'), readFileSync(fleet.tokenFile), { mode: 0o600 });
  const cluster = await startCluster({
    programs,
    folder: join(folder, 'cluster'),
    kubeletOf: trustedHost,
    admissionConfig: join(folder, 'admission-control.yaml'),
  });
  const closers: (() => Promise<void>)[] = [];

  const bundle = readFileSync(fleet.caFile).toString('base64');
  const apply = async (name: string): Promise<string> => {
    const text = place(readFileSync(join(manifests, name), 'utf8')).replace('caBundle: REPLACE', `caBundle: ${bundle}`);
    const objects = parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
    for (const object of objects) {
      const { status, message } = await cluster.create(object);
      assert.equal(status, 201, `${object.kind}: ${message}`);
    }
    return objects.map(({ kind }) => kind).join(', ');
  };
  const pod = (name: string, spec: object = {}): KubeObject => {
    const containers = [{ name: 'main', image: 'busybox' }];
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: { containers, ...spec },
    } as KubeObject;
  };
  const bind = (name: string, node: string) => {
    const target = { apiVersion: 'v1', kind: 'Node', name: node };
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace: 'default' }, target };
    return cluster.ask('POST', `/api/v1/namespaces/default/pods/${name}/binding`, body);
  };
  const marksOf = (node: string) => readMarks(cluster, node);
  const become = (node: string, trusted: boolean, why = /./, seconds = 30) =>
    until(
      `${node} is ${trusted ? '' : 'un'}trusted`,
      () => marksOf(node),
      (marks) => marks.label === String(trusted) && marks.isTainted === !trusted && why.test(marks.why ?? ''),
      seconds,
    );

  try {
    await step('the manifests are taken by the API server', async () => {
      const kinds = [await apply('nodes.yaml')];
      for (const name of [trustedHost, tamperedHost, strangeHost]) {
        const taints = name === trustedHost ? { taints: [foreignTaint] } : {};
        const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { rack: '3' } }, spec: taints };
        assert.equal((await cluster.create(node)).status, 201);
      }
      await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
      kinds.push(await apply('webhook.yaml'));
      return kinds.join(', ');
    });

    // Webhooks are taken note of a moment after they are written.
    await until(
      'the webhook is asked',
      () => cluster.create(pod('early', { nodeName: strangeHost })),
      ({ status }) => status === 403,
    );

    await step('a pod whose author named an untrusted node is denied with the reason', async () => {
      const { status, message } = await cluster.create(pod('by-hand', { nodeName: tamperedHost }));
      assert.equal(status, 403);
      assert.match(
        message,
        /admission webhook "placement\.touchstone\.internal" denied the request: node node-2: .*\(STATUS_TOO_LOW\)/,
      );
      return message;
    });
    await step('a pod whose author named an unknown node is denied', async () => {
      const { status, message } = await cluster.create(pod('unknown', { nodeName: strangeHost }));
      assert.deepEqual([status, /HOST_UNKNOWN/.test(message)], [403, true]);
      return message;
    });
    await step('a pod whose author named a trusted node is allowed', async () => {
      const { status, body } = await cluster.create(pod('good', { nodeName: trustedHost }));
      assert.deepEqual([status, body.spec?.nodeName], [201, trustedHost]);
      return `201, spec.nodeName ${trustedHost}`;
    });
    await step(
      'a pod for a scheduler is made, and its binding is judged: the untrusted node denied, the trusted one allowed',
      async () => {
        assert.equal((await cluster.create(pod('scheduled'))).status, 201);
        const denied = await bind('scheduled', tamperedHost);
        assert.deepEqual([denied.status, /STATUS_TOO_LOW/.test(denied.message)], [403, true]);
        assert.equal((await bind('scheduled', trustedHost)).status, 201);
        return denied.message;
      },
    );

    const { body } = await cluster.ask('POST', '/api/v1/namespaces/touchstone/serviceaccounts/node-controller/token', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600 },
    });
    const account = body.status?.token ?? '';
    const accountFile = join(folder, 'account.token');
    writeFileSync(accountFile, account, { mode: 0o600 });
    const kubernetes = ['kubernetes', '--kubernetes-api', cluster.url, '--kubernetes-token-file', accountFile, '--kubernetes-ca', cluster.caFile]; // prettier-ignore
    const lease = ['--lease', 'touchstone/nodes'];

    await step('a dry run says what would be marked and marks nothing', async () => {
      const once = fleet.startController([...kubernetes, '--once', '--dry-run'], join(folder, 'dry.log'));
      await until(
        'the dry run ends',
        () => Promise.resolve(once.isRunning()),
        (running) => !running,
      );
      const { members } = JSON.parse(once.output()) as {
        members: { member: string; trusted: boolean; inStep: boolean }[];
      };
      assert.deepEqual(members.map(({ member, trusted, inStep }) => [member, trusted, inStep]), [['node-1', true, false], ['node-2', false, false], ['node-3', false, false]]); // prettier-ignore
      assert.equal((await marksOf(trustedHost)).label, undefined);
      return members.map(({ member, trusted }) => `${member} ${String(trusted)}`).join(', ');
    });

    let first = fleet.startController([...kubernetes, ...lease], join(folder, 'first.log'));
    closers.push(() => first.stop());
    await step(
      'the node controller marks trusted, untrusted and unknown nodes with the rights of its manifest',
      async () => {
        const marks = [await become(trustedHost, true), await become(tamperedHost, false, /STATUS_TOO_LOW/), await become(strangeHost, false, /HOST_UNKNOWN/)]; // prettier-ignore
        return marks.map(({ label: value, why }) => `${String(value)}: ${String(why)}`).join(' | ');
      },
    );
    await step('what others wrote on a node stays: a taint, a label', async () => {
      const { body: node } = await cluster.ask('GET', `/api/v1/nodes/${trustedHost}`);
      // The API server itself taints a node that no kubelet has reported yet.
      assert.deepEqual(node.spec?.taints, [
        foreignTaint,
        { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
      ]);
      assert.equal(node.metadata?.labels?.['rack'], '3');
      return JSON.stringify(node.spec.taints);
    });
    await step('the controller may do nothing else', async () => {
      const tried = [
        ['DELETE', `/api/v1/nodes/${strangeHost}`],
        ['GET', '/api/v1/namespaces/touchstone/secrets'],
        ['GET', '/api/v1/pods'],
      ] as const;
      const statuses = [];
      for (const [method, path] of tried) statuses.push((await cluster.ask(method, path, undefined, account)).status);
      assert.deepEqual(statuses, [403, 403, 403]);
      return tried.map(([method, path]) => `${method} ${path} 403`).join(', ');
    });
    await step('a kubelet can neither write the label of its node nor take the taint away', async () => {
      const path = `/api/v1/nodes/${trustedHost}`;
      const labelled = await cluster.ask(
        'PATCH',
        path,
        { metadata: { labels: { [label]: 'true', x: 'y' } } },
        cluster.kubeletToken,
      );
      const lied = await cluster.ask(
        'PATCH',
        path,
        { metadata: { labels: { [label]: 'false' } } },
        cluster.kubeletToken,
      );
      const cleared = await cluster.ask('PATCH', path, { spec: { taints: [] } }, cluster.kubeletToken);
      // The first changes nothing of the restricted label: it shows that the token is a kubelet's.
      assert.deepEqual([labelled.status, lied.status, cleared.status], [200, 403, 403]);
      return `${lied.message} | ${cleared.message}`;
    });
    await step('a taint that somebody takes away by hand comes back', async () => {
      await cluster.ask('PATCH', `/api/v1/nodes/${tamperedHost}`, {
        spec: { taints: [] },
        metadata: { labels: { [label]: 'true' } },
      });
      await become(tamperedHost, false);
      return 'tainted again';
    });
    await step('a node that joins is tainted at once, and one that claims no host of ours stays so', async () => {
      await cluster.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-4' } });
      return String((await become('node-4', false, /HOST_UNKNOWN/)).why);
    });
    await step('quarantine: the taint comes with the operator’s reason, and goes when it is lifted', async () => {
      const startedAt = Date.now();
      const id = await fleet.quarantine(trustedHost, 'ticket 4711');
      const { why } = await become(trustedHost, false, /HOST_QUARANTINED.*ticket 4711/);
      const seconds = (Date.now() - startedAt) / 1000;
      await fleet.lift(id);
      await become(trustedHost, true);
      return `${String(why)}, after ${seconds.toFixed(1)} s`;
    });
    await step(
      'lapse: a silent host loses trust by the time alone, in the webhook and on its node; attesting gives it back',
      async () => {
        server.advance(700);
        const denied = await cluster.create(pod('late', { nodeName: trustedHost }));
        assert.deepEqual([denied.status, /VERDICT_EXPIRED/.test(denied.message)], [403, true]);
        const { why } = await become(trustedHost, false, /VERDICT_EXPIRED/);
        await fleet.attest();
        await become(trustedHost, true);
        return String(why);
      },
    );
    await step('a second controller waits for the Lease, and takes over from one that was killed', async () => {
      const second = fleet.startController([...kubernetes, ...lease], join(folder, 'second.log'));
      closers.push(() => second.stop());
      await until('the second one watches', () => Promise.resolve(second.isRunning()), Boolean);
      await first.kill();
      const id = await fleet.quarantine(trustedHost, 'the first one is dead');
      await become(trustedHost, false, /the first one is dead/, 60);
      await fleet.lift(id);
      await become(trustedHost, true);
      assert.match(second.output(), /"event":"leading"/);
      return 'the second one leads';
    });
    await step(
      'Touchstone away: pods are refused, and nodes lose trust when what it said last has run out',
      async () => {
        await server.running.close(0);
        const startedAt = Date.now();
        const { status, message } = await cluster.create(pod('nobody', { nodeName: trustedHost }));
        assert.ok(status >= 400, `status ${status}`);
        assert.match(message, /failed calling webhook/);
        const { why } = await become(trustedHost, false, /TOUCHSTONE_SILENT/);
        const seconds = (Date.now() - startedAt) / 1000;
        assert.ok(seconds <= decisionSeconds + 5, `${seconds} s`);
        return `${status}: ${message} | ${String(why)}, after ${seconds.toFixed(1)} s (bound ${decisionSeconds} s)`;
      },
    );
    await step('Touchstone back: the node is trusted again by itself', async () => {
      await server.restart();
      await fleet.attest();
      await become(trustedHost, true, /./, 60);
      return 'trusted';
    });
    await step('NoExecute: an untrusted host is evicted from, and silence evicts nobody', async () => {
      for (const close of closers.splice(0)) await close();
      first = fleet.startController([...kubernetes, '--effect', 'NoExecute'], join(folder, 'evict.log'));
      closers.push(() => first.stop());
      await until(
        'NoExecute',
        () => marksOf(tamperedHost),
        ({ effect }) => effect === 'NoExecute',
      );
      await server.running.close(0);
      await become(trustedHost, false, /TOUCHSTONE_SILENT/);
      const { effect } = await marksOf(trustedHost);
      assert.equal(effect, 'NoSchedule');
      return `${tamperedHost} NoExecute, ${trustedHost} ${effect}`;
    });
  } finally {
    for (const close of closers) await close();
    await cluster.close();
    await server.close().catch(() => undefined);
    if (process.argv.includes('--keep')) print(`kept: ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  }
});

async function readMarks(cluster: Cluster, name: string) {
  const { metadata, spec } = (await cluster.ask('GET', `/api/v1/nodes/${name}`)).body;
  const ours = (spec?.taints ?? []).filter(({ key }) => key === ourTaint);
  return {
    label: metadata?.labels?.[label],
    why: metadata?.annotations?.[annotation],
    isTainted: ours.length === 1,
    effect: ours[0]?.effect,
  };
}
