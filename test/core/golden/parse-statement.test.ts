import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AttestationError } from '../../../src/core/error.ts';
import { canonicalJson, decodeUtf8, encodeUtf8, type JsonValue } from '../../../src/core/encoding/index.ts';
import { encodeGoldenStatement, documentIdOf, parseGoldenStatement } from '../../../src/core/golden/index.ts';
import { digestOf, expectEvent, noon, statementOf } from './material.ts';

const full = statementOf('kernel-command-line', [expectEvent(8, 'linux /vmlinuz quiet'), expectEvent(9, 'grub.cfg')], {
  description: 'Debian 12, default arguments',
  pcrs: [{ pcr: 12, digests: new Map([['sha256', digestOf('twelve')]]) }],
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2027-01-01T00:00:00Z'),
  supersedes: `sha256:${'ab'.repeat(32)}`,
  acceptsRevoked: [{ id: `sha256:${'cd'.repeat(32)}`, reason: 'revoked in error' }],
  provenance: { source: 'captured', host: 'hv-01', at: noon },
});

/** The JSON of a good statement, with one change. */
function altered(change: (root: Record<string, never>) => void): Uint8Array {
  const root = JSON.parse(decodeUtf8(encodeGoldenStatement(full))) as Record<string, never>;
  change(root);
  return encodeUtf8(JSON.stringify(root));
}

function refuses(payload: Uint8Array, code: string, at?: string): void {
  assert.throws(
    () => parseGoldenStatement(payload),
    (error) => {
      assert.ok(error instanceof AttestationError);
      assert.equal(error.code, code);
      if (at !== undefined) assert.equal(error.at, at);
      return true;
    },
  );
}

interface Open {
  [key: string]: Open & JsonValue;
}

function change(path: string, value: unknown): Uint8Array {
  return altered((root) => {
    const names = path.split('.');
    const last = names.pop() ?? '';
    let place = root as unknown as Open;
    for (const name of names) place = place[name]!;
    if (value === undefined) Reflect.deleteProperty(place, last);
    else place[last] = value as never;
  });
}

describe('golden statement', () => {
  it('reads what it writes, with every optional field', () => {
    assert.deepEqual(parseGoldenStatement(encodeGoldenStatement(full)), full);
  });

  it('has one spelling: the same statement gives the same bytes and so the same id', () => {
    const again = parseGoldenStatement(encodeGoldenStatement(full));
    assert.deepEqual(encodeGoldenStatement(again), encodeGoldenStatement(full));
    assert.match(documentIdOf(encodeGoldenStatement(full)), /^sha256:[0-9a-f]{64}$/);
  });

  it('rejects when there is nothing to verify: no event and no PCR value', () => {
    refuses(change('predicate.match', {}), 'GOLDEN_STATEMENT_EMPTY', 'predicate.match');
    refuses(change('predicate.match', { events: [], pcrs: [] }), 'GOLDEN_STATEMENT_EMPTY');
    assert.throws(() => encodeGoldenStatement(statementOf('kernel', [])), { code: 'GOLDEN_STATEMENT_EMPTY' });
  });

  it('T24: rejects an expectation of PCR 16 or 23, and of a PCR the layer is not measured into', () => {
    for (const pcr of [16, 23, 0, 10]) {
      const digests = { sha256: '00'.repeat(32) };
      refuses(change('predicate.match', { events: [{ pcr, digests }] }), 'GOLDEN_PCR_REFUSED');
      refuses(change('predicate.match', { pcrs: [{ pcr, digests }] }), 'GOLDEN_PCR_REFUSED');
    }
  });

  it('rejects two expectations of one PCR', () => {
    const digests = { sha256: '00'.repeat(32) };
    const value = { pcr: 8, digests };
    refuses(change('predicate.match', { pcrs: [value, value] }), 'GOLDEN_PCR_TWICE');
    refuses(change('predicate.match', { pcrs: [value], events: [value] }), 'GOLDEN_PCR_TWICE');
  });

  const wrong: readonly (readonly [string, unknown, string])[] = [
    ['_type', 'https://in-toto.io/Statement/v0.1', '_type'],
    ['predicateType', 'https://slsa.dev/provenance/v1', 'predicateType'],
    ['subject', [], 'subject'],
    ['subject', undefined, 'subject'],
    ['subject.0.digest', { sha1: '00'.repeat(20) }, 'subject[0].digest'],
    ['predicate.layer', 'bios', 'predicate.layer'],
    ['predicate.extra', 1, 'predicate'],
    ['predicate.match.events.0.pcr', 24, 'predicate.match.events[0].pcr'],
    ['predicate.match.events.0.pcr', '8', 'predicate.match.events[0].pcr'],
    ['predicate.match.events.0.digests', {}, 'predicate.match.events[0].digests'],
    ['predicate.match.events.0.digests', { sha1: '00'.repeat(20) }, 'predicate.match.events[0].digests'],
    ['predicate.match.events.0.digests.sha256', '00'.repeat(31), 'predicate.match.events[0].digests.sha256'],
    ['predicate.match.events.0.digests.sha256', 'AB'.repeat(32), 'predicate.match.events[0].digests.sha256'],
    ['predicate.match.events.0.description', 'evil \u001b[2J', 'predicate.match.events[0].description'],
    ['predicate.match.events.0.type', 'EV_IPL', 'predicate.match.events[0]'],
    ['predicate.validity.notBefore', '2026-04-31T00:00:00Z', 'predicate.validity.notBefore'],
    ['predicate.validity.notBefore', '2027-01-01T00:00:00Z', 'predicate.validity'],
    ['predicate.validity.notAfter', 1, 'predicate.validity.notAfter'],
    ['predicate.supersedes', 'sha256:ab', 'predicate.supersedes'],
    ['predicate.acceptsRevoked', [{ id: 'sha256:ab', reason: 'meant' }], 'predicate.acceptsRevoked[0].id'],
    [
      'predicate.acceptsRevoked',
      [{ id: `sha256:${'ab'.repeat(32)}`, reason: '' }],
      'predicate.acceptsRevoked[0].reason',
    ],
    ['predicate.acceptsRevoked', [{ id: `sha256:${'ab'.repeat(32)}` }], 'predicate.acceptsRevoked[0].reason'],
    ['predicate.acceptsRevoked', 'all', 'predicate.acceptsRevoked'],
    ['predicate.provenance.source', 'guessed', 'predicate.provenance.source'],
  ];
  for (const [path, value, at] of wrong) {
    it(`rejects ${path} = ${value === undefined ? 'absent' : JSON.stringify(value).slice(0, 40)}`, () => {
      refuses(change(path, value), 'GOLDEN_STATEMENT_INVALID', at);
    });
  }

  it('rejects a statement of more than a mebibyte before reading it', () => {
    refuses(new Uint8Array(1024 * 1024 + 1).fill(0x20), 'GOLDEN_STATEMENT_INVALID');
  });

  it('rejects every truncation and one byte too many', () => {
    const payload = encodeGoldenStatement(full);
    for (let length = 0; length < payload.length; length += 1) {
      assert.throws(() => parseGoldenStatement(payload.subarray(0, length)), AttestationError);
    }
    assert.throws(() => parseGoldenStatement(encodeUtf8(`${decodeUtf8(payload)}}`)), AttestationError);
  });

  it('answers any JSON and any bytes with a statement or a typed refusal', () => {
    const outcome = (payload: Uint8Array): boolean => {
      try {
        parseGoldenStatement(payload);
      } catch (error) {
        return error instanceof AttestationError;
      }
      return true;
    };
    fc.assert(fc.property(fc.uint8Array(), outcome));
    fc.assert(fc.property(fc.jsonValue(), (value) => outcome(encodeUtf8(JSON.stringify(value)))));
    const predicate = fc.record({ layer: fc.constant('kernel'), match: fc.jsonValue() });
    fc.assert(fc.property(predicate, (value) => outcome(change('predicate', JSON.parse(JSON.stringify(value))))));
  });

  it('is canonical JSON on the wire', () => {
    const payload = encodeGoldenStatement(full);
    assert.deepEqual(canonicalJson(JSON.parse(decodeUtf8(payload)) as JsonValue), payload);
  });
});
