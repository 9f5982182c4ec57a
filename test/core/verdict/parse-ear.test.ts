import assert from 'node:assert/strict';
import { encodeCbor, encodeUtf8, parseCbor, type CborMap, type CborValue } from '../../../src/core/encoding/index.ts';
import {
  encodeEarCbor,
  encodeEarJson,
  parseEarClaims,
  parseEarJson,
  parseEarSubmods,
  statusOfEar,
} from '../../../src/core/verdict/index.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation } from '../../support/hostile-bytes.ts';
import { createEar, without } from './verdicts.ts';

type Claims = Record<string, unknown>;
const claim = { code: 'VERDICT_EAR_CLAIM' };
const part = {
  'ear.status': 'affirming',
  'ear.trustworthiness-vector': { hardware: 2 },
  'ear.appraisal-policy-id': 'p',
};
const good: Claims = {
  eat_profile: 'tag:github.com,2023:veraison/ear',
  iat: 1666091373,
  'ear.verifier-id': { developer: 'Acme', build: '1' },
  submods: { TPM: part },
};
const current: Claims = {
  eat_profile: 'tag:ietf.org,2026:rats/ear#03',
  iat: 1666091373,
  ear_verifier_id: { developer: 'Acme', build: '1' },
  submods: { TPM: { ear_status: 'affirming', ear_appraisal_policy_ids: ['p', 'q'] } },
};
const parse = (claims: unknown) => parseEarClaims(encodeUtf8(JSON.stringify(claims)));
const withPart = (changes: Claims): Claims => ({ ...good, submods: { TPM: { ...part, ...changes } } });

describe('parseEarClaims', () => {
  it('reads the generations in the wild', () => {
    assert.equal(parse(good).generation, 'veraison-2023');
    assert.equal(parse({ ...good, eat_profile: 'tag:github.com,2024:confidential-containers/Trustee' }).generation, 'veraison-2023'); // prettier-ignore
    assert.equal(parse({ ...good, eat_profile: 'tag:ietf.org,2025-07:ear' }).generation, 'draft-2025');
    const ear = parse(current);
    assert.equal(ear.generation, 'draft-2026');
    assert.deepEqual(ear.submods.get('TPM'), { status: 'affirming', vector: {}, policyIds: ['p', 'q'] });
  });

  it('reads every time from 1970 on', () => {
    assert.deepEqual(
      [0, 2 ** 53 - 1].map((iat) => parse({ ...good, iat }).issuedAt),
      [0, 2 ** 53 - 1],
    );
  });

  it('ignores claims it does not know, in every place', () => {
    const extra = { 'ear.veraison.annotated-evidence': { deep: [1.5, null] } };
    assert.deepEqual(parse({ ...good, ...extra, submods: { TPM: { ...part, ...extra } } }), parse(good));
  });

  it('reads JSON behind blanks, and CBOR otherwise', () => {
    assert.deepEqual(parseEarClaims(encodeUtf8(`\r\n\t ${JSON.stringify(good)}`)), parse(good));
    const bytes = encodeEarCbor(createEar());
    assert.deepEqual(parseEarClaims(bytes), createEar());
  });

  it('takes evidence that goes with a result for bytes, and reads nothing of it', () => {
    for (const evidence of ['AAAA', '-_-_', ''])
      assert.deepEqual(parse({ ...good, 'ear.raw-evidence': evidence }), parse(good), evidence);
    const inCbor = (evidence: CborValue) => {
      const claims = parseCbor(encodeEarCbor(createEar())) as CborMap;
      return parseEarClaims(encodeCbor(new Map([...claims, [1002, evidence]])));
    };
    assert.deepEqual(inCbor(Uint8Array.of(1, 2)), createEar());
    for (const evidence of ['AAAA', 1, []]) assert.throws(() => inCbor(evidence), claim);
  });

  it('rejects when there is nothing to verify', () => {
    assert.throws(() => parseEarClaims(new Uint8Array()), { code: 'ENCODING_CBOR_TRUNCATED' });
    assert.throws(() => parse({}), { code: 'VERDICT_EAR_PROFILE' });
    assert.throws(() => parse({ ...good, submods: {} }), claim);
    assert.throws(() => parseEarClaims(encodeCbor(new Map())), { code: 'VERDICT_EAR_PROFILE' });
    assert.throws(() => parseEarClaims(encodeCbor([])), { code: 'VERDICT_EAR_MALFORMED' });
    assert.throws(() => parseEarClaims(encodeUtf8('{')), { code: 'ENCODING_JSON_INVALID' });
    assert.throws(() => parseEarJson(encodeUtf8('[]')), { code: 'VERDICT_EAR_MALFORMED' });
  });

  it('refuses profiles it does not know, however similar', () => {
    for (const eat_profile of [
      undefined,
      null,
      '',
      1,
      ['tag:github.com,2023:veraison/ear'],
      'tag:github.com,2023:veraison/EAR',
      'tag:ietf.org,2026:rats/ear#04',
    ]) {
      // prettier-ignore
      assert.throws(() => parse({ ...good, eat_profile }), { code: 'VERDICT_EAR_PROFILE' });
    }
  });

  it('refuses a generation that speaks with the names of another', () => {
    assert.throws(() => parse({ ...good, eat_profile: current['eat_profile'] }), claim);
    assert.throws(() => parse({ ...current, eat_profile: good['eat_profile'] }), claim);
  });

  it('refuses mandatory claims that are missing or of the wrong type', () => {
    for (const name of ['iat', 'ear.verifier-id', 'submods'])
      assert.throws(() => parse(without(good, name)), claim, name);
    for (const change of [
      { iat: '1666091373' },
      { iat: 1666091373.5 },
      { iat: -1 },
      { iat: 2 ** 53 },
      { exp: 1666091373.5 },
      { nbf: 'now' },
      { 'ear.verifier-id': 'Acme' },
      { 'ear.verifier-id': { developer: 'Acme' } },
      { 'ear.verifier-id': { developer: 1, build: '1' } },
      { submods: [part] },
      { submods: { TPM: 'affirming' } },
      { submods: { TPM: ['JWT', 'a.b.c'] } },
      { iss: 1 },
      { sub: ['x'] },
      { aud: [1] },
      { aud: {} },
      { 'ear.raw-evidence': 1 },
      { 'ear.raw-evidence': 'not base64!' },
    ]) {
      assert.throws(() => parse({ ...good, ...change }), claim, JSON.stringify(change));
    }
  });

  it('reads a status by name or tier, and knows no other', () => {
    const status = (value: unknown) => parse(withPart({ 'ear.status': value, 'ear.trustworthiness-vector': {} })).submods.get('TPM')?.status; // prettier-ignore
    assert.deepEqual([0, 2, 32, 96].map(status), ['none', 'affirming', 'warning', 'contraindicated']);
    for (const value of ['Affirming', 'good', '', 1, 3, 2.5, null, true, ['affirming'], 'constructor']) {
      assert.throws(() => status(value), claim, String(value));
    }
    assert.throws(() => parse({ ...good, submods: { TPM: without(part, 'ear.status') } }), claim);
  });

  it('refuses members of the vector that AR4SI does not have, and values beyond eight bits', () => {
    for (const vector of [
      { unknown: 2 },
      { hardware: 128 },
      { hardware: -129 },
      { hardware: 2.5 },
      { hardware: '2' },
      [2],
      2,
    ]) {
      // prettier-ignore
      assert.throws(() => parse(withPart({ 'ear.trustworthiness-vector': vector })), claim, JSON.stringify(vector));
    }
  });

  it('refuses a status better than the worst claim under it', () => {
    const contradiction = { code: 'VERDICT_EAR_STATUS' };
    for (const [status, hardware] of [
      ['affirming', 32],
      ['affirming', 97],
      ['warning', 96],
    ] as const) {
      // prettier-ignore
      assert.throws(() => parse(withPart({ 'ear.status': status, 'ear.trustworthiness-vector': { hardware } })), contradiction); // prettier-ignore
    }
    parse(withPart({ 'ear.status': 'none', 'ear.trustworthiness-vector': { hardware: 97 } }));
    parse(withPart({ 'ear.status': 'contraindicated' }));
    parse(withPart({ 'ear.trustworthiness-vector': { hardware: 2, executables: 0, configuration: 1 } }));
  });

  it('refuses an overall status better than a part', () => {
    const parts = { A: { ear_status: 'affirming' }, B: { ear_status: 'warning' } };
    assert.equal(statusOfEar(parse({ ...current, submods: parts, ear_status: 'warning' })), 'warning');
    assert.throws(() => parse({ ...current, submods: parts, ear_status: 'affirming' }), { code: 'VERDICT_EAR_STATUS' });
    assert.equal(statusOfEar(parse({ ...current, submods: parts, ear_status: 'contraindicated' })), 'contraindicated');
    assert.throws(() => parse({ ...current, ear_status: 'fine' }), claim);
  });

  it('reads the policy id in the form of its generation', () => {
    assert.deepEqual(parse(good).submods.get('TPM')?.policyIds, ['p']);
    assert.throws(() => parse(withPart({ 'ear.appraisal-policy-id': ['p'] })), claim);
    for (const ids of ['p', [], [1]]) {
      const submods = { TPM: { ear_status: 'affirming', ear_appraisal_policy_ids: ids } };
      assert.throws(() => parse({ ...current, submods }), claim);
    }
  });

  it('reads nonces of 8 to 88 characters, one or several', () => {
    assert.deepEqual(parse({ ...good, eat_nonce: '12345678' }).nonces, ['12345678']);
    assert.deepEqual(parse({ ...good, eat_nonce: ['12345678', 'abcdefgh'] }).nonces.length, 2);
    for (const eat_nonce of ['1234567', 'x'.repeat(89), 12345678, [], [1], null]) {
      assert.throws(() => parse({ ...good, eat_nonce }), claim, JSON.stringify(eat_nonce));
    }
  });

  it('reads nonces of 8 to 64 bytes in CBOR, and tiers only', () => {
    const claims = parseCbor(encodeEarCbor(createEar())) as ReadonlyMap<number, CborValue>;
    const change = (key: number, value: CborValue) => parseEarClaims(encodeCbor(new Map(claims).set(key, value)));
    assert.equal(change(10, [new Uint8Array(8), new Uint8Array(64)]).nonces.length, 2);
    for (const nonce of [new Uint8Array(7), new Uint8Array(65), '12345678'])
      assert.throws(() => change(10, nonce), claim);
    for (const bad of ['affirming', 1, null]) assert.throws(() => change(266, new Map([['TPM', new Map([[1000, bad]])]])), claim); // prettier-ignore
    assert.throws(() => change(266, new Map([[1, new Map([[1000, 2]])]])), claim);
    assert.throws(() => change(6, 1n << 60n), claim);
    assert.throws(() => change(266, new Map([['TPM', new Map<number, CborValue>([[1000, 2], [1001, new Map([[8, 2]])]])]])), claim); // prettier-ignore
    assert.throws(() => change(1002, 'text'), claim);
    for (const verifier of ['Acme', 1, ['Acme', '1']]) assert.throws(() => change(1004, verifier), claim);
    for (const submods of ['TPM', ['TPM'], new Map([['TPM', 'affirming']])]) assert.throws(() => change(266, submods), claim); // prettier-ignore
  });

  it('refuses more parts than its bound', () => {
    const submods = Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`p${index}`, part]));
    assert.throws(() => parse({ ...good, submods }), claim);
  });

  it('names the place, with labels of strangers made printable', () => {
    assert.throws(() => parse({ ...good, submods: { '\u001b[2J': {} } }), {
      ...claim,
      at: 'submods/\\u{1b}[2J/ear.status',
    });
  });

  it('refuses a claim that occurs twice', () => {
    const text = JSON.stringify(good).replace('{', '{"submods":{},');
    assert.throws(() => parseEarClaims(encodeUtf8(text)), { code: 'ENCODING_JSON_DUPLICATE_KEY' });
  });

  it('refuses every truncation and is never surprised', () => {
    for (const bytes of [encodeEarJson(createEar()), encodeEarCbor(createEar())]) {
      assertRefusesEveryTruncation(bytes, parseEarClaims);
      assertNeverSurprised(parseEarClaims, bytes);
    }
  });
});

describe('parseEarSubmods', () => {
  it('reads parts without a claims set around them', () => {
    const submods = parseEarSubmods(encodeUtf8(JSON.stringify({ PSA: part })));
    assert.deepEqual(submods.get('PSA'), { status: 'affirming', vector: { hardware: 2 }, policyIds: ['p'] });
    assert.throws(() => parseEarSubmods(encodeUtf8('{}')), claim);
    assert.throws(() => parseEarSubmods(encodeUtf8('[]')), { code: 'VERDICT_EAR_MALFORMED' });
  });
});
