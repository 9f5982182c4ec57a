// npm run bench:what-if [-- --hosts 10000 --firmwares 20 --kernels 15 --own-logs --verify --deny --serve --data FOLDER]
//
// A fleet on paper behind a real store: every host bound, challenged and appraised by the server's own functions, so that its
// evidence lies where what-if reads it. Then one question: what if the newest kernel were approved? With --verify the change
// is made, every host attests again, and the answer is held against what came of it, host by host. With --own-logs each host
// has a boot entry of its own in PCR 1, so that no two logs are the same. With --deny a kernel is sought and denied at last.
// With --serve the like is asked of a server over HTTPS, beside questions about single hosts: how long do those wait?
// With --data the fleet is kept in that folder, and found there the next time: to make a hundred thousand hosts takes minutes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ServerContext } from '../src/server/context.ts';
import { createServerMemory } from '../src/server/memory.ts';
import { askWhatIf } from '../src/server/what-if/ask.ts';
import type { WhatIf } from '../src/server/what-if/walk-what-if.ts';
import { emptyDraft, type Draft } from '../src/server/what-if/draft.ts';
import { denyFleet } from './deny-fleet.ts';
import { serveFleet } from './what-if-serving.ts';
import { approve, attestOnce, openFleet, type AttestedFleet } from './what-if-fleet.ts';

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '10000' },
    firmwares: { type: 'string', default: '20' },
    kernels: { type: 'string', default: '15' },
    'own-logs': { type: 'boolean', default: false },
    verify: { type: 'boolean', default: false },
    deny: { type: 'boolean', default: false },
    serve: { type: 'boolean', default: false },
    data: { type: 'string' },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const folder = values.data ?? mkdtempSync(join(tmpdir(), 'touchstone-what-if-'));
try {
  await run();
} finally {
  if (values.data === undefined) rmSync(folder, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const shape = {
    size: Number(values.hosts),
    firmwareBuilds: Number(values.firmwares),
    kernelBuilds: Number(values.kernels),
    ownBootEntries: values['own-logs'],
  };
  const fleet = await openFleet(folder, shape, say);
  const { context, newest } = fleet;
  const draft = { ...emptyDraft, activate: newest };
  const answer = await askTimed(context, draft);
  await askTimed(
    { ...context, memory: createServerMemory(context.config) },
    draft,
    ', memory empty as after a restart',
  );
  if (values.verify) await verify(fleet, answer);
  if (values.deny) await denyFleet(context, fleet, say);
  if (values.serve) await serveFleet(folder, fleet, say);
  else await context.store.close();
}

async function askTimed(context: ServerContext, draft: Draft, circumstance = ''): Promise<WhatIf> {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const steps = askWhatIf(context, { draft });
  let slices = 0;
  for (;;) {
    const step = await steps.next();
    if (step.done === true) {
      const { user, system } = process.cpuUsage(cpu);
      say(
        `what-if over ${step.value.hosts} hosts${circumstance}: ${seconds(began)} s, CPU ${((user + system) / 1e6).toFixed(2)} s, ${slices} times gave way`,
      );
      for (const { host, code } of step.value.unknown.slice(0, 5)) say(`  nobody can tell: ${host} ${code}`);
      for (const { kind, count, reason } of step.value.groups.slice(0, 5))
        say(`  ${count} ${kind} ${reason?.code ?? ''}`);
      return step.value;
    }
    slices += 1;
  }
}

/** Makes the change, lets every host attest again, and holds what came of it against the answer. */
async function verify({ context, paperHosts, privateKey, newest }: AttestedFleet, answer: WhatIf): Promise<void> {
  for (const payload of newest) await approve(context, privateKey, payload);
  const expected = new Map(
    answer.groups.flatMap(({ kind, hosts: named }) => named.map((name) => [name, kind] as const)),
  );
  let wrong = 0;
  for (const host of paperHosts(2)) {
    const isTrusted = (await attestOnce(context, host)) === 'affirming';
    const kind = expected.get(host.name);
    if ((kind === 'gained' || kind === 'still-trusted') !== isTrusted) wrong += 1;
  }
  say(`after the change: ${answer.hosts - wrong} of ${answer.hosts} hosts as foretold`);
  if (wrong > 0) process.exitCode = 1;
}

function seconds(began: number): string {
  return ((performance.now() - began) / 1000).toFixed(2);
}
