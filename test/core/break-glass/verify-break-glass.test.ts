import assert from 'node:assert/strict';
import { parseBreakGlassEnvelope, verifyBreakGlass } from '../../../src/core/break-glass/index.ts';
import { goldenPayloadType } from '../../../src/core/golden/index.ts';
import { createSigner } from '../golden/material.ts';
import { sealStatement, statement } from './material.ts';

const alice = createSigner('alice');
const bob = createSigner('bob', 'p256');
const kernels = createSigner('kernels', 'ed25519', ['kernel']);
const signers = [alice, bob, kernels];

describe('approval of a break-glass statement', () => {
  const verify = (envelope: Uint8Array, quorum = 2) => verifyBreakGlass(envelope, { signers, quorum });
  const refused = { code: 'BREAK_GLASS_QUORUM_NOT_REACHED' };

  it('approves what a quorum of distinct operators signed', () => {
    const approved = verify(sealStatement(statement, [alice, bob]));
    assert.deepEqual(approved.statement, statement);
    assert.deepEqual(approved.signatures.map(({ signer }) => signer).sort(), ['alice', 'bob']);
  });

  it('counts nobody twice, no stranger, and no signer of single layers; rejects when there is nobody to count', () => {
    for (const seal of [[alice], [alice, alice], [alice, createSigner('mallory')], [alice, kernels]]) {
      assert.throws(() => verify(sealStatement(statement, seal)), refused);
    }
    assert.throws(() => verifyBreakGlass(sealStatement(statement, [alice]), { signers: [], quorum: 1 }), refused);
    assert.throws(() => verify(sealStatement(statement, [alice]), 0), { code: 'GOLDEN_QUORUM_INVALID' });
  });

  it('takes no signature over a golden measurement for one over a statement', () => {
    assert.throws(() => parseBreakGlassEnvelope(sealStatement(statement, [alice, bob], goldenPayloadType)), {
      code: 'BREAK_GLASS_ENVELOPE_TYPE',
    });
  });

  it('refuses every statement of which one field is another', () => {
    const text = new TextDecoder().decode(sealStatement(statement, [alice, bob]));
    const others = [
      { ...statement, until: new Date(statement.until.getTime() + 1000) },
      { ...statement, hosts: statement.hosts.slice(1) },
      { ...statement, excuses: [...statement.excuses, 'INITRD_DIVERGED' as const] },
    ];
    for (const other of others) {
      const [, payload] = /"payload":"([^"]*)"/.exec(new TextDecoder().decode(sealStatement(other, [alice])))!;
      const forged = text.replace(/"payload":"[^"]*"/, `"payload":"${payload}"`);
      assert.throws(() => verify(new TextEncoder().encode(forged)), refused);
    }
  });
});
