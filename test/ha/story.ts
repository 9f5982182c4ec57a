// The story: a set-up is made, a fleet attests and is asked about, the primary is killed, then the servers are; then it is counted.
import { createSimulatorAuthority } from '../../src/simulator/index.ts';
import { paperHost } from '../support/paper-story.ts';
import { askForEver } from './admission-load.ts';
import { checkAcknowledged, type Outcome } from './checks.ts';
import { startHaDatabase, until, type HaDatabase } from './database.ts';
import { attestForEver, enrolForEver } from './hosts-load.ts';
import { killPrimaries, killReplicas, type Outage } from './kills.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { operateForEver } from './operators-load.ts';
import { populate } from './populate.ts';
import { startReplicas } from './replicas.ts';
import type { Site } from './site.ts';

export interface StoryOptions {
  readonly kills: number;
  readonly replicaKills: number;
  readonly hosts: number;
  readonly pauseMs: number;
  readonly folder: string;
  readonly say: (line: string) => void;
}

export interface StoryReport {
  readonly outcomes: readonly Outcome[];
  readonly outages: readonly Outage[];
  readonly counts: Readonly<Record<string, number>>;
}

export async function tellStory(options: StoryOptions): Promise<StoryReport> {
  options.say('starting etcd, PostgreSQL under Patroni, and HAProxy');
  const database = await startHaDatabase(options.folder);
  try {
    return await tellOver(database, options);
  } finally {
    await database.stop();
  }
}

async function tellOver(database: HaDatabase, options: StoryOptions): Promise<StoryReport> {
  const { folder, pauseMs, say } = options;
  say(`starting three servers over ${database.url}`);
  const { replicas, operatorToken, storage } = await startReplicas(folder, database);
  const authority = createSimulatorAuthority({ at: new Date(), seed: 'highly available' });
  const newHost = (name: string) => paperHost(name, { authority });
  const ledger = createLedger();
  const weather = { replicasDie: false };
  let isOver = false;
  const site: Site = { replicas, operatorToken, authority, newHost, ledger, weather, pauseMs, isOver: () => isOver };
  try {
    const load = await beginLoad(site, options);
    const outages = await killPrimaries(database, ledger, options);
    weather.replicasDie = true;
    await killReplicas(site, options);
    isOver = true;
    await load.end;
    await database.whole();
    for (const one of replicas) await until(() => one.isReady(), `${one.name} is not ready in the end`);
    say('counting');
    const silent = outages
      .filter(({ fromMemory }) => fromMemory === 0)
      .map(({ node }) => `nobody was admitted without ${node}`);
    const outcomes = [
      ...(await checkAcknowledged(site, storage)),
      { name: 'orchestrators were answered from memory in every outage', wrong: silent },
      { name: 'something of every kind was acknowledged', wrong: missingKinds(ledger) },
    ];
    return { outcomes, outages, counts: Object.fromEntries([...ledger.counts].sort()) };
  } finally {
    isOver = true;
    for (const replica of replicas) await replica.stop();
  }
}

/** Resolves when it has begun, with a promise of its end. */
async function beginLoad(site: Site, { hosts, say }: StoryOptions): Promise<{ readonly end: Promise<unknown> }> {
  const { members, work, orchestrator } = await populate(site, hosts);
  say(`${members.length} hosts are trusted; the load begins`);
  const asked = members.map(({ hostId }) => hostId);
  const end = Promise.all([
    ...members.map((member) => attestForEver(site, member)),
    enrolForEver(site),
    operateForEver(site, work),
    askForEver(site, orchestrator, asked),
  ]);
  return { end };
}

/** A load that did nothing would lose nothing. */
function missingKinds({ counts }: Ledger): readonly string[] {
  const kinds = ['attestations', 'enrolments', 'labels', 'golden measurements', 'revocations', 'quarantines'];
  return [...kinds.map((kind) => `${kind} acknowledged`), 'replays refused', 'admissions'].filter(
    (name) => !counts.has(name),
  );
}
