import assert from 'node:assert/strict';
import fc from 'fast-check';
import { exportCorim, importCorim, parseCorim, signCorim, verifyCorim } from '../../../src/core/corim/index.ts';
import { Tagged, type CborValue } from '../../../src/core/encoding/index.ts';
import { layers, pcrsOfLayer, type Layer } from '../../../src/core/event-log/index.ts';
import { expectationDigest, type GoldenStatement } from '../../../src/core/golden/index.ts';
import { outcomeOf } from '../../support/hostile-bytes.ts';
import { labGoldens } from '../appraisal/lab.ts';
import * as make from './material.ts';

const at = new Date('2026-11-25T12:00:00Z');
const lab = labGoldens('sb-on').map(({ statement }) => statement);

function roundTrip(statements: readonly GoldenStatement[]): readonly GoldenStatement[] {
  return importCorim(parseCorim(exportCorim(statements)), at).statements;
}

const digests = fc
  .tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ minLength: 48, maxLength: 48 }), fc.boolean())
  .map(([sha256, sha384, both]) => new Map(both ? [['sha256', sha256], ['sha384', sha384]] as const : [['sha256', sha256]] as const)); // prettier-ignore

const statement = fc
  .constantFrom<Layer>(...layers.filter((layer) => pcrsOfLayer(layer).length > 0))
  .chain((layer) =>
    fc.record({
      layer: fc.constant(layer),
      events: fc.array(
        fc.record({ pcr: fc.constantFrom(...pcrsOfLayer(layer)), digests, description: fc.string({ minLength: 1 }) }),
        { minLength: 1 },
      ),
    }),
  )
  .map(({ layer, events }): GoldenStatement => {
    const byPcr = events.map((event) => ({ ...event })).sort((left, right) => left.pcr - right.pcr);
    return { layer, events: byPcr, pcrs: [], subjects: [{ name: 'x', sha256: new Uint8Array(32) }] };
  });

describe('exporting golden measurements as a CoRIM', () => {
  it('brings back exactly what is expected: a real boot, layer by layer', () => {
    const back = roundTrip(lab);
    assert.deepEqual(back.map(expectationDigest), lab.map(expectationDigest));
    assert.deepEqual(back.map(({ layer }) => layer), lab.map(({ layer }) => layer)); // prettier-ignore
    assert.deepEqual(back[0]?.events, lab[0]?.events);
  });

  it('brings back any list of events, whole PCRs and files', () => {
    fc.assert(
      fc.property(statement, (one) => {
        assert.deepEqual(roundTrip([one])[0]?.events, one.events);
      }),
    );
    const whole: GoldenStatement = { layer: 'kernel', events: [], pcrs: [{ pcr: 4, digests: new Map([['sha256', new Uint8Array(32).fill(1)]]) }], subjects: lab[0]?.subjects ?? [] }; // prettier-ignore
    assert.deepEqual(roundTrip([whole])[0]?.pcrs, whole.pcrs);
    const files = [{ digest: `sha256:${'ab'.repeat(32)}`, path: '/bin/sh' }, { digest: `sha384:${'cd'.repeat(48)}` }];
    const runtime: GoldenStatement = { layer: 'runtime', events: [], pcrs: [], ima: { digests: files, signers: [], excludedPaths: [] }, subjects: whole.subjects }; // prettier-ignore
    assert.deepEqual(roundTrip([runtime])[0]?.ima, runtime.ima);
  });

  it('shows whole PCRs to verifiers that know no profile', () => {
    const whole: GoldenStatement = { layer: 'firmware', events: [], pcrs: [{ pcr: 0, digests: new Map([['sha256', new Uint8Array(32)]]) }], subjects: lab[0]?.subjects ?? [] }; // prettier-ignore
    const [comid] = parseCorim(exportCorim([whole])).comids;
    assert.equal(comid?.references[0]?.measurements[0]?.integrityRegisters?.[0]?.register, 0);
  });

  it('keeps the validity, and refuses several in one', () => {
    const valid = { notBefore: new Date('2026-01-01'), notAfter: new Date('2027-01-01') };
    const [back] = roundTrip(lab.slice(0, 1).map((one) => ({ ...one, ...valid })));
    assert.deepEqual([back?.notBefore, back?.notAfter], [valid.notBefore, valid.notAfter]);
    const mixed = [...lab.slice(0, 1).map((one) => ({ ...one, ...valid })), ...lab.slice(1)];
    assert.equal(outcomeOf(() => exportCorim(mixed))?.code, 'CORIM_UNSUPPORTED');
    const open = lab.slice(0, 1).map((one) => ({ ...one, notBefore: valid.notBefore }));
    assert.equal(outcomeOf(() => exportCorim(open))?.code, 'CORIM_UNSUPPORTED');
  });

  it('refuses what has no form in a CoRIM, and nothing at all', () => {
    assert.equal(outcomeOf(() => exportCorim([]))?.code, 'CORIM_EMPTY');
    const ima = { digests: [{ digest: `sha256:${'ab'.repeat(32)}` }], signers: [], excludedPaths: ['/var/'] };
    const runtime: GoldenStatement = { layer: 'runtime', events: [], pcrs: [], ima, subjects: lab[0]?.subjects ?? [] };
    assert.equal(outcomeOf(() => exportCorim([runtime]))?.code, 'CORIM_UNSUPPORTED');
  });

  it('is verified by the key that signed it', () => {
    const maker = make.makeMaker('maker');
    const corim = parseCorim(signCorim(exportCorim(lab), maker.signing, 'Ada'));
    assert.deepEqual(verifyCorim(corim, { keys: [maker.verification], at }), { kid: 'maker', untrustedName: 'Ada' });
    assert.equal(importCorim(corim, at).statements.length, lab.length);
  });

  it('does not come back when a part was dropped, moved, or added', () => {
    const own = new Tagged(32, 'https://touchstone.dev/corim/golden-measurement/v1');
    const klass = (model: string, vendor = 'touchstone.dev') => make.map({ 0: make.map({ 1: vendor, 2: model }) });
    const part = (key: string) => make.measured(key, { 2: [make.digest(1)], 11: 'event' });
    const refused = (...triples: readonly (readonly [string, ...string[]])[]) =>
      outcomeOf(() => importCorim(parseCorim(make.corim(triples.map(([layer, ...keys]) => make.reference(klass(layer), ...keys.map(part))), { 3: own })), at))?.code; // prettier-ignore
    assert.equal(refused(['kernel', 'pcr-4/0', 'pcr-4/1', 'pcr-9/0']), undefined);
    assert.equal(refused(['kernel', 'pcr-4/1']), 'CORIM_INVALID');
    assert.equal(refused(['kernel', 'pcr-4/1', 'pcr-4/0']), 'CORIM_INVALID');
    assert.equal(refused(['kernel', 'pcr-4/0', 'pcr-4/0']), 'CORIM_INVALID');
    assert.equal(refused(['runtime', 'file/1']), 'CORIM_INVALID');
    assert.equal(refused(['kernel', 'other']), 'CORIM_INVALID');
    assert.equal(refused(['nothing', 'pcr-4/0']), 'CORIM_INVALID');
    assert.equal(refused(['kernel', 'pcr-4/0'], ['kernel', 'pcr-4/0']), 'CORIM_INVALID');
  });

  it('does not come back for all machines when it was of one machine or one group', () => {
    const own = new Tagged(32, 'https://touchstone.dev/corim/golden-measurement/v1');
    const described = make.map({ 1: 'touchstone.dev', 2: 'kernel' });
    const part = make.measured('pcr-4/0', { 2: [make.digest(1)], 11: 'event' });
    const refused = (...limit: readonly (readonly [number, CborValue])[]) => {
      const environment = new Map<number, CborValue>([[0, described], ...limit]);
      return outcomeOf(() => importCorim(parseCorim(make.corim([make.reference(environment, part)], { 3: own })), at))?.code; // prettier-ignore
    };
    assert.equal(refused(), undefined);
    for (const limit of [[1, make.uuid(1)], [1, undefined], [2, make.uuid(1)]] as const) assert.equal(refused(limit), 'CORIM_INVALID'); // prettier-ignore
  });
});
