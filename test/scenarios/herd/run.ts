// `npm run herd`: ten thousand hosts after a power cut. Is one lost, or does the server take more memory than it may?
import process from 'node:process';
import { print, runFleetCommand } from '../fleet-command.ts';
import { mostServerBytes, runHerd, type Herd } from './herd.ts';

const help = `npm run herd -- [--hosts N] [--json]

  --hosts N  how many hosts; 10000 unless given. They enrol first, which takes longer than the herd itself
  --json     write one JSON document at the end

The database is in TMPDIR, which needs 80 kB for each host; /dev/shm leaves the disk out of it.
Exit status: 0 all were heard and trusted, in bounded memory; 1 not so; 2 misuse.`;

await runFleetCommand({
  help,
  leastHosts: 1,
  run: async (hosts, { json }) => {
    const herd = await runHerd(hosts);
    print(json ? JSON.stringify(herd) : linesOf(herd).join('\n'));
    process.exitCode = herd.trusted === hosts && herd.serverBytes <= mostServerBytes ? 0 : 1;
  },
});

function linesOf(herd: Herd): readonly string[] {
  const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
  return [
    `${herd.trusted} of ${herd.hosts} hosts trusted, ${herd.lost} lost, ${herd.errors} errors`,
    `half of them heard after ${seconds(herd.heardMs.p50)}, the last after ${seconds(herd.heardMs.max)}`,
    `${herd.sentAway} times told to come back, as ${herd.cameBack} hosts did; ${herd.cutOff} times cut off`,
    `a host ${(herd.sentAway / herd.hosts).toFixed(2)} times, at most ${herd.sentAwayMost}; ${herd.sentAwayBegun} times with a challenge in its hands`,
    `server: ${megabytes(herd.serverBytes)} MB at most, of ${megabytes(mostServerBytes)} MB; ${Math.round(herd.serverCpuSeconds)} s of CPU, ${Math.round((herd.serverIdle ?? NaN) * 100)} % of the time nothing to do`,
    `fleet: ${herd.fleetLoad.toFixed(2)} of a core`,
  ];
}
