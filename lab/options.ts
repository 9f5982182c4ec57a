// The command line of `npm run lab`.
import { parseArgs } from 'node:util';
import { checkReplaceable } from './retake.ts';
import { scenarios } from './scenarios.ts';
import type { Scenario } from './scenario.ts';

export const usage = `npm run lab -- [options]

Boots real guests under QEMU, and holds what the server says of them to what it should say.

  --only NAME   only this scenario, and what it rests on (may be repeated)
  --list        names and titles of the scenarios
  --keep        leave the run's folder (disks, logs, TPM state) for inspection
  --retake DIR  when every scenario passed, replace what DIR holds of them by the evidence of this run
  --json        one JSON document on stdout; progress on stderr
  -h, --help    this text

Exit status: 0 every scenario passed, 1 one failed or the lab could not run, 2 not understood.

  npm run lab                                           # everything
  npm run lab -- --only command-line --only reboot      # two of them
  npm run --silent lab -- --json > lab.json             # for a machine to read
  npm run lab -- --retake test/fixtures/lab/guests      # new fixtures for the tests; with --only, of some

See docs/lab.md.`;

export interface Options {
  readonly chosen: readonly Scenario[];
  readonly keep: boolean;
  readonly json: boolean;
  readonly retake: string | undefined;
  /** Shown instead of running anything. */
  readonly show: string | undefined;
}

/** @throws TypeError when it is not understood */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      list: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      retake: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { only, list, help, keep, json, retake } = values;
  const unknown = only.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0) throw new TypeError(`no scenario is called ${unknown.join(', ')}; --list shows all`);
  if (retake !== undefined) checkReplaceable(retake);
  const titles = scenarios.map(({ name, title }) => `${name.padEnd(20)}${title}`);
  const show = help ? usage : list ? titles.join('\n') : undefined;
  return { chosen: scenarios.filter(({ name }) => only.length === 0 || only.includes(name)), keep, json, retake, show };
}
