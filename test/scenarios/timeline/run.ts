// `npm run timeline [-- --hosts 10000]`: the life of a fleet, compared with what must be true at each moment.
import { parseArgs } from 'node:util';
import { tellTimeline } from './story.ts';

const { values } = parseArgs({ options: { hosts: { type: 'string', default: '10000' } } });
const begun = performance.now();
const { compared, sentAway } = await tellTimeline(
  Number(values.hosts),
  (line) => void process.stdout.write(`${line}\n`),
);
const seconds = ((performance.now() - begun) / 1000).toFixed(0);
process.stdout.write(`${compared} answers, all as they must be; ${sentAway} times sent away; ${seconds} s\n`);
