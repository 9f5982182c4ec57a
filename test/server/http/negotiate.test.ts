import assert from 'node:assert/strict';
import { request as expressRequest } from 'express';
import fc from 'fast-check';
import { ServerError } from '../../../src/server/errors.ts';
import { loadServedContract } from '../../../src/server/http/app.ts';
import { negotiate } from '../../../src/server/http/negotiate.ts';

const offers = Object.values(loadServedContract()).map(({ produces }) => produces);
const types = [...new Set(offers.flat())];

/** Undefined when nothing is acceptable. */
function byExpress(accept: string | undefined, produces: readonly string[]): string | undefined {
  const headers = accept === undefined ? {} : { accept };
  const request = Object.create(expressRequest, { headers: { value: headers } }) as typeof expressRequest;
  const accepted = request.accepts(...produces);
  return accepted === false ? undefined : accepted;
}

function byUs(accept: string | undefined, produces: readonly string[]): string | undefined {
  try {
    return negotiate({ headers: accept === undefined ? {} : { accept } }, produces);
  } catch (error) {
    assert.ok(error instanceof ServerError && error.code === 'REQUEST_NOT_ACCEPTABLE');
    return undefined;
  }
}

describe('negotiation', () => {
  it('says what Express says of every offer, whether one type is asked for, nothing, or anything else', () => {
    const wishes = [undefined, '', '*/*', 'text/html', ' ', ...types, ...types.map((type) => type.toUpperCase())];
    for (const produces of offers.filter(({ length }) => length > 0)) {
      for (const accept of wishes) assert.equal(byUs(accept, produces), byExpress(accept, produces), accept);
    }
  });

  it('says what Express says of any list (property)', () => {
    const wish = fc.tuple(
      fc.constantFrom(...types, '*/*', 'application/*', 'a/b'),
      fc.constantFrom('', ';q=0', ';q=0.5', ';'),
    );
    const list = fc
      .array(
        wish.map((parts) => parts.join('')),
        { maxLength: 4 },
      )
      .map((parts) => parts.join(','));
    const offered = fc.constantFrom(...offers.filter(({ length }) => length > 0));
    fc.assert(
      fc.property(list, offered, (accept, produces) =>
        assert.equal(byUs(accept, produces), byExpress(accept, produces)),
      ),
    );
  });

  it('has nothing to choose where an operation answers without a body', () => {
    assert.equal(negotiate({ headers: { accept: 'text/html' } }, []), '');
  });
});
