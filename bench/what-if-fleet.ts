// The fleet that `bench:what-if` asks about: every host bound, challenged and appraised by the server's own functions.
import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeBase64, encodeBase64, encodeHex, preAuthEncoding } from '../src/core/encoding/index.ts';
import { hash } from '../src/core/crypto/index.ts';
import { bootLayers } from '../src/core/event-log/index.ts';
import { goldenPayloadType } from '../src/core/golden/index.ts';
import { encodeClaimedPcrs } from '../src/core/tpm/index.ts';
import { attest } from '../src/server/attestation/attest.ts';
import { openChallenge } from '../src/server/attestation/challenge.ts';
import { checkConfig } from '../src/server/config/config.ts';
import type { ServerContext } from '../src/server/context.ts';
import { proposeGolden } from '../src/server/golden/approve.ts';
import { captureGoldens } from '../src/server/golden/capture.ts';
import { createAuditTree } from '../src/server/audit/audit-tree.ts';
import { createAkRevocations } from '../src/server/attestation/ak-revocations.ts';
import { createEnrolmentPace } from '../src/server/attestation/enrolment-pace.ts';
import { createEvents } from '../src/server/events/deliveries.ts';
import { createTrustCache } from '../src/server/golden/trust-cache.ts';
import { openWalks } from '../src/server/fleet/walks.ts';
import { initDataDirectory } from '../src/server/index.ts';
import { systemRandom } from '../src/server/keys/random.ts';
import { loadServerKeys } from '../src/server/keys/server-keys.ts';
import { createAnswerRoom } from '../src/server/load/answer-room.ts';
import { createBodyRooms } from '../src/server/load/body-room.ts';
import { createLoadGate } from '../src/server/load/load-gate.ts';
import { createServerMemory } from '../src/server/memory.ts';
import { openSqliteStore } from '../src/server/storage/index.ts';
import { createBreakGlass } from '../src/server/break-glass/grants.ts';
import { createFailingStore } from '../src/server/outage/failing-store.ts';
import { createWriteWatch } from '../src/server/outage/write-watch.ts';
import { createLockout } from '../src/server/lockout/lockout.ts';
import { readStored } from '../src/server/outage/trust-reads.ts';
import { createLog } from '../src/server/telemetry/log.ts';
import { createMetrics } from '../src/server/telemetry/metrics.ts';
import { writePolicy } from '../src/server/trust/policies.ts';
import { registerEk } from '../src/server/trust/registered-eks.ts';
import { addSigner } from '../src/server/trust/signers.ts';
import { unweighed } from '../src/server/what-if/protection.ts';
import { createSlots } from '../src/server/load/slots.ts';
import { createFleet, createSimulatorAuthority, type PaperHost } from '../src/simulator/index.ts';
import { start } from './evidence.ts';

export interface FleetShape {
  readonly size: number;
  readonly firmwareBuilds: number;
  readonly kernelBuilds: number;
  readonly ownBootEntries: boolean;
}

/** What the operators of the fleet have. */
export interface Operators {
  readonly privateKey: KeyObject;
  /** The newest kernel and its initrd, which nobody approved. */
  readonly newest: readonly Uint8Array[];
  /** One kernel that was approved. */
  readonly kernel: Uint8Array;
  /** What the whole fleet has in common. */
  readonly common: Uint8Array;
}

export interface AttestedFleet extends Operators {
  readonly context: ServerContext;
  /** As they are after so many boots. */
  readonly paperHosts: (earlierBoots: number) => Iterable<PaperHost>;
}

/** Hosts that attest at once: they are committed together. */
const together = 64;
/** So many hosts have every build there is. */
const enoughForEveryBuild = 300;

/** Makes the fleet in `folder`, or finds it there: a hundred thousand hosts take minutes. */
export async function openFleet(
  folder: string,
  shape: FleetShape,
  say: (line: string) => void,
): Promise<AttestedFleet> {
  const directory = join(folder, 'data');
  const operatorsFile = join(folder, 'operators.json');
  const isThere = existsSync(operatorsFile);
  if (!isThere)
    await initDataDirectory(directory, { serverId: 'bench.example', allowSingleOperator: true, now: start });
  const context = await openContext(directory);
  const authority = createSimulatorAuthority({ at: start, seed: 'what-if' });
  const paperHosts = (earlierBoots: number): Iterable<PaperHost> =>
    createFleet({ seed: 'what-if', authority, earlierBoots, ...shape });
  if (isThere) return { context, paperHosts, ...readOperators(operatorsFile) };
  const began = performance.now();
  const operators = await approveBuilds(context, paperHosts(0));
  await attestAll(context, paperHosts(1));
  writeOperators(operatorsFile, operators);
  say(`${shape.size} hosts attested in ${((performance.now() - began) / 1000).toFixed(2)} s`);
  return { context, paperHosts, ...operators };
}

/** Everything but the newest kernel is approved before the fleet attests. */
async function approveBuilds(context: ServerContext, hosts: Iterable<PaperHost>): Promise<Operators> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await addSigner(context, { name: 'bench', publicKeyPem, layers: undefined }, 'bench');
  const document = { layers: bootLayers, verdictSeconds: 3600, requireFacts: { secureBoot: 'enabled' } };
  await writePolicy(context, { id: 'fleet', document, hosts: { all: true } }, { actor: 'bench', passage: unweighed });
  const statements = await captureBuilds(context, hosts);
  const newest = statements.filter(({ layer }) => layer === 'kernel' || layer === 'initrd').slice(-2);
  const approved = statements.filter((each) => !newest.includes(each));
  for (const { payload } of approved) await approve(context, privateKey, payload);
  const kernel = approved.find(({ layer }) => layer === 'kernel');
  const common = approved.find(({ layer }) => layer === 'kernel-command-line');
  if (kernel === undefined || common === undefined) throw new TypeError('the fleet has two kernels at least');
  const payloads = { newest: newest.map(({ payload }) => payload), kernel: kernel.payload, common: common.payload };
  return { privateKey, ...payloads };
}

export function approve(context: ServerContext, privateKey: KeyObject, payload: Uint8Array): Promise<unknown> {
  const sig = new Uint8Array(sign(null, preAuthEncoding(goldenPayloadType, payload), privateKey));
  const envelope = { payloadType: goldenPayloadType, payload, signatures: [{ sig }] };
  return proposeGolden(context, envelope, { actor: 'bench', revision: undefined });
}

/** Every layer of every build, once, in the order of their first host. */
async function captureBuilds(context: ServerContext, hosts: Iterable<PaperHost>) {
  const found = new Map<string, { readonly layer: string; readonly payload: Uint8Array }>();
  let count = 0;
  for (const host of hosts) {
    await bind(context, host);
    await attestOnce(context, host);
    for (const { layer, payload } of (await captureGoldens(context, host.name, undefined)).statements) {
      const subject = JSON.stringify((JSON.parse(new TextDecoder().decode(payload)) as { subject: unknown }).subject);
      if (!found.has(subject)) found.set(subject, { layer, payload });
    }
    count += 1;
    if (count === enoughForEveryBuild) break;
  }
  return [...found.values()];
}

async function attestAll(context: ServerContext, hosts: Iterable<PaperHost>): Promise<void> {
  let group: Promise<unknown>[] = [];
  let count = 0;
  for (const host of hosts) {
    const isBound = count < enoughForEveryBuild;
    count += 1;
    group.push((isBound ? Promise.resolve() : bind(context, host)).then(() => attestOnce(context, host)));
    if (group.length < together) continue;
    await Promise.all(group);
    group = [];
  }
  await Promise.all(group);
}

interface OperatorsText {
  readonly privateKey: string;
  readonly newest: readonly string[];
  readonly kernel: string;
  readonly common: string;
}

function writeOperators(path: string, { privateKey, newest, ...one }: Operators): void {
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const text: OperatorsText = {
    privateKey: pem,
    newest: newest.map(encodeBase64),
    kernel: encodeBase64(one.kernel),
    common: encodeBase64(one.common),
  };
  writeFileSync(path, JSON.stringify(text), { mode: 0o600 });
}

function readOperators(path: string): Operators {
  const text = JSON.parse(readFileSync(path, 'utf8')) as OperatorsText;
  const [kernel, common] = [text.kernel, text.common].map(decodeBase64) as [Uint8Array, Uint8Array];
  return { privateKey: createPrivateKey(text.privateKey), newest: text.newest.map(decodeBase64), kernel, common };
}

async function openContext(directory: string): Promise<ServerContext> {
  const settings = { serverId: 'bench.example', goldenQuorum: 1, allowSingleOperator: true, log: { level: 'silent' } };
  const config = checkConfig(settings, directory);
  const [store, log, now] = [openSqliteStore(directory), createLog('silent'), () => start];
  const trust = createTrustCache({ store, quorum: 1, log });
  const keys = loadServerKeys(config);
  const akRevocations = createAkRevocations({ store, config, now });
  const clock = (): number => performance.now();
  const memory = createServerMemory(config);
  const gate = createLoadGate({
    begunMs: 120_000,
    places: 1,
    clock,
    utilisation: () => 0,
    later: setImmediate,
    isQuestioned: () => false,
  });
  return {
    config,
    store,
    replica: 'bench',
    reads: readStored(store),
    failingStore: createFailingStore(log, clock),
    writes: createWriteWatch({ log, now, heedRequestsMs: undefined }),
    keys,
    akRevocations,
    enrolmentPace: createEnrolmentPace(config.enrolment.mostInAnHour),
    trust,
    memory,
    walks: openWalks({ config, store, trust, memory, log, now }, Infinity),
    whatIfSlots: createSlots(1),
    protectionSlots: createSlots(1),
    bundleQueue: { wait: () => Promise.resolve(undefined) },
    gate,
    bodies: createBodyRooms(config.limits.bodyBytes),
    answers: createAnswerRoom(),
    events: await createEvents({ config, keys, store, replica: 'bench', now, random: systemRandom, log }),
    lockout: createLockout({ config, store, now, random: systemRandom, log }),
    metrics: createMetrics(),
    measure: () => Promise.resolve([]),
    auditTree: createAuditTree(store),
    survey: { read: () => Promise.resolve([]) },
    breakGlass: createBreakGlass({ config, store, trust, memory, log }),
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
    trustRevision: await context.store.trustRevision(),
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

export async function attestOnce(context: ServerContext, host: PaperHost): Promise<string> {
  const { challenge, qualifyingData, pcrSelection } = await openChallenge(context, host.name, {});
  const quote = await host.quote(qualifyingData, pcrSelection);
  const { verdict } = await attest(context, host.name, {
    challengeId: challenge.id,
    attest: quote.attest,
    signature: quote.signature,
    pcrs: encodeClaimedPcrs(quote.pcrs),
    eventLog: await host.eventLog(),
    imaLog: undefined,
    imaLogOffset: undefined,
    userspaceLog: undefined,
  });
  return verdict.status;
}
