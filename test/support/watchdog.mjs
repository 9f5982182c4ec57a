// Watches over a process of tests. The runner ends a test that takes too long by a timer of that same process, which never comes
// where the process stands still: where it waits for a child that does not end, goes round for ever, or is stuck in its own exit.
// The whole run would wait for it, and nobody could say where. This says where, ends what is below it, and at last itself.
// Arguments: the process, and after how many seconds without a sign of life. Standard input: a line for each sign of life, with
// what has begun since, or empty; it ends with the process.
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';

const [pid, seconds] = process.argv.slice(2).map(Number);
/** For whoever was kept by a child, to go on without it. */
const secondsWithoutChildren = Math.min(seconds, 30);
let [begun, seenAt, patience, hasTold] = ['its start', performance.now(), seconds, false];

createInterface({ input: process.stdin })
  .on('line', (line) => {
    [seenAt, patience, hasTold] = [performance.now(), seconds, false];
    if (line !== '') begun = line;
  })
  .on('close', () => process.exit());

setInterval(() => {
  if (performance.now() - seenAt < patience * 1000) return;
  if (hasTold) end(pid);
  else endBelow();
  [seenAt, patience, hasTold] = [performance.now(), secondsWithoutChildren, true];
}, 500);

function endBelow() {
  const below = descendants(pid);
  const [state] = textOf(pid, 'stat').split(') ').slice(-1);
  console.error(`\nA process of tests stood still for ${seconds} s, in ${begun}`);
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
