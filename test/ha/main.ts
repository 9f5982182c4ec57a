// `npm run test:ha [-- --kills 10]`: the documented set-up, running, under load: its primary is killed again and again, then its
// servers are. What clients saw acknowledged must all be there in the end, once. docs/high-availability.md
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Outcome } from './checks.ts';
import { formatReport } from './report.ts';
import { tellStory, type StoryOptions } from './story.ts';

const help = `npm run test:ha [-- OPTIONS]

  --kills N         how often the primary of the database is killed (3; the promise is checked with 10)
  --replica-kills N how often a server is killed after that (5)
  --hosts N         hosts that attest all the time (6)
  --pause MS        between two acts of one client, about (400)
  --keep            keep the folder with all logs
  --json            the report as one JSON document
`;

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '3' },
    'replica-kills': { type: 'string', default: '5' },
    hosts: { type: 'string', default: '6' },
    pause: { type: 'string', default: '400' },
    keep: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(help);
else await main();

async function main(): Promise<void> {
  const options = readOptions();
  const begun = performance.now();
  const seconds = (): number => Math.round((performance.now() - begun) / 1000);
  const say = (line: string): void => void process.stderr.write(`${String(seconds()).padStart(4)} s  ${line}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-ha-'));
  // Debian's user of PostgreSQL goes through it.
  chmodSync(folder, 0o711);
  let outcomes: readonly Outcome[] = [];
  try {
    const report = await tellStory({ ...options, folder, say });
    ({ outcomes } = report);
    if (values.json) process.stdout.write(`${JSON.stringify({ ...report, seconds: seconds() })}\n`);
    else formatReport(report).forEach((line) => process.stdout.write(`${line}\n`));
  } finally {
    const isGood = outcomes.length > 0 && outcomes.every(({ wrong }) => wrong.length === 0);
    if (values.keep || !isGood) say(`logs: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
    process.exitCode = isGood ? 0 : 1;
  }
  const passed = outcomes.filter(({ wrong }) => wrong.length === 0).length;
  if (!values.json) process.stdout.write(`${passed} passed, ${outcomes.length - passed} failed, 0 skipped\n`);
}

function readOptions(): Omit<StoryOptions, 'folder' | 'say'> {
  const [kills, replicaKills, hosts, pauseMs] = [values.kills, values['replica-kills'], values.hosts, values.pause].map(
    Number,
  );
  const numbers = [kills, replicaKills, hosts, pauseMs];
  if (!numbers.every((number) => Number.isInteger(number) && number! >= 0 && number! <= 10_000)) {
    process.stderr.write(help);
    process.exit(2);
  }
  return { kills: kills!, replicaKills: replicaKills!, hosts: Math.max(1, hosts!), pauseMs: Math.max(20, pauseMs!) };
}
