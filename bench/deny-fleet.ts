// What a deny list costs over a fleet: the question which hosts still run something, and its import, which ends their verdicts.
import { sign, type KeyObject } from 'node:crypto';
import { encodeDsseEnvelope, preAuthEncoding } from '../src/core/encoding/index.ts';
import { denyPayloadType, encodeDenyList, type Denied } from '../src/core/deny/index.ts';
import { parseGoldenStatement } from '../src/core/golden/index.ts';
import type { ServerContext } from '../src/server/context.ts';
import { importDenyList } from '../src/server/deny/deny-lists.ts';
import { findDenied } from '../src/server/deny/find-denied.ts';
import { resultOf } from '../src/server/fleet/progress.ts';
import { unweighed } from '../src/server/what-if/protection.ts';
import { start } from './evidence.ts';
import type { Operators } from './what-if-fleet.ts';

/** A signed list that denies the first event of a golden measurement: a kernel that a part of the fleet runs. */
export function signedDenyList(
  statement: Uint8Array,
  privateKey: KeyObject,
  name = 'bench',
): { readonly payload: Uint8Array; readonly envelope: Uint8Array } {
  const [event] = parseGoldenStatement(statement).events;
  if (event === undefined) throw new TypeError('the golden measurement has no event');
  const denies: Denied = { kind: 'measurement', digests: event.digests, pcr: event.pcr };
  const entries = [{ id: 'kernel', reason: 'bench', cves: [], denies }];
  const payload = encodeDenyList({ name, version: 1, issuedAt: start, entries });
  const sig = new Uint8Array(sign(null, preAuthEncoding(denyPayloadType, payload), privateKey));
  return { payload, envelope: encodeDsseEnvelope({ payloadType: denyPayloadType, payload, signatures: [{ sig }] }) };
}

export async function denyFleet(
  context: ServerContext,
  { kernel, privateKey }: Pick<Operators, 'kernel' | 'privateKey'>,
  say: (line: string) => void,
): Promise<void> {
  const { payload, envelope } = signedDenyList(kernel, privateKey);
  const asked = await timed(() => resultOf(findDenied(context, { list: { payload }, after: undefined, limit: 1000 })));
  say(`deny hosts: ${asked.result.denied} of ${asked.result.hosts} hosts: ${asked.cost}`);
  const imported = await timed(() =>
    resultOf(importDenyList(context, envelope, { actor: 'bench', passage: unweighed })),
  );
  say(`deny import: ${imported.result.hosts} verdicts ended: ${imported.cost}`);
}

async function timed<Result>(act: () => Promise<Result>): Promise<{ readonly result: Result; readonly cost: string }> {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const result = await act();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - began) / 1000;
  return { result, cost: `${seconds.toFixed(2)} s, CPU ${((user + system) / 1e6).toFixed(2)} s` };
}
