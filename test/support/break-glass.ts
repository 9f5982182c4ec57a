// Break-glass statements about hosts of a test server, as `touchstone break-glass propose` drafts them, signed by operators.
import { encodeBase64 } from '../../src/core/encoding/index.ts';
import {
  breakGlassPayloadType,
  encodeBreakGlass,
  type BoundHost,
  type BreakGlass,
} from '../../src/core/break-glass/index.ts';
import { signStatement, type Operator } from './sign-statement.ts';
import type { TestServer } from './test-server.ts';

/** The boot that a host shows now. */
export async function boundHost({ operator }: TestServer, id: string): Promise<BoundHost> {
  const path = { hostId: id };
  const [{ ekDigest }, { verdict }] = [
    await operator.call('getHost', { path }),
    await operator.call('getVerdict', { path }),
  ];
  if (verdict?.boot === undefined) throw new TypeError(`${id} has no proved boot`);
  const { resetCount, restartCount } = verdict.boot;
  return { id, ek: ekDigest, resetCount, restartCount, eventLog: verdict.eventLogDigest ?? '' };
}

export interface Draft extends Partial<BreakGlass> {
  readonly seconds?: number;
}

export function draftBreakGlass(server: TestServer, hosts: readonly BoundHost[], draft: Draft = {}): BreakGlass {
  const { seconds = 3600, ...more } = draft;
  return {
    issuedAt: server.now(),
    until: new Date(server.now().getTime() + seconds * 1000),
    status: 'affirming',
    reason: 'kernel hotfix',
    ticket: 'INC-4711',
    excuses: ['KERNEL_DIVERGED', 'LAYER_GOLDEN_NONE'],
    hosts,
    ...more,
  };
}

export async function submitBreakGlass(server: TestServer, statement: BreakGlass, operators: readonly Operator[]) {
  const document = { payloadType: breakGlassPayloadType, payload: encodeBase64(encodeBreakGlass(statement)) };
  const signatures = operators.map((operator) => ({ sig: signStatement(operator, document) }));
  return server.operator.call('submitBreakGlass', { body: { envelope: { ...document, signatures } } });
}
