import assert from 'node:assert/strict';
import { parseDenyEnvelope, verifyDenyList } from '../../../src/core/deny/index.ts';
import { goldenPayloadType } from '../../../src/core/golden/index.ts';
import { createSigner } from '../golden/material.ts';
import { fullList, sealList } from './material.ts';

const alice = createSigner('alice');
const bob = createSigner('bob', 'p256');
const kernels = createSigner('kernels', 'ed25519', ['kernel']);
const signers = [alice, bob, kernels];

describe('approval of a deny list', () => {
  const verify = (envelope: Uint8Array, quorum = 2) => verifyDenyList(envelope, { signers, quorum });
  const refused = { code: 'DENY_LIST_QUORUM_NOT_REACHED' };

  it('approves what a quorum of distinct operators signed', () => {
    const { list, signatures } = verify(sealList(fullList, [alice, bob]));
    assert.deepEqual(list, fullList);
    assert.deepEqual(signatures.map(({ signer }) => signer).sort(), ['alice', 'bob']);
  });

  it('counts nobody twice, no stranger, and no signer of single layers', () => {
    for (const seal of [[alice], [alice, alice], [alice, createSigner('mallory')], [alice, kernels]]) {
      assert.throws(() => verify(sealList(fullList, seal)), refused);
    }
    assert.throws(() => verifyDenyList(sealList(fullList, [alice]), { signers: [], quorum: 1 }), refused);
    assert.throws(() => verify(sealList(fullList, [alice]), 0), { code: 'GOLDEN_QUORUM_INVALID' });
  });

  it('takes no signature over a golden measurement for one over a deny list', () => {
    assert.throws(() => parseDenyEnvelope(sealList(fullList, [alice, bob], goldenPayloadType)), {
      code: 'DENY_LIST_ENVELOPE_TYPE',
    });
  });

  it('refuses every list of which one byte is another', () => {
    const envelope = sealList(fullList, [alice, bob]);
    const text = new TextDecoder().decode(envelope);
    const later = text.replace(/"payload":"[^"]*"/, `"payload":"${btoa(JSON.stringify({ ...wire(), version: 2 }))}"`);
    assert.throws(() => verify(new TextEncoder().encode(later)), refused);
  });

  function wire(): object {
    return JSON.parse(new TextDecoder().decode(parseDenyEnvelope(sealList(fullList, [alice])).payload)) as object;
  }
});
