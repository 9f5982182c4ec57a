import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { ServerError } from '../../../src/server/errors.ts';
import { loadContract } from '../../../src/server/http/contract.ts';
import { toProblem } from '../../../src/server/http/problem.ts';
import { createValidator } from '../../../src/server/http/validator.ts';

describe('the checker of schemas', () => {
  const patterns = ['^[A-Za-z0-9+/]*={0,2}$', '^[A-Za-z0-9+/]+={0,2}$'];
  const unit = fc.constantFrom('A', 'B', 'Q', '+', '/', '-', '=', '\n', 'é', '\u{1f600}', '\ud83d');

  it('says of every text what ajv says by itself, also where it takes a shorter way', () => {
    for (const pattern of patterns) {
      const schema = { type: 'string', minLength: 2, maxLength: 4, pattern };
      const ours = createValidator([], {}).compile(schema);
      const theirs = new Ajv2020().compile(schema);
      fc.assert(
        fc.property(fc.string({ unit, maxLength: 10 }), (text) => {
          assert.equal(ours(text), theirs(text));
          const said = [ours, theirs].map(({ errors }) => errors?.map(({ keyword, message }) => [keyword, message]));
          assert.deepEqual(said[0], said[1]);
        }),
        { numRuns: 500 },
      );
    }
  });

  it('refuses a log that is no base64 as the contract tells it', () => {
    const { createAttestation } = loadContract();
    const evidence = { challengeId: `chl_${'A'.repeat(22)}`, attest: 'AAAA', signature: 'AAAA', pcrs: {} };
    for (const eventLog of ['-_==', 'AA A', 'A===', `${'A'.repeat(60_000)}é`]) {
      const code = 'REQUEST_INVALID';
      assert.throws(() => createAttestation.checkBody({ ...evidence, eventLog }), { code, at: 'eventLog' }, eventLog);
    }
    // Characters and padding alone: that bits are unused is found where it is decoded.
    for (const eventLog of ['', 'AAAA', 'AB==', 'AA', 'A'.repeat(60_000)]) {
      createAttestation.checkBody({ ...evidence, eventLog });
    }
  });

  it('takes the parameters that an operation has, and no others, and misses those that it must have', () => {
    const { getVerdict, getHealth } = loadContract();
    getVerdict.checkParameters('path', { hostId: 'hv-1' });
    const refused = { code: 'REQUEST_INVALID' };
    assert.throws(() => getVerdict.checkParameters('path', {}), refused);
    assert.throws(() => getVerdict.checkParameters('path', { hostId: 'hv-1', more: '1' }), refused);
    assert.throws(() => getHealth.checkParameters('query', { more: '1' }), refused);
  });

  it('finds a mistake in an answer that its operation does not give, and none in one that it gives', () => {
    const { getHealth } = loadContract();
    assert.equal(getHealth.findResponseMistake(200, { status: 'ok' }), undefined);
    assert.match(getHealth.findResponseMistake(200, {}) ?? '', /status: is missing/);
    assert.notEqual(getHealth.findResponseMistake(418, { status: 'ok' }), undefined);
    const { body } = toProblem(new ServerError('SERVER_BUSY'), randomUUID());
    assert.equal(getHealth.findResponseMistake(body.status, body), undefined);
  });

  it('takes a number of a query in one spelling, and none that has no end', () => {
    const { listEvents, listHosts, getVerdict } = loadContract();
    const wrong = ['Infinity', '1e400', '-Infinity', 'NaN', '0x10', '1e1', ' 5', '5 ', '+5', '05', '-0', '5.0', ''];
    const numbers = [
      { contract: listEvents, name: 'limit' },
      { contract: listEvents, name: 'after' },
      { contract: listEvents, name: 'wait' },
      { contract: listHosts, name: 'limit' },
      { contract: getVerdict, name: 'wait' },
    ];
    for (const { contract, name } of numbers) {
      for (const text of [...wrong, '9007199254740993', '99999999999999999999']) {
        const refused = { code: 'REQUEST_INVALID', at: name };
        assert.throws(() => contract.checkParameters('query', { [name]: text }), refused, `${name}=${text}`);
      }
      const values: Record<string, unknown> = { [name]: '5' };
      contract.checkParameters('query', values);
      assert.equal(values[name], 5);
    }
  });
});
