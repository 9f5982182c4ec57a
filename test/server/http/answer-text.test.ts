import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeBase64 } from '../../../src/core/encoding/index.ts';
import { piecesOf, textInPieces, textOf } from '../../../src/server/http/answer-text.ts';
import { loadServedContract } from '../../../src/server/http/app.ts';

const contract = loadServedContract().createAdmissionBatch;
const decidedAt = '2026-01-01T00:00:00.000Z';
const decision = {
  decision: 'deny',
  host: 'hv-1',
  reasons: [{ code: 'HOST_UNKNOWN', message: 'né' }],
  validUntil: decidedAt,
};

/** `then` is done when the first piece was taken. */
function* once(pieces: Iterable<Uint8Array>, then: () => void): Iterable<Uint8Array> {
  let isFirst = true;
  for (const piece of pieces) {
    yield piece;
    if (isFirst) then();
    isFirst = false;
  }
}

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

  it('with bytes behind its other fields is what JSON makes of them in base64, written when it is taken', () => {
    const evidence = loadServedContract().getEvidence;
    const short = { hostId: 'hv-1', receivedAt: decidedAt, akPublic: 'AA==', qualifyingData: 'AA==', attest: 'AA==', signature: 'AA==', pcrs: { sha256: {} } }; // prettier-ignore
    const bytes = Uint8Array.from({ length: 400_000 }, (_, index) => index % 251);
    for (const [event, ima] of [
      [undefined, undefined],
      [0, 1],
      [43_000, undefined],
      [98_304, 98_305],
      [399_999, 400_000],
    ] as const) {
      const logs = { eventLog: event, imaLog: ima };
      const cut = (of: typeof bytes) => Object.fromEntries(Object.entries(logs).map(([name, length]) => [name, length === undefined ? undefined : of.subarray(0, length)])); // prettier-ignore
      const { length, pieces } = piecesOf({ status: 200, body: short, base64: cut(bytes) }, evidence);
      const written = [...pieces];
      const text = Object.fromEntries(
        Object.entries(cut(bytes)).map(([name, log]) => [name, log && encodeBase64(log)]),
      );
      assert.equal(Buffer.concat(written).toString(), JSON.stringify({ ...short, ...text }));
      assert.equal(Buffer.concat(written).length, length);
      assert.ok(Math.max(...written.map((piece) => piece.length)) < 300_000);
    }
    assert.throws(() => piecesOf({ status: 200, body: { ...short, hostId: 1 }, base64: {} }, evidence), /does not fit/);
    const changed = bytes.slice();
    const { pieces } = piecesOf({ status: 200, body: short, base64: { imaLog: changed } }, evidence);
    const [, second] = [...once(pieces, () => changed.fill(0))];
    assert.ok(second !== undefined && Buffer.from(second).toString().startsWith('A'.repeat(100)));
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

  it('with many members is written in pieces, and is the same; each of them is checked', async () => {
    const members = Array.from({ length: 1300 }, (_, index) => ({ ...decision, host: `hv-${index}` }));
    const items = [members.slice(0, 700), [], members.slice(600), members];
    let pauses = 0;
    const inPieces = (rows: readonly (readonly object[])[]) => {
      const answer = { status: 200, body: { decidedAt, items: rows }, repeated: 'items' };
      return textInPieces(answer, contract, () => Promise.resolve(void (pauses += 1)));
    };
    const { content } = await inPieces(items);
    assert.equal(Buffer.from(content).toString(), JSON.stringify({ decidedAt, items }));
    assert.equal(pauses, 2);
    for (const at of [0, 499, 500, 1299]) {
      const bad = members.with(at, { ...decision, decision: 'perhaps', host: 'hv-x' });
      await assert.rejects(inPieces([bad]), /does not fit/, `${at}`);
    }
  });

  it('is a text where it is ASCII, and bytes where it is not (property)', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '\x7f', '\x80', '\xff', '\u20ac', '\ud83d\ude00') }),
        (message) => {
          const answered = { ...decision, reasons: [{ code: 'HOST_UNKNOWN', message }] };
          const body = { decidedAt, items: [[answered]] };
          for (const answer of [
            { status: 200, body },
            { status: 200, body, repeated: 'items' },
          ]) {
            const { content } = textOf(answer, contract);
            assert.equal(typeof content === 'string', /^[\0-\x7f]*$/.test(message));
            assert.equal(Buffer.from(content).toString(), JSON.stringify(body));
          }
        },
      ),
    );
  });

  it('is made once where it is kept', () => {
    const kept = {};
    const body = { decidedAt, items: [[decision]] };
    assert.equal(textOf({ status: 200, body, kept }, contract), textOf({ status: 200, body, kept }, contract));
  });
});
