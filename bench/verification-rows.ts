// What an appraisal costs in process.
import {
  appraise,
  nameLog,
  type AppraisalMemory,
  type RememberedLog,
  type RememberedRuntime,
} from '../src/core/appraisal/index.ts';
import type { AttestedPcrs } from '../src/core/tpm/index.ts';
import { createLru } from '../src/server/lru.ts';
import type { PaperKeyType } from '../src/simulator/index.ts';
import { createCase } from './evidence.ts';
import { inProcess, measurePairs, type Effort } from './measure.ts';
import { nativeInput, nativeSignature, nativeWork } from './native-work.ts';
import { rowOf, type Row } from './row.ts';

const keyNames: Readonly<Record<PaperKeyType, string>> = { rsa: 'RSA-2048', ecc: 'P-256' };

export async function measureVerification(effort: Effort): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const keyType of ['rsa', 'ecc'] as const) {
    const { evidence, trust, policy, at } = await createCase(keyType);
    const native = nativeInput({ evidence, trust, policy, at });
    const full = (): unknown => appraise(evidence, trust, policy, at);
    const { status } = appraise(evidence, trust, policy, at);
    if (status !== 'affirming') throw new TypeError(`the benchmark's own evidence is ${status}`);
    const sides = { floor: inProcess(() => nativeWork(native), effort), product: inProcess(full, effort) };
    const name = `full verification, ${keyNames[keyType]}: of bare parse, replay, signature and digest of the log`;
    rows.push(rowOf({ name, target: 1.25 }, await measurePairs(sides, effort)));
    const memory: AppraisalMemory = { logs: createLru<RememberedLog>(8), pcrs: createLru<AttestedPcrs>(8) };
    // As a server holds it that told the host not to send it.
    const held = { ...evidence, eventLog: evidence.eventLog && nameLog(evidence.eventLog) };
    const remembering = (): unknown => appraise(held, trust, policy, at, memory);
    const again = { floor: inProcess(() => nativeSignature(native), effort), product: inProcess(remembering, effort) };
    const repeated = `unchanged log again, ${keyNames[keyType]}: of one bare crypto.verify`;
    rows.push(rowOf({ name: repeated, target: 1.2 }, await measurePairs(again, effort)));
  }
  return [...rows, await measureRuntime(effort)];
}

/** As a hypervisor has that measures what it runs. */
const measuredFiles = 3000;

/** A list that did not grow, of what it takes to go through it. */
async function measureRuntime(effort: Effort): Promise<Row> {
  const { evidence, trust, policy, at } = await createCase('ecc', measuredFiles);
  const { eventLog, imaLog } = evidence;
  if (eventLog === undefined || imaLog === undefined) throw new TypeError('the case has both logs');
  const held = { ...evidence, eventLog: nameLog(eventLog), imaLog: nameLog(imaLog) };
  const boots = { logs: createLru<RememberedLog>(8), pcrs: createLru<AttestedPcrs>(8) };
  const all = { ...boots, runtimes: createLru<RememberedRuntime>(8) };
  const { status } = appraise(held, trust, policy, at, all);
  if (status !== 'affirming') throw new TypeError(`the benchmark's own list is ${status}`);
  const sides = {
    floor: inProcess(() => appraise(held, trust, policy, at, boots), effort),
    product: inProcess(() => appraise(held, trust, policy, at, all), effort),
  };
  const name = `unchanged list of ${measuredFiles} measured files again: of going through it`;
  return rowOf({ name, target: 0.02 }, await measurePairs(sides, effort));
}
