// What the commands have in common that play a fleet of some size: `--hosts`, `--json`, `--help`.
import process from 'node:process';
import { parseArgs } from 'node:util';

export interface FleetCommand {
  readonly help: string;
  /** A smaller fleet says nothing. */
  readonly leastHosts: number;
  readonly run: (hosts: number, options: { readonly json: boolean }) => Promise<void>;
}

/** Reads the command line; misuse is told, with exit status 2. */
export async function runFleetCommand({ help, leastHosts, run }: FleetCommand): Promise<void> {
  const { values } = parseArgs({
    options: {
      hosts: { type: 'string', default: '10000' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const hosts = Number(values.hosts);
  if (values.help) print(help);
  else if (!Number.isInteger(hosts) || hosts < leastHosts) {
    print(`--hosts is a number, ${leastHosts} or more\n\n${help}`);
    process.exitCode = 2;
  } else await run(hosts, values);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
