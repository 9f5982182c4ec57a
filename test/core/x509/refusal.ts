import assert from 'node:assert/strict';
import { AttestationError } from '../../../src/core/error.ts';

/** Asserts that `run` throws an AttestationError (of this class, with this code where given). */
export function refusesWith(
  kind: typeof AttestationError | undefined,
  code: string | undefined,
  run: () => unknown,
  at?: number,
): void {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof (kind ?? AttestationError), `another error: ${String(error)}`);
    if (code !== undefined) assert.equal(error.code, code, error.message);
    return;
  }
  assert.fail(
    `accepted${at === undefined ? '' : ` with byte ${at} changed`}${code === undefined ? '' : `, ${code} expected`}`,
  );
}
