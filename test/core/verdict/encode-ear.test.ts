import assert from 'node:assert/strict';
import { canonicalJson, decodeUtf8, parseCbor, parseJsonStrict } from '../../../src/core/encoding/index.ts';
import {
  encodeEarCbor,
  encodeEarJson,
  parseEarCbor,
  parseEarJson,
  statusOfEar,
  type EarGeneration,
} from '../../../src/core/verdict/index.ts';
import { createEar, earOptions, verdict, without } from './verdicts.ts';

const generations: readonly EarGeneration[] = ['veraison-2023', 'draft-2025', 'draft-2026'];
const json = (...args: Parameters<typeof createEar>): unknown =>
  JSON.parse(decodeUtf8(encodeEarJson(createEar(...args))));

describe('earOf', () => {
  it('writes the claims that Veraison reads, zeros omitted', () => {
    assert.deepEqual(json(), {
      eat_profile: 'tag:github.com,2023:veraison/ear',
      iat: 1767225600,
      exp: 1767225900,
      sub: 'hypervisor-7',
      'ear.verifier-id': earOptions.verifier,
      submods: {
        TPM: {
          'ear.status': 'affirming',
          'ear.appraisal-policy-id': 'policy:prod/7',
          'ear.trustworthiness-vector': { 'instance-identity': 2, configuration: 2, executables: 3, hardware: 2 },
        },
      },
    });
  });

  it('writes the claims of the 2026 draft: other names, a list of policies, an overall status', () => {
    assert.deepEqual(json({ generation: 'draft-2026' }), {
      eat_profile: 'tag:ietf.org,2026:rats/ear#03',
      iat: 1767225600,
      exp: 1767225900,
      sub: 'hypervisor-7',
      ear_verifier_id: earOptions.verifier,
      ear_status: 'affirming',
      submods: {
        TPM: {
          ear_status: 'affirming',
          ear_appraisal_policy_ids: ['policy:prod/7'],
          ear_trustworthiness_vector: { 'instance-identity': 2, configuration: 2, executables: 3, hardware: 2 },
        },
      },
    });
  });

  it('writes canonical JSON, whatever it says [RFC8785]', () => {
    for (const generation of generations) {
      const nonce = new Uint8Array(8);
      const full = { generation, nonce, issuer: 'us', audience: 'you', details: true, label: 'tpm-0' };
      for (const options of [{ generation }, full]) {
        const bytes = encodeEarJson(createEar(options));
        assert.deepEqual(bytes, canonicalJson(parseJsonStrict(bytes)));
      }
    }
  });

  it('writes integer keys and integer tiers in CBOR', () => {
    const claims = parseCbor(encodeEarCbor(createEar({ generation: 'draft-2026' }))) as ReadonlyMap<number, unknown>;
    assert.deepEqual([...claims.keys()].sort((a, b) => a - b), [2, 4, 6, 265, 266, 1000, 1004]); // prettier-ignore
    assert.equal(claims.get(1000), 2);
    assert.deepEqual(claims.get(1004), new Map([[0, 'https://verifier.example'], [1, '1.4.2']])); // prettier-ignore
    const part = (claims.get(266) as ReadonlyMap<string, ReadonlyMap<number, unknown>>).get('TPM');
    assert.deepEqual(part?.get(1001), new Map([[0, 2], [1, 2], [2, 3], [4, 2]])); // prettier-ignore
    assert.deepEqual(part.get(1003), ['policy:prod/7']);
  });

  it('is read back as it was, in every generation and both encodings', () => {
    for (const generation of generations) {
      const ear = createEar({ generation, issuer: 'https://verifier.example', audience: 'nova' });
      assert.deepEqual(parseEarJson(encodeEarJson(ear)), ear);
      assert.deepEqual(parseEarCbor(encodeEarCbor(ear)), ear);
    }
  });

  it('never gives a status better than the vector supports', () => {
    const status = (changes: Parameters<typeof createEar>[1]) =>
      statusOfEar(createEar({ generation: 'draft-2026' }, changes));
    assert.equal(status({}), 'affirming');
    assert.equal(status({ vector: { ...verdict.vector, hardware: 32 } }), 'warning');
    assert.equal(status({ vector: { ...verdict.vector, hardware: 97 } }), 'contraindicated');
    assert.equal(status({ status: 'contraindicated' }), 'contraindicated');
    assert.equal(status({ status: 'none' }), 'none');
    assert.equal(status({ vector: {} }), 'none');
  });

  it('carries nonce, issuer and audience only when asked', () => {
    const nonce = Uint8Array.of(0xab, 0xcd, 0xef, 0x12, 0x34, 0x56, 0x78, 0x90, 0xab, 0xcd, 0xff);
    const claims = json({ nonce, issuer: 'i', audience: 'a' }) as Record<string, unknown>;
    assert.deepEqual([claims['eat_nonce'], claims['iss'], claims['aud']], ['q83vEjRWeJCrzf8', 'i', 'a']);
    const current = json({ nonce, generation: 'draft-2026' }) as Record<string, unknown>;
    assert.equal(current['eat_nonce'], 'q83vEjRWeJCrzf8=');
    assert.deepEqual(parseEarCbor(encodeEarCbor(createEar({ nonce }))).nonces, [nonce]);
    for (const length of [8, 64]) assert.equal(createEar({ nonce: new Uint8Array(length) }).nonces.length, 1);
    for (const length of [0, 7, 65]) assert.throws(() => createEar({ nonce: new Uint8Array(length) }), TypeError);
  });

  it('rounds times down, so that no token outlives its verdict, and takes no date that is none', () => {
    const ear = createEar({}, { expiresAt: '2026-01-01T00:05:00.999Z' });
    assert.equal(ear.expiresAt, 1767225900);
    assert.throws(() => createEar({}, { expiresAt: 'soon' }), TypeError);
  });

  it('names no policy when none applied', () => {
    const ear = createEar({}, { ...without(verdict, 'policy'), policy: undefined } as never);
    assert.deepEqual(ear.submods.get('TPM')?.policyIds, []);
    assert.equal(decodeUtf8(encodeEarJson(ear)).includes('policy'), false);
  });

  it('adds what the verdict rests on when asked, under a name of our own', () => {
    const findings = [{ code: 'X', severity: 'info', check: 'c', message: 'm', remedy: 'r' }] as const;
    const ear = createEar({ details: true, label: 'host' }, { findings });
    const details = { 'evidence-digest': verdict.evidenceDigest, layers: verdict.layers, findings: ['X'], boot: { 'reset-count': 4, 'restart-count': 0 } }; // prettier-ignore
    assert.deepEqual(ear.submods.get('host')?.details, details);
    const text = decodeUtf8(encodeEarJson(ear));
    assert.ok(text.includes('"https://touchstone.dev/claims/appraisal":{"boot":{"reset-count":4'));
    assert.equal(parseEarCbor(encodeEarCbor(ear)).submods.get('host')?.status, 'affirming');
  });

  it('gives equal bytes for equal verdicts', () => {
    assert.deepEqual(encodeEarJson(createEar()), encodeEarJson(createEar()));
    assert.deepEqual(encodeEarCbor(createEar()), encodeEarCbor(createEar()));
  });
});
