// A refusal is asserted by its code.
import assert from 'node:assert/strict';
import { ApiProblem } from '../../src/api/index.ts';

/** Awaits `work` and asserts that the server refused it with `code`. */
export async function refuses(work: Promise<unknown>, code: string, status?: number): Promise<ApiProblem> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof ApiProblem, String(error));
    assert.equal(error.code, code, error.message);
    if (status !== undefined) assert.equal(error.status, status);
    assert.doesNotMatch(JSON.stringify(error.problem), /node_modules|\.ts:\d|at Object/);
    return error;
  }
  assert.fail(`expected ${code}`);
}
