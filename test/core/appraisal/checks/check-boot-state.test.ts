import assert from 'node:assert/strict';
import { quoteClaim } from '../../tpm/software-key.ts';
import { judge, signer } from '../attacked-host.ts';

describe('a boot that followed no orderly shutdown', () => {
  const said = (safe: boolean) => {
    const { status, findings } = judge({ claim: { clock: { ...quoteClaim(signer.key).clock, safe } } });
    return [status, findings.filter(({ check }) => check === 'boot-state').map(({ code }) => code)];
  };

  it('is told, and trusted: a crash is no attack [TPM2-P1 §36]', () => {
    assert.deepEqual(said(false), ['affirming', ['BOOT_CLOCK_UNSAFE']]);
    assert.deepEqual(said(true), ['affirming', []]);
  });
});
