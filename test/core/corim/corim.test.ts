import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checkProfile, importCorim, parseComid, parseCorim, verifyCorim } from '../../../src/core/corim/index.ts';
import { encodeCbor, encodeHex, Tagged, type CborValue } from '../../../src/core/encoding/index.ts';
import { encodeGoldenStatement, parseGoldenStatement } from '../../../src/core/golden/index.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation, outcomeOf } from '../../support/hostile-bytes.ts';
import * as make from './material.ts';

const at = new Date('2026-11-25T12:00:00Z');
const seconds = (date: string): Tagged => new Tagged(1, Date.parse(date) / 1000);
const pcrs = (...numbers: readonly number[]) => numbers.map((pcr) => make.measured(pcr, { 2: [make.digest(pcr)] }));
const good = make.corim([make.reference(make.vendorClass, ...pcrs(0, 4, 7))]);

function refuses(bytes: Uint8Array, code: string): void {
  assert.equal(outcomeOf(() => importCorim(parseCorim(bytes), at))?.code, code);
}

describe('reading a CoRIM', () => {
  it('reads it unsigned, signed, and in the wrappers of earlier drafts', () => {
    const maker = make.makeMaker('m');
    const sign1 = make.signed(good, maker, new Map([[3, 'application/rim+cbor']]));
    const value = make.corimValue([make.comid({ triples: { 0: [make.reference(make.vendorClass, ...pcrs(0))] } })]);
    for (const bytes of [good, sign1, encodeCbor(new Tagged(500, value))]) {
      assert.equal(parseCorim(bytes).id, 'corim id');
    }
    assert.equal(parseCorim(good).signed, undefined);
    assert.ok(parseCorim(sign1).signed !== undefined);
    const withoutTag = make.signed(encodeCbor(value.value), maker, new Map([[3, 'application/rim+cbor']]));
    assert.equal(parseCorim(withoutTag).comids.length, 1);
  });

  it('reads a CoMID by itself, tagged or not', () => {
    const tagged = make.comid({ triples: { 0: [make.reference(make.vendorClass, ...pcrs(0))] } });
    assert.equal(parseComid(encodeCbor(tagged)).id, 'tag id');
    assert.equal(parseComid(tagged.value as Uint8Array).references.length, 1);
  });

  it('reads over what its standards allow and no golden measurement can express, and refuses to import it', () => {
    const held = make.comid({ triples: { 0: [make.reference(make.vendorClass, ...pcrs(0))] } });
    const anchors = encodeCbor(make.corimValue([held, new Tagged(507, encodeCbor([new Map([[0, 'anchors']])]))]));
    assert.deepEqual(parseCorim(anchors).otherTags, [507]);
    refuses(anchors, 'CORIM_UNSUPPORTED');
    const expression = make.map({ '-86': new Tagged(60010, [2, 11]), '-88': new Tagged(60021, [6, ['UpToDate']]) });
    const intel = make.corim([make.reference(make.vendorClass, make.map({ 1: expression }))]);
    assert.deepEqual(parseCorim(intel).comids[0]?.references[0]?.measurements[0]?.otherValues, ['-86', '-88']);
    refuses(intel, 'CORIM_UNSUPPORTED');
  });

  it('reads the list of profiles of earlier drafts, where it names one', () => {
    const named = (profile: CborValue) => make.corim([make.reference(make.vendorClass, ...pcrs(0))], { 3: profile });
    assert.equal(parseCorim(named([make.parsec])).profile, make.parsec.value);
    for (const none of [[], [make.parsec, make.enactTrust]]) {
      assert.equal(outcomeOf(() => parseCorim(named(none)))?.code, 'CORIM_INVALID');
    }
  });

  it('names what it is, and refuses what is none', () => {
    for (const bytes of [encodeCbor('text'), encodeCbor(new Map()), encodeCbor(new Tagged(505, new Uint8Array()))]) {
      assert.equal(outcomeOf(() => parseCorim(bytes))?.code, 'CORIM_KIND_UNKNOWN');
    }
    assert.equal(outcomeOf(() => parseComid(encodeCbor(1)))?.code, 'CORIM_KIND_UNKNOWN');
    assert.equal(outcomeOf(() => parseCorim(encodeCbor(new Tagged(65_000, 1))))?.code, 'ENCODING_CBOR_TAG');
  });

  it('refuses members that are missing or of the wrong type', () => {
    const wrong: readonly CborValue[] = [
      new Tagged(501, 'text'),
      new Tagged(501, new Map()),
      make.corimValue([]),
      make.corimValue(['text']),
      make.corimValue([new Tagged(37, new Uint8Array(16))]),
      make.corimValue([new Tagged(506, 'text')]),
      make.corimValue([make.comid({})]),
      make.corimValue([make.comid({ triples: { 0: [[make.vendorClass]] } })]),
      make.corimValue([make.comid({ triples: { 0: [make.reference(new Map(), ...pcrs(0))] } })]),
      make.corimValue([make.comid({ triples: { 0: [make.reference(make.vendorClass, new Map())] } })]),
      make.corimValue([
        make.comid({ triples: { 0: [make.reference(make.vendorClass, make.measured(0, { 2: [] }))] } }),
      ]),
      make.corimValue([
        make.comid({ triples: { 0: [make.reference(make.vendorClass, make.measured(0, { 2: [[1]] }))] } }),
      ]),
      make.corimValue([make.comid({ triples: { 0: [make.reference(make.vendorClass, make.measured(0, { 2: [make.digest(1, 1, 31)] }))] } })]), // prettier-ignore
      make.corimValue([make.comid({ triples: { 0: [make.reference(make.vendorClass, make.measured(0, { 14: new Map() }))] } })]), // prettier-ignore
      make.corimValue([make.comid({ triples: { 0: [make.reference(make.vendorClass, ...pcrs(0))] } })], { 3: 'text' }),
      make.corimValue([make.comid({ triples: { 0: [make.reference(make.vendorClass, ...pcrs(0))] } })], {
        4: new Map(),
      }),
      make.corimValue([make.comid({ triples: { 0: [make.reference(make.vendorClass, ...pcrs(0))] } })], { 0: '' }),
    ];
    for (const value of wrong) {
      const outcome = outcomeOf(() => parseCorim(encodeCbor(value)));
      assert.equal(outcome?.code, 'CORIM_INVALID', encodeHex(encodeCbor(value)));
      assert.ok(outcome.remedy?.includes(`correct ${outcome.at} (`), 'it says what to correct');
    }
  });

  it('refuses what ends too early or goes on, and is never surprised', () => {
    assertRefusesEveryTruncation(good, parseCorim);
    assert.equal(outcomeOf(() => parseCorim(Uint8Array.from([...good, 0])))?.code, 'ENCODING_CBOR_TRAILING');
    assertNeverSurprised(parseCorim, good);
    assertNeverSurprised((bytes) => importCorim(parseCorim(bytes), at), good);
  });
});

describe('importing a CoRIM', () => {
  it('pins each PCR for every layer that it can hold, and signs nothing', () => {
    const { statements, leftOut } = importCorim(parseCorim(good), at);
    assert.deepEqual(
      statements.map(({ layer, pcrs: held }) => [layer, held.map(({ pcr }) => pcr)]),
      [
        ['firmware', [0]],
        ['secure-boot', [7]],
        ['boot-loader', [4]],
        ['kernel', [4]],
      ],
    );
    assert.deepEqual(leftOut, []);
    for (const statement of statements) {
      assert.deepEqual(statement.provenance, { source: 'imported', at });
      assert.equal(statement.subjects[0]?.name, 'ACME RoadRunner');
      assert.deepEqual(parseGoldenStatement(encodeGoldenStatement(statement)).pcrs, statement.pcrs);
    }
  });

  it('reads integrity registers and numbered digests alike, in several banks', () => {
    const both = [make.digest(1), make.digest(2, 7, 48), [99, new Uint8Array(3)]];
    const registers = make.measured(undefined, { 14: new Map([[0, both]]) });
    const [first] = importCorim(parseCorim(make.corim([make.reference(make.vendorClass, registers)])), at).statements;
    const numbered = make.measured(0, { 2: [['sha-256', new Uint8Array(32).fill(1)], make.digest(2, 7, 48)] });
    const [second] = importCorim(parseCorim(make.corim([make.reference(make.vendorClass, numbered)])), at).statements;
    assert.deepEqual([...(first?.pcrs[0]?.digests.keys() ?? [])], ['sha256', 'sha384']);
    assert.deepEqual(first?.pcrs, second?.pcrs);
  });

  it('takes no text for the number of an algorithm, nor a number that it has not', () => {
    for (const called of ['1', 'sha256', 2, 0]) {
      const measured = make.measured(0, { 2: [[called, new Uint8Array(32).fill(1)]] });
      refuses(make.corim([make.reference(make.vendorClass, measured)]), 'CORIM_UNSUPPORTED');
    }
  });

  it('says which PCRs it left out: host noise, and what any program can reset', () => {
    const { leftOut } = importCorim(
      parseCorim(make.corim([make.reference(make.vendorClass, ...pcrs(0, 1, 5, 16))])),
      at,
    );
    assert.deepEqual(leftOut, [1, 5, 16]);
    refuses(make.corim([make.reference(make.vendorClass, ...pcrs(1, 16))]), 'CORIM_EMPTY');
  });

  it('keeps the validity, and refuses what has ended or not begun', () => {
    const held = (from: string, until: string) =>
      make.corim([make.reference(make.vendorClass, ...pcrs(0))], {
        4: make.map({ 0: seconds(from), 1: seconds(until) }),
      });
    const [statement] = importCorim(parseCorim(held('2026-01-01', '2027-01-01')), at).statements;
    assert.deepEqual([statement?.notBefore, statement?.notAfter], [new Date('2026-01-01'), new Date('2027-01-01')]);
    refuses(held('2025-01-01', '2026-11-25'), 'CORIM_OUTSIDE_VALIDITY');
    refuses(held('2026-12-01', '2027-01-01'), 'CORIM_OUTSIDE_VALIDITY');
  });

  it('refuses the whole when part of it cannot be a golden measurement', () => {
    const one = make.reference(make.vendorClass, ...pcrs(0));
    const cases: readonly Uint8Array[] = [
      make.corim([make.reference(make.map({ 0: make.map({ 1: 'ACME' }), 1: make.uuid(1) }), ...pcrs(0))]),
      make.corim([make.reference(make.map({ 0: make.map({ 1: 'ACME' }), 2: make.uuid(1) }), ...pcrs(0))]),
      make.corim([make.reference(make.vendorClass, make.measured(0, { 1: 3, 2: [make.digest(1)] }))]),
      make.corim([make.reference(make.vendorClass, make.measured(0, { 11: 'name' }))]),
      make.corim([make.reference(make.vendorClass, make.measured('file', { 2: [make.digest(1)] }))]),
      make.corim([make.reference(make.vendorClass, make.measured(24, { 2: [make.digest(1)] }))]),
      make.corim([make.reference(make.vendorClass, make.measured(0, { 2: [make.digest(1), make.digest(2)] }))]),
      make.corim([make.reference(make.vendorClass, make.measured(0, { 2: [[99, new Uint8Array(3)]] }))]),
      make.corim([
        make.reference(make.vendorClass, make.measured(undefined, { 14: new Map([['5', [make.digest(1)]]]) })),
      ]),
      make.corim([make.reference(make.vendorClass, ...pcrs(0, 0))]),
      make.corim([[make.vendorClass, pcrs(0), []]]),
      make.corim([one], { 2: [new Map()] }),
      make.corim([one], { '-1': 'foo' }),
      encodeCbor(make.corimValue([make.comid({ triples: { 0: [one], 1: [one] } })])),
      encodeCbor(make.corimValue([make.comid({ triples: { 0: [one] }, more: { '-2': 1 } })])),
      encodeCbor(make.corimValue([make.comid({ triples: { 0: [one] } }), new Tagged(505, new Uint8Array(1))])),
    ];
    for (const [index, bytes] of cases.entries()) {
      assert.equal(outcomeOf(() => importCorim(parseCorim(bytes), at))?.code, 'CORIM_UNSUPPORTED', `case ${index}`);
    }
  });

  it('rejects when there is nothing to verify: no reference value at all', () => {
    refuses(
      encodeCbor(make.corimValue([make.comid({ triples: { 3: [[make.vendorClass, ['key']]] } })])),
      'CORIM_EMPTY',
    );
    refuses(encodeCbor(make.corimValue([new Tagged(505, new Uint8Array(1))])), 'CORIM_UNSUPPORTED');
  });

  it('does not depend on the order of the triples, except for the order of what it drafts', () => {
    const triples = [0, 2, 4, 7, 9].map((pcr) =>
      make.reference(make.map({ 0: make.map({ 1: `v${pcr}` }) }), ...pcrs(pcr)),
    );
    const drafts = (list: readonly CborValue[]) =>
      importCorim(parseCorim(make.corim(list)), at).statements.map((statement) => encodeHex(encodeGoldenStatement(statement))).sort(); // prettier-ignore
    fc.assert(
      fc.property(fc.shuffledSubarray(triples, { minLength: triples.length }), (shuffled) => {
        assert.deepEqual(drafts(shuffled), drafts(triples));
      }),
    );
  });
});

describe('profiles of CoRIM', () => {
  const key = new Tagged(554, '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2lB1xtcIWePIt/Wwt+s8Ybp+5ji8\nt2pzGDKSOG7xTGK5gOYkcLCHz4i4L/yGzyEmBO1mZFZNuJz14X0J24+XQQ==\n-----END PUBLIC KEY-----'); // prettier-ignore
  const of = (profile: Tagged, triples: Readonly<Record<string, CborValue>>) =>
    parseCorim(encodeCbor(make.corimValue([make.comid({ triples })], { 3: profile })));
  const violates = (profile: Tagged, triples: Readonly<Record<string, CborValue>>) =>
    assert.equal(outcomeOf(() => checkProfile(of(profile, triples)))?.code, 'CORIM_PROFILE_VIOLATED');

  it('attack 40: that are unknown are refused whole', () => {
    for (const profile of [new Tagged(32, 'http://example.com/other'), new Tagged(111, Uint8Array.of(1, 2))]) {
      const bytes = make.corim([make.reference(make.vendorClass, ...pcrs(0))], { 3: profile });
      refuses(bytes, 'CORIM_PROFILE_UNKNOWN');
    }
  });

  it('parsec-tpm: PCR values of a class, keys of a machine', () => {
    const klass = make.map({ 0: make.map({ 0: make.uuid(1) }) });
    const machine = make.map({ 0: make.map({ 0: make.uuid(1) }), 1: new Tagged(560, new Uint8Array(33)) });
    const whole = { 0: [make.reference(klass, ...pcrs(0, 4))], 3: [[machine, [key]]] };
    assert.ok(checkProfile(of(make.parsec, whole)));
    const { statements } = importCorim(of(make.parsec, { 0: whole[0] }), at);
    assert.deepEqual(statements.map(({ layer }) => layer), ['firmware', 'boot-loader', 'kernel']); // prettier-ignore
    violates(make.parsec, { 0: [make.reference(make.vendorClass, ...pcrs(0))] });
    violates(make.parsec, { 0: [make.reference(make.map({ 1: make.uuid(1) }), ...pcrs(0))] });
    violates(make.parsec, { 0: [make.reference(klass, make.measured(make.uuid(1), { 2: [make.digest(1)] }))] });
    violates(make.parsec, { 0: [make.reference(klass, make.measured(undefined, { 2: [make.digest(1)] }))] });
    violates(make.parsec, { 0: [make.reference(klass, make.measured(0, { 11: 'x' }))] });
    violates(make.parsec, { 3: [[klass, [key]]] });
    violates(make.parsec, { 3: [[make.map({ 0: make.map({ 0: make.uuid(1) }), 1: make.uuid(2) }), [key]]] });
    violates(make.parsec, { 3: [[machine, [key, key]]] });
    violates(make.parsec, { 3: [[machine, ['key']]] });
    violates(make.parsec, { 3: [[machine, [new Tagged(554, 'no pem')]]] });
  });

  it('tpm-enacttrust: one digest of one machine, which no layer is', () => {
    const machine = make.map({ 1: make.uuid(1) });
    const one = make.measured(undefined, { 2: [make.digest(1)] });
    const whole = { 0: [make.reference(machine, one)], 3: [[machine, [key]]] };
    assert.ok(checkProfile(of(make.enactTrust, whole)));
    assert.equal(outcomeOf(() => importCorim(of(make.enactTrust, whole), at))?.code, 'CORIM_UNSUPPORTED');
    violates(make.enactTrust, { 0: [make.reference(make.vendorClass, one)] });
    violates(make.enactTrust, { 0: [make.reference(make.map({ 1: new Tagged(550, new Uint8Array(33)) }), one)] });
    violates(make.enactTrust, { 0: [make.reference(make.map({ 1: make.uuid(1), 2: make.uuid(2) }), one)] });
    violates(make.enactTrust, { 0: [make.reference(machine, one, one)] });
    violates(make.enactTrust, { 0: [make.reference(machine, make.measured(0, { 11: 'x' }))] });
    violates(make.enactTrust, {
      0: [make.reference(machine, make.measured(0, { 2: [make.digest(1), make.digest(2, 7, 48)] }))],
    });
    violates(make.enactTrust, { 3: [[machine, [key, key]]] });
  });
});

describe('who signed a CoRIM', () => {
  const maker = make.makeMaker('maker');
  const other = make.makeMaker('other');
  const validity = (from: string, until: string) => make.map({ 0: seconds(from), 1: seconds(until) });
  const meta = (held: CborValue) => encodeCbor(make.map({ 0: make.map({ 0: 'ACME Ltd.' }), 1: held }));
  const sign = (headers: ReadonlyMap<number, CborValue>) => parseCorim(make.signed(good, maker, headers));
  const keys = [other.verification, maker.verification];
  const withMeta = (held: CborValue) => sign(new Map<number, CborValue>([[3, 'application/rim+cbor'], [8, meta(held)]])); // prettier-ignore
  const refusal = (work: () => unknown) => outcomeOf(work)?.code;

  it('is the key that made the signature, whatever it calls itself', () => {
    const signer = verifyCorim(withMeta(validity('2026-01-01', '2027-01-01')), { keys, at });
    assert.deepEqual(signer, { kid: 'maker', untrustedName: 'ACME Ltd.' });
    const claims = make.map({ 1: 'ACME', 4: Date.parse('2027-01-01') / 1000 });
    const byClaims = sign(new Map<number, CborValue>([[3, 'application/rim+cbor'], [15, claims]])); // prettier-ignore
    assert.equal(verifyCorim(byClaims, { keys, at }).untrustedName, 'ACME');
  });

  it('rejects when there is nothing to verify: no signature, no keys', () => {
    assert.equal(
      refusal(() => verifyCorim(parseCorim(good), { keys, at })),
      'CORIM_UNSIGNED',
    );
    assert.equal(
      refusal(() => verifyCorim(withMeta(undefined), { keys: [], at })),
      'CORIM_SIGNER_UNKNOWN',
    );
  });

  it('is nobody where another key signed, a bit flipped, or something else than a CoRIM was signed', () => {
    assert.equal(refusal(() => verifyCorim(withMeta(undefined), { keys: [other.verification], at })), 'CORIM_SIGNER_UNKNOWN'); // prettier-ignore
    const bytes = make.signed(good, maker, new Map([[3, 'application/rim+cbor']]));
    for (let index = 0; index < bytes.length; index += 7) {
      const flipped = Uint8Array.from(bytes);
      flipped[index] = (flipped[index] ?? 0) ^ 1;
      assert.ok(refusal(() => verifyCorim(parseCorim(flipped), { keys, at })) !== undefined, `byte ${index}`);
    }
    assert.equal(
      refusal(() => verifyCorim(sign(new Map([[3, 'text/plain']])), { keys, at })),
      'CORIM_SIGNER_UNKNOWN',
    );
    assert.equal(
      refusal(() => verifyCorim(sign(new Map()), { keys, at })),
      'CORIM_SIGNER_UNKNOWN',
    );
  });

  it('holds only as long as the signer said', () => {
    const later = () => verifyCorim(withMeta(validity('2026-01-01', '2026-11-25')), { keys, at });
    const early = () => verifyCorim(withMeta(validity('2026-12-01', '2027-01-01')), { keys, at });
    assert.deepEqual([refusal(later), refusal(early)], ['CORIM_OUTSIDE_VALIDITY', 'CORIM_OUTSIDE_VALIDITY']);
  });

  it('holds as long as the claims of a token say, and not at all where those cannot be read', () => {
    const now = at.getTime() / 1000;
    const claimed = (claims: CborValue) => () =>
      verifyCorim(sign(new Map<number, CborValue>([[3, 'application/rim+cbor'], [15, claims]])), { keys, at }); // prettier-ignore
    const over = [new Map([[4, now]]), new Map([[5, now + 1]])];
    for (const claims of over) assert.equal(refusal(claimed(claims)), 'CORIM_OUTSIDE_VALIDITY');
    const odd: readonly CborValue[] = [2n ** 60n, 9e15, -1, 'tomorrow', null];
    for (const value of odd)
      for (const label of [4, 5]) assert.equal(refusal(claimed(new Map([[label, value]]))), 'CORIM_INVALID');
    assert.equal(refusal(claimed('no claims')), 'CORIM_INVALID');
    assert.equal(refusal(claimed(new Map([[4, now + 1], [5, now]]))), undefined); // prettier-ignore
  });

  it('holds no longer than each of both says, and not at all where what the signer says of itself is of no known form', () => {
    const now = at.getTime() / 1000;
    const headers = (held: CborValue, claims?: CborValue) => () =>
      verifyCorim(sign(new Map<number, CborValue>([[3, 'application/rim+cbor'], [8, held], ...(claims === undefined ? [] : [[15, claims] as const])])), { keys, at }); // prettier-ignore
    const good = meta(validity('2026-01-01', '2027-01-01'));
    assert.equal(refusal(headers(good, new Map([[4, now + 1]]))), undefined);
    assert.equal(refusal(headers(good, new Map([[4, now]]))), 'CORIM_OUTSIDE_VALIDITY');
    assert.equal(refusal(headers(meta(validity('2026-01-01', '2026-11-25')), new Map([[4, now + 1]]))), 'CORIM_OUTSIDE_VALIDITY'); // prettier-ignore
    // As a map, and not as the bytes of one: a reader that passes it over takes a signature that is over.
    const bare = make.map({ 0: make.map({ 0: 'ACME' }), 1: validity('2026-01-01', '2026-11-25') });
    for (const held of [bare, null, 'meta', 1]) assert.equal(refusal(headers(held)), 'CORIM_INVALID');
  });
});
