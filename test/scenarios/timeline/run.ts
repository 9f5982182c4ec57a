// `npm run timeline`: the life of a fleet, compared with what must be true at each moment.
import process from 'node:process';
import { print, runFleetCommand } from '../fleet-command.ts';
import { tellTimeline, type Chapter } from './story.ts';

const help = `npm run timeline -- [--hosts N] [--json]

  --hosts N  how many hosts; 10000 unless given: about 60 ms of CPU each
  --json     write one JSON document at the end

Exit status: 0 every answer was what it must be, 1 one was not, 2 misuse.`;

const progressMs = 2000;

await runFleetCommand({ help, leastHosts: 50, run });

async function run(hosts: number, { json }: { readonly json: boolean }): Promise<void> {
  const begun = performance.now();
  const chapters: Chapter[] = [];
  let toldAt = begun;
  const { compared, sentAway } = await tellTimeline(hosts, {
    chapter: (chapter) => {
      chapters.push(chapter);
      if (!json) print(lineOf(chapter));
    },
    progress: (name, done, of) => {
      if (performance.now() - toldAt < progressMs) return;
      toldAt = performance.now();
      process.stderr.write(`  ${name}: ${done} of ${of}\n`);
    },
  });
  const seconds = Math.round((performance.now() - begun) / 1000);
  const [cpuSeconds, peakMegabytes] = [sum(process.cpuUsage()) / 1e6, process.resourceUsage().maxRSS / 1024].map(
    Math.round,
  );
  if (json) print(JSON.stringify({ hosts, compared, sentAway, seconds, cpuSeconds, peakMegabytes, chapters }));
  else {
    print(`${compared} answers, all as they must be; ${sentAway} times sent away`);
    print(`${seconds} s, of them ${cpuSeconds} s of CPU; at most ${peakMegabytes} MB, for server and hosts together`);
  }
}

function lineOf({ name, at, trusted, compared, seconds }: Chapter): string {
  const figures = [`${trusted}`.padStart(6), `${compared}`.padStart(7), `${seconds.toFixed(1)} s`.padStart(9)];
  return `${at.toISOString().slice(11, 19)} ${figures.join(' ')}  ${name}`;
}

function sum({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}
