import assert from 'node:assert/strict';
import { baseCode, isRetry, responseCodeName } from '../../../src/agent/tpm/response-code.ts';

describe('response codes of a TPM', () => {
  it('are named with the handle, session or parameter that they complain about', () => {
    const names = [0x18b, 0x78b, 0x8a2, 0x9a2, 0xfa2, 0x1c4, 0xfd5, 0x84].map(responseCodeName);
    assert.deepEqual(names, [
      'TPM_RC_HANDLE (handle 1)',
      'TPM_RC_HANDLE (handle 7)',
      'TPM_RC_BAD_AUTH (session 0)',
      'TPM_RC_BAD_AUTH (session 1)',
      'TPM_RC_BAD_AUTH (session 7)',
      'TPM_RC_VALUE (parameter 1)',
      'TPM_RC_SIZE (parameter 15)',
      'TPM_RC_VALUE (handle 0)',
    ]);
  });

  it('are told as their number where nobody knows the name', () => {
    assert.deepEqual([0x1ff, 0x10a, 0x1bf].map(responseCodeName), ['0x1ff (parameter 1)', '0x10a', '0x1bf (handle 1)']);
  });

  it('are one code for whatever they complain about, and others for what they do not', () => {
    assert.deepEqual([0x18b, 0x28b, 0x98b, 0x1cb].map(baseCode), [0x8b, 0x8b, 0x8b, 0x8b]);
    assert.deepEqual([0x100, 0x14b, 0x902, 0x922].map(baseCode), [0x100, 0x14b, 0x902, 0x922]);
  });

  it('ask for the same bytes again in three cases', () => {
    const asked = Array.from({ length: 0x1000 }, (_, code) => code).filter(isRetry);
    assert.deepEqual(asked, [0x908, 0x90a, 0x922]);
  });
});
