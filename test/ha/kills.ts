// The primary of the database is killed, and killed again when it is whole; then one server after the other.
import { setTimeout as sleep } from 'node:timers/promises';
import { until, type HaDatabase } from './database.ts';
import type { Ledger } from './ledger.ts';
import { anyOf, type Site } from './site.ts';

export interface Outage {
  readonly node: string;
  /** Its Patroni too, as when a machine is lost. */
  readonly isMachine: boolean;
  /** Until something was acknowledged again. */
  readonly seconds: number;
  /** Answers to orchestrators meanwhile. */
  readonly fromMemory: number;
}

/** Every third time the whole machine goes. */
const machineEvery = 3;
/** What was acknowledged just before a kill may be heard just after it: 0.7 s after it on a busy machine. No primary comes back as fast. */
const echoMs = 2_000;

export async function killPrimaries(
  database: HaDatabase,
  ledger: Ledger,
  { kills, say }: { readonly kills: number; readonly say: (line: string) => void },
): Promise<readonly Outage[]> {
  const outages: Outage[] = [];
  for (let kill = 1; kill <= kills; kill += 1) {
    await database.whole();
    await sleep(4_000);
    const before = ledger.counts.get('admissions from memory') ?? 0;
    const isMachine = kill % machineEvery === 0;
    const killedAt = Date.now();
    const node = await database.killPrimary(isMachine);
    await until(() => Promise.resolve(ledger.lastWriteAt > killedAt + echoMs), 'nothing is acknowledged any more');
    const seconds = (ledger.lastWriteAt - killedAt) / 1000;
    const fromMemory = (ledger.counts.get('admissions from memory') ?? 0) - before;
    outages.push({ node, isMachine, seconds, fromMemory });
    const what = isMachine ? `${node}, PostgreSQL and Patroni` : `${node}, PostgreSQL`;
    say(
      `kill ${kill} of ${kills} (${what}): written again after ${seconds.toFixed(1)} s, ${fromMemory} answers from memory`,
    );
  }
  return outages;
}

export async function killReplicas(
  { replicas }: Site,
  { replicaKills, say }: { readonly replicaKills: number; readonly say: (line: string) => void },
): Promise<void> {
  for (let kill = 1; kill <= replicaKills; kill += 1) {
    const replica = anyOf(replicas);
    await sleep(2_000);
    await replica.kill();
    await replica.restart();
    say(`server kill ${kill} of ${replicaKills}: ${replica.name} is back`);
  }
}
