import assert from 'node:assert/strict';
import fc from 'fast-check';
import { textOf } from '../../../src/server/http/answer-text.ts';
import { loadServedContract } from '../../../src/server/http/app.ts';

const contract = loadServedContract().createAdmissionBatch;
const decidedAt = '2026-01-01T00:00:00.000Z';
const decision = {
  decision: 'deny',
  host: 'hv-1',
  reasons: [{ code: 'HOST_UNKNOWN', message: 'né' }],
  validUntil: decidedAt,
};

describe('the text of an answer', () => {
  it('with rows of the same members is what JSON makes of it, whatever the rows (property)', () => {
    const member = fc.constantFrom(decision, { ...decision, host: 'hv-2' }, { ...decision, reasons: [] });
    fc.assert(
      fc.property(fc.array(fc.array(member)), (items) => {
        const body = { decidedAt, items };
        const { head, content } = textOf({ status: 200, body, repeated: 'items' }, contract);
        const text = Buffer.from(content).toString();
        assert.equal(text, JSON.stringify(body));
        assert.equal(head[head.indexOf('content-length') + 1], String(Buffer.byteLength(text)));
      }),
    );
  });

  it('is refused when any member, or anything beside the rows, does not fit the contract', () => {
    const bad = { ...decision, decision: 'perhaps' };
    const bodies = [
      {
        decidedAt,
        items: [
          [decision, decision],
          [decision, bad],
        ],
      },
      { decidedAt, items: [[decision]], more: 1 },
      { items: [[decision]] },
    ];
    for (const body of bodies) {
      assert.throws(() => textOf({ status: 200, body, repeated: 'items' }, contract), /does not fit/);
      assert.throws(() => textOf({ status: 200, body }, contract), /does not fit/);
    }
  });

  it('is said to be Latin-1 only where that is UTF-8 too (property)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (message) => {
        const answered = { ...decision, reasons: [{ code: 'HOST_UNKNOWN', message }] };
        const { content, encoding } = textOf({ status: 200, body: { decidedAt, items: [[answered]] } }, contract);
        assert.ok(typeof content === 'string');
        assert.deepEqual(Buffer.from(content, encoding), Buffer.from(content, 'utf8'));
      }),
    );
  });

  it('is made once where it is kept', () => {
    const kept = {};
    const body = { decidedAt, items: [[decision]] };
    assert.equal(textOf({ status: 200, body, kept }, contract), textOf({ status: 200, body, kept }, contract));
  });
});
