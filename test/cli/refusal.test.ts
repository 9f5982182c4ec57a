import assert from 'node:assert/strict';
import { AgentError } from '../../src/agent/index.ts';
import { ApiProblem, ApiUnreachable } from '../../src/api/index.ts';
import { VerificationError } from '../../src/core/error.ts';
import { CliError, RefusedError } from '../../src/cli/errors.ts';
import { nameIn } from '../../src/cli/files.ts';
import { toRefusal } from '../../src/cli/refusal.ts';

describe('toRefusal', () => {
  it('passes on code and remedy of whoever refused', () => {
    const problem = {
      type: 'about:blank',
      title: 'no',
      status: 409,
      code: 'HOST_NAME_TAKEN',
      instance: 'x',
      remedy: 'do',
    };
    const cases: [unknown, string][] = [
      [new CliError('CLI_FILE_EXISTS', 'x'), 'CLI_FILE_EXISTS'],
      [new VerificationError('TPM_SIGNATURE_INVALID', 'x'), 'TPM_SIGNATURE_INVALID'],
      [new ApiProblem(problem), 'HOST_NAME_TAKEN'],
      [new ApiUnreachable('API_TIMEOUT', 'x'), 'API_TIMEOUT'],
      [new AgentError('AGENT_TPM_MISSING', 'x'), 'AGENT_TPM_MISSING'],
      [new RefusedError('DATA_DIRECTORY_EXISTS', 'x', { remedy: 'y' }), 'DATA_DIRECTORY_EXISTS'],
    ];
    for (const [error, code] of cases) {
      const { refusal, misuse } = toRefusal(error);
      assert.equal(refusal.code, code);
      assert.ok(refusal.remedy);
      assert.equal(misuse, false);
    }
  });

  it('says once where in a file something is wrong, also behind the name of the file', () => {
    const refused = (at: string | number, message: string) => {
      const error = new VerificationError('TPM_SIGNATURE_INVALID', message, { at, remedy: 'sign it' });
      return toRefusal(nameIn(error, 'a.json')).refusal;
    };
    assert.equal(refused('a.b', 'a.b: is no text').message, 'a.json: a.b: is no text');
    assert.equal(refused('a.b', 'no text').message, 'a.json: no text (at a.b)');
    assert.equal(refused(7, 'no text').message, 'a.json: no text (at byte 7)');
    assert.equal(refused(7, 'no text').remedy, 'sign it');
  });

  it('names everything else as our own defect, in one line', () => {
    for (const error of [new TypeError('x is\nnot a function'), 'text', undefined]) {
      const { refusal } = toRefusal(error);
      assert.equal(refusal.code, 'CLI_INTERNAL');
      assert.doesNotMatch(refusal.message, /\n/);
    }
  });

  it('shows control characters from a server instead of sending them to the terminal', () => {
    const problem = { type: 'x', title: '\u001b[2J', status: 400, code: 'A\u0007', instance: 'x', remedy: '\u009b' };
    assert.doesNotMatch(JSON.stringify(toRefusal(new ApiProblem(problem))), /\\u00[01]|\\u009b/);
  });
});
