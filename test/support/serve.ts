// Serves a data directory as a process of its own, for tests that kill it: prints the URL and waits.
// Arguments: the data directory.
import { checkConfig, closeOnSignals, startServer } from '../../src/server/index.ts';

const config = checkConfig(
  { serverId: 'test.example', listen: { port: 0 }, log: { level: 'silent' } },
  process.argv[2] ?? '',
);
const server = await startServer(config, { announce: () => undefined });
closeOnSignals(server);
process.stdout.write(`${server.url}\n`);
