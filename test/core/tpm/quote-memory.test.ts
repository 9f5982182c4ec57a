import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  recallQuote,
  verifyAttestationKey,
  verifyQuote,
  type SignedStatement,
  type VerifiedQuote,
} from '../../../src/core/tpm/index.ts';
import { bootQuote, capturedQuotes, type CapturedQuote } from './captures.ts';
import { nonce, quoteClaim, signedStatement, softwareKey } from './software-key.ts';

function statementOf({ attest, signature, akPublic, nonce: qualifyingData }: CapturedQuote): SignedStatement {
  return { attest, signature, key: verifyAttestationKey(akPublic), qualifyingData };
}

const statements = capturedQuotes.map(statementOf);

function outcomeOf(verify: () => VerifiedQuote): unknown {
  try {
    return verify();
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('recallQuote', () => {
  it('answers as verifyQuote does when parts of quotes are mixed and bits are flipped, in any order (property)', () => {
    const memory = new Map<string, VerifiedQuote>();
    const part = fc.constantFrom(...statements);
    const flip = fc.record({
      part: fc.constantFrom('attest', 'signature', 'qualifyingData', 'none', 'none'),
      at: fc.nat(),
    });
    const mixed = fc.record({
      one: part,
      other: part,
      swap: fc.constantFrom('key', 'signature', 'none', 'none'),
      flip,
    });
    let hits = 0;
    fc.assert(
      fc.property(mixed, ({ one, other, swap, flip: { part: name, at } }) => {
        let statement: SignedStatement = { ...one, ...(swap === 'none' ? {} : { [swap]: other[swap as 'key'] }) };
        if (name !== 'none') {
          const bytes = Uint8Array.from(one[name as 'attest']);
          const place = at % bytes.length;
          bytes[place] = (bytes[place] ?? 0) ^ 1;
          statement = { ...statement, [name]: bytes };
        }
        const before = memory.size;
        const remembered = outcomeOf(() => recallQuote(statement, memory));
        assert.deepEqual(
          remembered,
          outcomeOf(() => verifyQuote(statement)),
        );
        if (memory.size === before && typeof remembered !== 'string') hits += 1;
      }),
      { numRuns: 300 },
    );
    assert.ok(hits > 10, `remembered ${hits} times`);
    assert.ok(memory.size <= statements.length);
  });

  it('cannot be told one quote for another by moving bytes from one part to the next', () => {
    const memory = new Map<string, VerifiedQuote>();
    const statement = statementOf(bootQuote);
    recallQuote(statement, memory);
    const joined = new Uint8Array([...statement.attest, ...statement.signature]);
    for (const shift of [-1, 1]) {
      const cut = statement.attest.length + shift;
      const moved = { ...statement, attest: joined.subarray(0, cut), signature: joined.subarray(cut) };
      assert.notEqual(typeof outcomeOf(() => recallQuote(moved, memory)), 'object');
    }
  });

  it('remembers what verified and nothing else', () => {
    const memory = new Map<string, VerifiedQuote>();
    const signer = softwareKey();
    const statement = signedStatement(signer, quoteClaim(signer.key));
    assert.throws(
      () => recallQuote({ ...statement, qualifyingData: Uint8Array.from(nonce, (byte) => byte ^ 1) }, memory),
      {
        code: 'TPM_QUALIFYING_DATA_MISMATCH',
      },
    );
    assert.throws(() => recallQuote({ ...statement, key: softwareKey().key }, memory), {
      code: 'TPM_SIGNATURE_INVALID',
    });
    assert.equal(memory.size, 0);
    assert.equal(recallQuote(statement, memory), recallQuote(statement, memory));
    assert.equal(memory.size, 1);
  });

  it('does not look at bytes that its caller changes later', () => {
    const memory = new Map<string, VerifiedQuote>();
    const statement = statementOf(bootQuote);
    const attest = Uint8Array.from(statement.attest);
    const quote = recallQuote({ ...statement, attest }, memory);
    attest.fill(0);
    assert.deepEqual(quote, verifyQuote(statement));
  });
});
