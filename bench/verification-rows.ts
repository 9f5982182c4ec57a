// What an appraisal costs in process.
import {
  appraise,
  growLog,
  nameLog,
  type AppraisalMemory,
  type Evidence,
  type RememberedLog,
  type RememberedRuntime,
} from '../src/core/appraisal/index.ts';
import { holdPcrs, type RememberedPcrs } from '../src/core/tpm/index.ts';
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
    const memory: AppraisalMemory = { logs: createLru<RememberedLog>(8), pcrs: createLru<RememberedPcrs>(8) };
    // As a server holds what it told the host not to send.
    const { eventLog, pcrs } = evidence;
    const held = { ...evidence, eventLog: eventLog && nameLog(eventLog), pcrs: holdPcrs(pcrs) };
    const remembering = (): unknown => appraise(held, trust, policy, at, memory);
    const again = { floor: inProcess(() => nativeSignature(native), effort), product: inProcess(remembering, effort) };
    const repeated = `unchanged log again, ${keyNames[keyType]}: of one bare crypto.verify`;
    rows.push(rowOf({ name: repeated, target: 1.2 }, await measurePairs(again, effort)));
  }
  return [...rows, ...(await measureRuntime(effort))];
}

/** As a hypervisor has that measures what it runs. */
const measuredFiles = 3000;

/** A list that did not grow, and one that grew by a file, of what it takes to go through it. */
async function measureRuntime(effort: Effort): Promise<readonly Row[]> {
  const { evidence, before, trust, policy, at } = await createCase('ecc', measuredFiles);
  const { eventLog, imaLog } = evidence;
  if (eventLog === undefined || imaLog === undefined || before === undefined)
    throw new TypeError('the case has both logs');
  const named = { eventLog: nameLog(eventLog), imaLog: nameLog(imaLog) };
  const boots = { logs: createLru<RememberedLog>(8), pcrs: createLru<RememberedPcrs>(8) };
  const runtimes = createLru<RememberedRuntime>(8);
  const remembering = (seen: Evidence): AppraisalMemory => {
    const { status } = appraise(seen, trust, policy, at, { ...boots, runtimes });
    if (status !== 'affirming') throw new TypeError(`the benchmark's own list is ${status}`);
    // What is appraised again and again grew each time.
    return { ...boots, runtimes: { get: (key) => runtimes.get(key), set: () => undefined } };
  };
  const rows: Row[] = [];
  const measure = async (name: string, held: Evidence, memory: AppraisalMemory, target: number): Promise<void> => {
    const sides = {
      floor: inProcess(() => appraise(held, trust, policy, at, boots), effort),
      product: inProcess(() => appraise(held, trust, policy, at, memory), effort),
    };
    rows.push(rowOf({ name: `${name}: of going through it`, target }, await measurePairs(sides, effort)));
  };
  const shorter = nameLog(before.imaLog);
  const grown = { ...evidence, ...named, imaLog: growLog(shorter, imaLog.subarray(shorter.length)) };
  const known = remembering({ ...before, ...named, imaLog: shorter });
  await measure(`list of ${measuredFiles} measured files that grew by one`, grown, known, 0.02);
  const held = { ...evidence, ...named };
  await measure(`unchanged list of ${measuredFiles} measured files again`, held, remembering(held), 0.02);
  return rows;
}
