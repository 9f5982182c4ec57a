import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hash } from '../../../src/core/crypto/index.ts';
import { AttestationError, MalformedError } from '../../../src/core/error.ts';
import {
  encodeRequestProof,
  parseRequestProof,
  requestQualifyingData,
  verifyAttestationKey,
  verifyTime,
} from '../../../src/core/tpm/index.ts';
import { createPaperHost, createSimulatorAuthority } from '../../../src/simulator/index.ts';

const authority = createSimulatorAuthority({ at: new Date('2026-11-25T12:00:00Z'), seed: 'proofs' });
const host = createPaperHost({ name: 'hv-1', authority });
const bodyDigest = hash('sha256', new Uint8Array());
const request = { serverId: 's', hostId: 'hv-1', method: 'GET', path: '/v1/hosts/hv-1', at: 5, bodyDigest };

const refuses = (code: string, act: () => unknown): void =>
  assert.throws(act, (error) => error instanceof AttestationError && error.code === code);

describe('the proof of a request', () => {
  const context = { ...request, akName: host.akName };
  const qualifyingData = requestQualifyingData(context);

  it('is a statement of the attestation key about exactly this request', async () => {
    const key = verifyAttestationKey(await host.akPublic());
    const statement = await host.getTime(qualifyingData);
    assert.equal(verifyTime({ ...statement, key, qualifyingData }).clock.safe, true);
    const changes = [
      { serverId: 't' },
      { hostId: 'hv-2' },
      { method: 'POST' },
      { path: '/v1/hosts/hv-1?' },
      { at: 6 },
      { bodyDigest: hash('sha256', Uint8Array.of(1)) },
      { akName: createPaperHost({ name: 'hv-2', authority }).akName },
    ];
    for (const change of changes) {
      const other = requestQualifyingData({ ...context, ...change });
      refuses('TPM_QUALIFYING_DATA_MISMATCH', () => verifyTime({ ...statement, key, qualifyingData: other }));
    }
  });

  it('is not made by a quote, nor by another key, nor with nothing to verify', async () => {
    const key = verifyAttestationKey(await host.akPublic());
    const quote = await host.quote(qualifyingData, [{ bank: 'sha256', pcrs: [0] }]);
    refuses('TPM_ATTEST_TYPE_WRONG', () => verifyTime({ ...quote, key, qualifyingData }));
    const other = await createPaperHost({ name: 'hv-2', authority }).getTime(qualifyingData);
    refuses('TPM_SIGNATURE_INVALID', () => verifyTime({ ...other, key, qualifyingData }));
    const empty = new Uint8Array();
    refuses('TPM_STRUCTURE_TRUNCATED', () => verifyTime({ attest: empty, signature: empty, key, qualifyingData }));
    refuses('TPM_QUALIFYING_DATA_TOO_SHORT', () => verifyTime({ ...quote, key, qualifyingData: empty }));
  });

  it('keeps its parts apart', () => {
    refuses('TPM_QUALIFYING_DATA_AMBIGUOUS', () => requestQualifyingData({ ...context, path: '/a\0b' }));
    refuses('TPM_QUALIFYING_DATA_AMBIGUOUS', () => requestQualifyingData({ ...context, akName: Uint8Array.of(1) }));
    refuses('TPM_QUALIFYING_DATA_AMBIGUOUS', () =>
      requestQualifyingData({ ...context, bodyDigest: new Uint8Array(31) }),
    );
  });

  it('is read back as it was written, and nothing else is read', async () => {
    const proof = { at: 5, bodyDigest, ...(await host.getTime(qualifyingData)) };
    const text = encodeRequestProof(proof);
    assert.deepEqual(parseRequestProof(text), proof);
    const before1970 = { ...proof, at: -86_400_000 };
    assert.deepEqual(parseRequestProof(encodeRequestProof(before1970)), before1970);
    for (let length = 0; length < 60; length += 1) {
      refuses('TPM_REQUEST_PROOF_MALFORMED', () => parseRequestProof(text.slice(0, length)));
    }
    for (const wrong of [
      `${text}.`,
      ` ${text}`,
      text.replace('1.5.', '1.05.'),
      text.replace('1.5.', '1.-0.'),
      text.replace('1.5.', '1.-05.'),
      text.replace('1.', '2.'),
      `${text}=`,
    ]) {
      refuses('TPM_REQUEST_PROOF_MALFORMED', () => parseRequestProof(wrong));
    }
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^1\.-?\d+\.[\w-]{43}\.[\w-]*\.[\w-]*$/)), (any) => {
        try {
          assert.equal(encodeRequestProof(parseRequestProof(any)), any);
        } catch (error) {
          assert.ok(error instanceof MalformedError);
        }
      }),
    );
  });
});
