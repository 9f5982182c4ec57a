// Serves a data directory as a process of its own, for tests that kill it: prints the URL, and that of admission where it has one of its own, and waits.
// Arguments: the server's own door (a module of the build or of the sources), the data directory, and settings in JSON on top of
// those below, and by how many seconds its clock is ahead. In JavaScript, so that a build is started without a loader.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

// A line "fail" on standard input lets the disk fail at whatever is written out from then on.
let isFailing = false;
const { fdatasync } = fs;
fs.fdatasync = (file, done) =>
  isFailing
    ? setImmediate(done, Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'fdatasync' }))
    : fdatasync(file, done);
syncBuiltinESMExports();

const [, , door, dataDirectory, more, aheadSeconds] = process.argv;
const { checkConfig, closeOnSignals, startConfigured, startServer } = await import(pathToFileURL(door).href);

const settings = JSON.parse(more);
const config = checkConfig(
  { serverId: 'test.example', listen: { port: 0 }, log: { level: 'silent' }, ...settings },
  dataDirectory,
);
// A line on standard input puts the clock forward by so many seconds, for tests that need not wait.
let aheadMs = Number(aheadSeconds) * 1000;
const now = () => new Date(Date.now() + aheadMs);
process.stdin.on('data', (line) => {
  if (line.toString() === 'fail\n') isFailing = true;
  else aheadMs += Number(line.toString()) * 1000;
});
process.stdin.unref();
const announce = () => undefined;
// Several workers have the clock of the system.
const isOne = config.workers === 1 && config.admission.listen === undefined;
const server = isOne ? await startServer(config, { announce, now }) : await startConfigured(config, { announce });
closeOnSignals(server);
process.stdout.write(`${server.url} ${server.admissionUrl ?? ''}\n`);
