// Watches over a process of tests. The runner ends a test that takes too long by a timer of that same process, which never comes
// where the process stands still: where it waits for a child that does not end, goes round for ever, or is stuck in its own exit.
// The whole run would wait for it, and nobody could say where. This says where, ends what is below it, and at last itself.
// Arguments: the process, after how many seconds without a sign of life, and after how many in which no test begins (a file that
// never is read, say). Standard input: a line for each sign of life, with the test that begins, or empty; it ends with the process.
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { exiting } from './watch-over.mjs';

const [pid, secondsStill, secondsWithoutTest] = process.argv.slice(2).map(Number);
/** For whoever was kept by a child, to go on without it. */
const secondsWithoutChildren = Math.min(secondsStill, 30);
/** For a process to end in: it removes what its tests left, and stops a database. */
const secondsToExit = Math.min(secondsStill, 120);
let begun = 'its start';

const watches = [
  { what: 'stood still', seconds: secondsStill, isSign: () => true },
  { what: 'began no test', seconds: secondsWithoutTest, isSign: (line) => line !== '' && line !== exiting },
].map((watch) => ({ ...watch, until: after(watch.seconds), hasTold: false }));

function after(seconds) {
  return performance.now() + seconds * 1000;
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    for (const watch of watches.filter(({ isSign }) => isSign(line)))
      Object.assign(watch, { until: after(line === exiting ? secondsToExit : watch.seconds), hasTold: false });
    if (line !== '') begun = line;
  })
  .on('close', () => process.exit());

setInterval(() => {
  for (const watch of watches.filter(({ until }) => performance.now() >= until)) {
    if (watch.hasTold) end(pid);
    else endBelow(`${watch.what} for too long, in ${begun}`);
    Object.assign(watch, { until: after(secondsWithoutChildren), hasTold: true });
  }
}, 500);

function endBelow(why) {
  const below = descendants(pid);
  const [state] = textOf(pid, 'stat').split(') ').slice(-1);
  console.error(`\nA process of tests ${why}`);
  console.error(`  its state: ${state?.slice(0, 1)} ${textOf(pid, 'wchan')}; below it, and ended now: ${below.length}`);
  for (const child of below) console.error(`  ${child} ${textOf(child, 'cmdline').replaceAll('\0', ' ')}`);
  below.forEach(end);
}

function descendants(parent) {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === parent && Number(name) !== process.pid)
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Of `PID (NAME) STATE PARENT ...`, where the name may hold anything. */
function parentOf(child) {
  return Number(textOf(child, 'stat').split(') ').at(-1)?.split(' ')[1]);
}

/** Empty where the process has ended meanwhile. */
function textOf(of, file) {
  try {
    return readFileSync(`/proc/${of}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

function end(which) {
  try {
    process.kill(which, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
