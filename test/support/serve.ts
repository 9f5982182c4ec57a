// Serves a data directory as a process of its own, for tests that kill it: prints the URL and waits.
// Arguments: the data directory, and settings in JSON on top of those below.
import { checkConfig, closeOnSignals, startServer } from '../../src/server/index.ts';

const settings = JSON.parse(process.argv[3] ?? '{}') as object;
const config = checkConfig(
  { serverId: 'test.example', listen: { port: 0 }, log: { level: 'silent' }, ...settings },
  process.argv[2] ?? '',
);
const server = await startServer(config, { announce: () => undefined });
closeOnSignals(server);
process.stdout.write(`${server.url}\n`);
