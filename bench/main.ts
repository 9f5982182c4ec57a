// npm run bench [-- --json] [--rounds N] [--only TEXT] [--tiny]
import { parseArgs } from 'node:util';
import { measureHttp } from './http/http-rows.ts';
import type { Effort } from './measure.ts';
import { measurePostgres } from './postgres-rows.ts';
import { renderTable } from './table.ts';
import type { Row } from './row.ts';
import { measureStorage } from './storage-rows.ts';
import { measureVerification } from './verification-rows.ts';

const groups: Readonly<Record<string, (effort: Effort) => Promise<readonly Row[]>>> = {
  verification: measureVerification,
  http: measureHttp,
  storage: measureStorage,
  postgres: measurePostgres,
};

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '9' },
    only: { type: 'string', multiple: true, default: [] },
    /** Enough to see that it works, far too little to learn anything. */
    tiny: { type: 'boolean', default: false },
  },
});
const effort: Effort = values.tiny
  ? { rounds: 2, sampleMs: 1, warmExchanges: 0 }
  : { rounds: Number(values.rounds), sampleMs: 60, warmExchanges: 1500 };
const rows: Row[] = [];
for (const [name, measure] of Object.entries(groups)) {
  if (values.only.length > 0 && !values.only.includes(name)) continue;
  rows.push(...(await measure(effort)));
}
process.stdout.write(values.json ? `${JSON.stringify({ rows }, undefined, 2)}\n` : renderTable(rows));
