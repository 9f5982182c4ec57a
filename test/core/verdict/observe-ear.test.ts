import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../../src/core/encoding/index.ts';
import {
  createEarJwt,
  encodeEarJson,
  observeEarClaims,
  observeEarSubmods,
  observeEarToken,
} from '../../../src/core/verdict/index.ts';
import { createKeyPair } from '../crypto/test-keys.ts';
import { createEar, during, expiresAt } from './verdicts.ts';

const pair = createKeyPair('ES256');
const profile = 'tag:github.com,2023:veraison/ear';
const full = {
  'instance-identity': 2,
  configuration: 2,
  executables: 3,
  'file-system': 0,
  hardware: 2,
  'runtime-opaque': 0,
  'storage-opaque': 0,
  'sourced-data': 0,
};

describe('observations of an EAR', () => {
  it('say whether a claims set is valid, and what it says', () => {
    const seen = { profile, status: { TPM: 'affirming' }, trustworthiness: { TPM: full } };
    assert.deepEqual(observeEarClaims(encodeEarJson(createEar())), { valid: true, ...seen });
    assert.deepEqual(observeEarClaims(encodeUtf8('{')), { valid: false, code: 'ENCODING_JSON_INVALID' });
  });

  it('read parts that stand alone', () => {
    const bytes = encodeUtf8('{"A":{"ear.status":"warning","ear.appraisal-policy-id":"p"},"B":{"ear.status":"none"}}');
    const zeros = Object.fromEntries(Object.keys(full).map((name) => [name, 0]));
    assert.deepEqual(observeEarSubmods(bytes), {
      submods: {
        A: { status: 'warning', trustworthiness_vector: zeros, policy_id: 'p' },
        B: { status: 'none', trustworthiness_vector: zeros },
      },
    });
    assert.deepEqual(observeEarSubmods(encodeUtf8('[]')), { code: 'VERDICT_EAR_MALFORMED' });
  });

  it('accept a token under the named key, whatever name that has, while it lasts', async () => {
    const token = await createEarJwt(createEar(), { ...pair.signing, kid: 'another name' });
    const { verdict, status } = await observeEarToken(`${token}\n`, pair.verification, during);
    assert.deepEqual([verdict, status], ['accept', { TPM: 'affirming' }]);
    const late = await observeEarToken(token, pair.verification, new Date(expiresAt.getTime() + 60_000));
    assert.deepEqual(late, { verdict: 'reject', code: 'VERDICT_TOKEN_EXPIRED' });
    const stranger = await observeEarToken(token, createKeyPair('ES256').verification, during);
    assert.deepEqual(stranger, { verdict: 'reject', code: 'VERDICT_TOKEN_SIGNATURE' });
  });

  it('reject a token without a key', async () => {
    const token = await createEarJwt(createEar(), pair.signing);
    assert.deepEqual(await observeEarToken(token, undefined, during), {
      verdict: 'reject',
      code: 'VERDICT_KEYS_EMPTY',
    });
  });
});
