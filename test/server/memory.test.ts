import assert from 'node:assert/strict';
import { verifyAttestationKey } from '../../src/core/tpm/index.ts';
import { recallCertificate } from '../../src/core/x509/index.ts';
import { checkConfig } from '../../src/server/index.ts';
import { createServerMemory, visitMemory } from '../../src/server/memory.ts';
import { capture } from '../core/tpm/captures.ts';
import { makeRoot } from '../support/pki.ts';

const key = verifyAttestationKey(capture('tpm-quote/ak_ecc.pub'));
const { der } = makeRoot().certificate;

function memoryOf(rememberedHosts: number) {
  return createServerMemory(checkConfig({ serverId: 'a', attestation: { rememberedHosts } }, '/nowhere'));
}

describe('what the server remembers', () => {
  it('is bounded by the configuration, and nothing at 0', () => {
    const memory = memoryOf(2);
    for (const name of ['a', 'b', 'c']) memory.keys.set(name, key);
    assert.deepEqual([memory.keys.get('a'), memory.keys.get('b'), memory.keys.get('c')], [undefined, key, key]);
    const none = memoryOf(0);
    none.keys.set('a', key);
    assert.equal(none.keys.get('a'), undefined);
    assert.notEqual(recallCertificate(der, none.certificates), recallCertificate(der, none.certificates));
  });

  it('serves a walk over the fleet, which pushes nothing out', () => {
    const memory = memoryOf(2);
    memory.keys.set('a', key);
    const visitor = visitMemory(memory);
    assert.equal(visitor.keys.get('a'), key);
    for (const name of ['b', 'c', 'd']) visitor.keys.set(name, key);
    assert.deepEqual([visitor.keys.get('d'), visitor.keys.get('c')], [key, undefined]);
    assert.deepEqual([memory.keys.get('a'), memory.keys.get('d')], [key, undefined]);
    const certificate = recallCertificate(der, visitor.certificates);
    assert.equal(recallCertificate(der, visitor.certificates), certificate);
    assert.notEqual(recallCertificate(der, memory.certificates), certificate);
  });
});
