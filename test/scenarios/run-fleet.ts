// `npm run fleet -- --hosts 10000`: the life of a fleet of any size, against a server with its default limits.
import { parseArgs } from 'node:util';
import { liveFleet } from './fleet-story.ts';

const { values } = parseArgs({ options: { hosts: { type: 'string' }, places: { type: 'string' } } });
const herd = await liveFleet({
  size: Number(values.hosts ?? 10_000),
  places: Number(values.places ?? 64),
  say: (line) => void process.stdout.write(`${line}\n`),
});
process.stdout.write(`${herd.refusals} refusals, and every host was heard\n`);
