// npm run bench [-- --json] [--rounds N] [--only TEXT] [--growth HOSTS] [--tiny]
import { parseArgs } from 'node:util';
import { measureHttp } from './http/http-rows.ts';
import { measureLargeFleet, type FleetMemory } from './http/large-fleet.ts';
import { measureWorkers } from './http/workers-rows.ts';
import { measureGrowth } from './growth-rows.ts';
import type { Effort } from './measure.ts';
import { measurePostgres } from './postgres-rows.ts';
import { renderMemory, renderTable } from './table.ts';
import type { Row } from './row.ts';
import { measureStorage } from './storage-rows.ts';
import { measureVerification } from './verification-rows.ts';

const groups: Readonly<Record<string, (effort: Effort) => Promise<readonly Row[]>>> = {
  verification: measureVerification,
  storage: measureStorage,
  postgres: measurePostgres,
  workers: measureWorkers,
  // Last: in the end this process takes the least priority, for good.
  http: measureHttp,
};

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '9' },
    only: { type: 'string', multiple: true, default: [] },
    /** How many hosts store and server are to be measured with, beside few: minutes. `--only growth` leaves out everything else. */
    growth: { type: 'string', multiple: true, default: [] },
    /** Enough to see that it works, far too little to learn anything. */
    tiny: { type: 'boolean', default: false },
  },
});
const effort: Effort = values.tiny
  ? { rounds: 1, sampleMs: 1, warmExchanges: 0 }
  : { rounds: Number(values.rounds), sampleMs: 240, warmExchanges: 6000 };
const rows: Row[] = [];
for (const [name, measure] of Object.entries(groups)) {
  if (values.only.length > 0 && !values.only.includes(name)) continue;
  rows.push(...(await measure(effort)));
}
const sizes = values.growth.map(Number);
rows.push(...(await measureGrowth(sizes, effort)));
const memory: FleetMemory[] = [];
for (const size of sizes) {
  const fleet = await measureLargeFleet(size, effort);
  rows.push(...fleet.rows);
  memory.push(fleet.memory);
}
process.stdout.write(
  values.json ? `${JSON.stringify({ rows, memory }, undefined, 2)}\n` : `${renderTable(rows)}${renderMemory(memory)}`,
);
