// npm run bench:what-if [-- --hosts 10000 --firmwares 20 --kernels 15 --own-logs --verify --deny]
//
// A fleet on paper behind a real store: every host bound, challenged and appraised by the server's own functions, so that its
// evidence lies where what-if reads it. Then one question: what if the newest kernel were approved? With --verify the change
// is made, every host attests again, and the answer is held against what came of it, host by host. With --own-logs each host
// has a boot entry of its own in PCR 1, so that no two logs are the same. With --deny a kernel is sought and denied at last.
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { encodeHex, preAuthEncoding } from '../src/core/encoding/index.ts';
import { hash } from '../src/core/crypto/index.ts';
import { goldenPayloadType } from '../src/core/golden/index.ts';
import { attest } from '../src/server/attestation/attest.ts';
import { openChallenge } from '../src/server/attestation/challenge.ts';
import { checkConfig } from '../src/server/config/config.ts';
import type { ServerContext } from '../src/server/context.ts';
import { proposeGolden } from '../src/server/golden/approve.ts';
import { captureGoldens } from '../src/server/golden/capture.ts';
import { createAuditTree } from '../src/server/audit/audit-tree.ts';
import { createAkRevocations } from '../src/server/attestation/ak-revocations.ts';
import { createEvents } from '../src/server/events/deliveries.ts';
import { createTrustCache } from '../src/server/golden/trust-cache.ts';
import { initDataDirectory } from '../src/server/index.ts';
import { systemRandom } from '../src/server/keys/random.ts';
import { loadServerKeys } from '../src/server/keys/server-keys.ts';
import { createLoadGate } from '../src/server/load/load-gate.ts';
import { createServerMemory } from '../src/server/memory.ts';
import { openSqliteStore } from '../src/server/storage/index.ts';
import { createBreakGlass } from '../src/server/break-glass/grants.ts';
import { createFailingStore } from '../src/server/outage/failing-store.ts';
import { createLockout } from '../src/server/lockout/lockout.ts';
import { readStored } from '../src/server/outage/trust-reads.ts';
import { createLog } from '../src/server/telemetry/log.ts';
import { createMetrics } from '../src/server/telemetry/metrics.ts';
import { writePolicy } from '../src/server/trust/policies.ts';
import { registerEk } from '../src/server/trust/registered-eks.ts';
import { addSigner } from '../src/server/trust/signers.ts';
import { askWhatIf, type WhatIf } from '../src/server/what-if/ask.ts';
import { emptyDraft, type Draft } from '../src/server/what-if/draft.ts';
import { unweighed } from '../src/server/what-if/protection.ts';
import { createSlots } from '../src/server/what-if/slots.ts';
import { createFleet, createSimulatorAuthority, type PaperHost } from '../src/simulator/index.ts';
import { denyFleet } from './deny-fleet.ts';
import { bootLayers } from '../src/core/event-log/index.ts';
import { start } from './evidence.ts';

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '10000' },
    firmwares: { type: 'string', default: '20' },
    kernels: { type: 'string', default: '15' },
    'own-logs': { type: 'boolean', default: false },
    verify: { type: 'boolean', default: false },
    deny: { type: 'boolean', default: false },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), 'touchstone-what-if-'));
try {
  await run();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const directory = join(folder, 'data');
  await initDataDirectory(directory, { serverId: 'bench.example', allowSingleOperator: true, now: start });
  const context = await openContext(directory);
  const hosts = [...createFleet(fleetOptions())];
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await addSigner(context, { name: 'bench', publicKeyPem, layers: undefined }, 'bench');
  const document = { layers: bootLayers, verdictSeconds: 3600, requireFacts: { secureBoot: 'enabled' } };
  await writePolicy(context, { id: 'fleet', document, hosts: { all: true } }, { actor: 'bench', passage: unweighed });
  const began = performance.now();
  for (const host of hosts) {
    await bind(context, host);
    await attestOnce(context, host);
  }
  say(`${hosts.length} hosts attested in ${seconds(began)} s`);
  const approve = (payload: Uint8Array): Promise<unknown> => {
    const sig = new Uint8Array(sign(null, preAuthEncoding(goldenPayloadType, payload), privateKey));
    const envelope = { payloadType: goldenPayloadType, payload, signatures: [{ sig }] };
    return proposeGolden(context, envelope, { actor: 'bench', revision: undefined });
  };
  const statements = await captureAll(context, hosts);
  const newest = statements.filter(({ layer }) => layer === 'kernel' || layer === 'initrd').slice(-2);
  for (const { id, payload } of statements) if (!newest.some((each) => each.id === id)) await approve(payload);
  const draft = { ...emptyDraft, activate: newest.map(({ payload }) => payload) };
  const answer = await askTimed(context, draft);
  await askTimed(
    { ...context, memory: createServerMemory(context.config) },
    draft,
    ', memory empty as after a restart',
  );
  if (values.verify) {
    await verify(context, hosts, answer, async () => {
      for (const { payload } of newest) await approve(payload);
    });
  }
  const kernel = statements.find(({ layer }) => layer === 'kernel');
  if (values.deny && kernel !== undefined) await denyFleet(context, { statement: kernel.payload, privateKey }, say);
  await context.store.close();
}

function fleetOptions() {
  const authority = createSimulatorAuthority({ at: start, seed: 'what-if' });
  const builds = { firmwareBuilds: Number(values.firmwares), kernelBuilds: Number(values.kernels) };
  const ownBootEntries = values['own-logs'];
  return { seed: 'what-if', size: Number(values.hosts), authority, ownBootEntries, ...builds };
}

async function openContext(directory: string): Promise<ServerContext> {
  const settings = { serverId: 'bench.example', goldenQuorum: 1, allowSingleOperator: true, log: { level: 'silent' } };
  const config = checkConfig(settings, directory);
  const [store, log, now] = [openSqliteStore(directory), createLog('silent'), () => start];
  const trust = createTrustCache({ store, quorum: 1, log });
  const keys = loadServerKeys(config);
  const akRevocations = createAkRevocations({ store, config, now });
  const clock = (): number => performance.now();
  const gate = createLoadGate({ places: 1, clock, utilisation: () => 0, later: setImmediate });
  return {
    config,
    store,
    replica: 'bench',
    reads: readStored(store),
    failingStore: createFailingStore(log, clock),
    keys,
    akRevocations,
    trust,
    memory: createServerMemory(config),
    whatIfSlots: createSlots(1),
    protectionSlots: createSlots(1),
    gate,
    events: await createEvents({ config, keys, store, replica: 'bench', now, random: systemRandom, log }),
    lockout: createLockout({ config, store, now, random: systemRandom, log }),
    metrics: createMetrics(),
    measure: () => Promise.resolve([]),
    auditTree: createAuditTree(store),
    survey: { read: () => Promise.resolve([]) },
    breakGlass: createBreakGlass({ config, store, trust, log }),
    now,
    random: systemRandom,
    log,
  };
}

async function bind(context: ServerContext, host: PaperHost): Promise<void> {
  const [ekPublic, akPublic] = [await host.ekPublic(), await host.akPublic()];
  const key = hash('sha256', ekPublic);
  const ek = {
    ekDigest: key,
    ekPublic,
    ekCertificate: undefined,
    ekChain: [],
    platformCertificates: [],
    deviceIdentity: undefined,
  };
  const token = { id: `tok_${host.name}`, name: host.name, role: 'host', hostId: host.name } as const;
  await registerEk(context, { ekDigest: encodeHex(key), label: 'bench', hostId: undefined }, 'bench');
  await context.store.bindHost({
    binding: {
      hostId: host.name,
      ...ek,
      endorser: { id: encodeHex(key), name: 'bench' },
      akName: host.akName,
      akPublic,
    },
    joinToken: undefined,
    queue: undefined,
    akCertificate: undefined,
    token: {
      ...token,
      secretHash: key,
      createdAt: 1,
      expiresAt: undefined,
      revokedAt: undefined,
      enrolmentsLeft: undefined,
    },
    audit: { at: 1, actor: 'bench', action: 'host.enrolled', subject: host.name, details: {} },
  });
}

async function attestOnce(context: ServerContext, host: PaperHost): Promise<string> {
  const { challenge, qualifyingData, pcrSelection } = await openChallenge(context, host.name, {});
  const quote = await host.quote(qualifyingData, pcrSelection);
  const pcrs = Object.fromEntries(
    [...quote.pcrs].map(([bank, of]) => [
      bank,
      Object.fromEntries([...of].map(([pcr, value]) => [pcr, encodeHex(value)])),
    ]),
  );
  const sender = { hostId: host.name, isProven: true };
  const { verdict } = await attest(context, sender, {
    challengeId: challenge.id,
    attest: quote.attest,
    signature: quote.signature,
    pcrs,
    eventLog: await host.eventLog(),
    imaLog: undefined,
    userspaceLog: undefined,
  });
  return verdict.status;
}

/** Every layer of every boot that the fleet has, once, in the order of their first host. */
async function captureAll(context: ServerContext, hosts: readonly PaperHost[]) {
  const found = new Map<string, { readonly id: string; readonly layer: string; readonly payload: Uint8Array }>();
  const seen = new Set<string>();
  for (const host of hosts) {
    const { name } = host;
    const log = encodeHex(hash('sha256', (await host.eventLog()) ?? new Uint8Array()));
    if (seen.has(log)) continue;
    seen.add(log);
    for (const { layer, payload } of (await captureGoldens(context, name, undefined)).statements) {
      const subject = JSON.stringify((JSON.parse(new TextDecoder().decode(payload)) as { subject: unknown }).subject);
      if (!found.has(subject)) found.set(subject, { id: subject, layer, payload });
    }
  }
  return [...found.values()];
}

async function askTimed(context: ServerContext, draft: Draft, circumstance = ''): Promise<WhatIf> {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const steps = askWhatIf(context, { draft });
  let slices = 0;
  for (;;) {
    const step = await steps.next();
    if (step.done === true) {
      const { user, system } = process.cpuUsage(cpu);
      say(
        `what-if over ${step.value.hosts} hosts${circumstance}: ${seconds(began)} s, CPU ${((user + system) / 1e6).toFixed(2)} s, ${slices} times gave way`,
      );
      for (const { kind, count, reason } of step.value.groups.slice(0, 5))
        say(`  ${count} ${kind} ${reason?.code ?? ''}`);
      return step.value;
    }
    slices += 1;
  }
}

async function verify(
  context: ServerContext,
  hosts: readonly PaperHost[],
  answer: WhatIf,
  change: () => Promise<void>,
) {
  await change();
  const expected = new Map(
    answer.groups.flatMap(({ kind, hosts: named }) => named.map((name) => [name, kind] as const)),
  );
  let wrong = 0;
  for (const host of hosts) {
    const isTrusted = (await attestOnce(context, host)) === 'affirming';
    const kind = expected.get(host.name);
    if ((kind === 'gained' || kind === 'still-trusted') !== isTrusted) wrong += 1;
  }
  say(`after the change: ${hosts.length - wrong} of ${hosts.length} hosts as foretold`);
  if (wrong > 0) process.exitCode = 1;
}

function seconds(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(2);
}
