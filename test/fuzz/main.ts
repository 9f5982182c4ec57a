// `npm run fuzz`: changes good inputs at random, and keeps those that reach new code, until time is over.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { examine } from './examine.ts';
import { superviseFuzzing } from './supervise.ts';
import { createTargets, targetNames } from './targets.ts';
import type { FuzzFinding, FuzzStatistics } from './target.ts';

const help = `npm run fuzz -- [--target NAME]... [--seconds N] [--seed N] [--json] [--findings DIR]
npm run fuzz -- --target NAME --input FILE

  --target NAME   fuzz this reader only (more than once: these); all unless given
  --seconds N     how long, shared among the targets; 600 unless given
  --seed N        the same seed changes inputs in the same way
  --json          write one JSON document
  --findings DIR  where inputs of findings are written; tmp/fuzz unless given
  --input FILE    run one input of --target, and say what comes of it

Targets: ${targetNames.join(' ')}

Exit status: 0 nothing found, 1 findings, 2 misuse.`;

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true, default: [] },
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(Date.now() % 0x1_0000_0000) },
    json: { type: 'boolean', default: false },
    findings: { type: 'string', default: 'tmp/fuzz' },
    input: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const names = values.target.length === 0 ? targetNames : values.target;
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
const unknown = names.filter((name) => !targetNames.includes(name));

if (values.help) {
  print(help);
} else if (unknown.length > 0 || !(seconds > 0) || !Number.isInteger(seed)) {
  print(`${unknown.length > 0 ? `no target ${unknown.join(', ')}` : '--seconds and --seed are numbers'}\n\n${help}`);
  process.exitCode = 2;
} else if (values.input !== undefined) {
  await replay(names[0] ?? '', values.input);
} else {
  await run();
}

async function run(): Promise<void> {
  const jobs = names.map((target) => ({
    target,
    seed,
    maximumRuns: Infinity,
    maximumMs: (seconds * 1000) / names.length,
  }));
  say(`seed ${seed}, ${names.length} targets, ${seconds} s`);
  const report = await superviseFuzzing(jobs, {
    targets: new URL('targets.ts', import.meta.url),
    heapMb: 96,
    hangMs: 10_000,
    onFinding: (finding) => say(describeFinding(finding, save(finding))),
    onFinished: (statistics) => say(describeStatistics(statistics)),
  });
  const findings = report.findings.map((finding) => ({ ...finding, input: save(finding) }));
  if (values.json) print(JSON.stringify({ seed, findings, targets: report.statistics }, undefined, 2));
  const runs = report.statistics.reduce((sum, one) => sum + one.runs, 0);
  say(`${runs} inputs, ${findings.length} findings`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}

async function replay(name: string, file: string): Promise<void> {
  const [target] = await createTargets([name]);
  if (target === undefined) return;
  const { accepted, finding } = await examine(target, new Uint8Array(readFileSync(file)), true);
  print(finding ? `${finding.kind}: ${finding.detail}` : accepted ? 'read to the end' : 'refused with a known code');
  process.exitCode = finding ? 1 : 0;
}

/** The file that the input of a finding is written to. */
function save({ target, input }: FuzzFinding): string {
  const name = `${target}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}.bin`;
  const path = join(values.findings, name);
  mkdirSync(values.findings, { recursive: true });
  writeFileSync(path, input);
  return path;
}

function describeFinding({ target, kind, detail, input }: FuzzFinding, path: string): string {
  return `FOUND ${target}: ${kind}, ${input.length} bytes\n${detail}\nagain: npm run fuzz -- --target ${target} --input ${path}`;
}

function describeStatistics({ target, runs, accepted, corpus, blocks }: FuzzStatistics): string {
  return `${target}: ${runs} inputs, ${accepted} read to the end, ${corpus} kept, ${blocks} blocks`;
}

function say(text: string): void {
  if (!values.json) print(text);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
