// Serves a data directory as a process of its own, for tests that kill it: prints the URL and waits.
// Arguments: the data directory, and settings in JSON on top of those below.
import { checkConfig, closeOnSignals, startConfigured, startServer } from '../../src/server/index.ts';

const settings = JSON.parse(process.argv[3] ?? '{}') as object;
const config = checkConfig(
  { serverId: 'test.example', listen: { port: 0 }, log: { level: 'silent' }, ...settings },
  process.argv[2] ?? '',
);
// A line on standard input puts the clock forward by so many seconds, for tests that need not wait.
let aheadMs = 0;
const now = (): Date => new Date(Date.now() + aheadMs);
process.stdin.on('data', (line: Buffer) => (aheadMs += Number(line.toString()) * 1000)).unref();
const announce = (): void => undefined;
// Several workers have the clock of the system.
const isOne = config.workers === 1 && config.admission.listen === undefined;
const server = isOne ? await startServer(config, { announce, now }) : await startConfigured(config, { announce });
closeOnSignals(server);
process.stdout.write(`${server.url}\n`);
