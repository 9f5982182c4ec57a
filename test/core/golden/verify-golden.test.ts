import assert from 'node:assert/strict';
import { AttestationError } from '../../../src/core/error.ts';
import { decodeUtf8, encodeDsseEnvelope, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import {
  countSignatures,
  encodeGoldenStatement,
  documentIdOf,
  endsSoon,
  goldenPayloadType,
  isValidAt,
  parseGolden,
  signerKeyId,
  verifyApproval,
  verifyGolden,
  type AuthorisedSigner,
} from '../../../src/core/golden/index.ts';
import { turningPoints } from '../../../src/core/golden/verify-golden.ts';
import { createSigner, expectEvent, noon, sealPayload, signPayload, statementOf } from './material.ts';

const statement = statementOf('kernel', [expectEvent(4, 'vmlinuz')]);
const payload = encodeGoldenStatement(statement);
const alice = createSigner('alice');
const bob = createSigner('bob', 'p256');
const carol = createSigner('carol', 'p384');
const mallory = createSigner('mallory');
const team: readonly AuthorisedSigner[] = [alice, bob, carol];

function refuses(envelope: Uint8Array, code: string, rules: Partial<Parameters<typeof verifyGolden>[1]> = {}): void {
  assert.throws(() => verifyGolden(envelope, { signers: team, quorum: 2, at: noon, ...rules }), { code });
}

describe('approval of golden measurements', () => {
  it('1. accepts a quorum of two operators and names them', () => {
    const golden = verifyGolden(sealPayload(payload, [alice, bob]), { signers: team, quorum: 2, at: noon });
    assert.deepEqual(golden.statement, statement);
    assert.equal(golden.id, documentIdOf(payload));
    assert.deepEqual(
      golden.signatures.map(({ signer }) => signer),
      ['alice', 'bob'],
    );
    assert.equal(golden.signatures[0]?.keyid, signerKeyId(alice.publicKey));
  });

  it('accepts each kind of key, and counts none that is too weak or of another kind', () => {
    for (const kind of ['ed25519', 'p256', 'p384', 'rsa3072'] as const) {
      const signer = createSigner(kind, kind);
      assert.ok(verifyGolden(sealPayload(payload, [signer]), { signers: [signer], quorum: 1, at: noon }));
    }
    for (const kind of ['p521', 'rsa2048'] as const) {
      const signer = createSigner(kind, kind);
      refuses(sealPayload(payload, [signer]), 'GOLDEN_QUORUM_NOT_REACHED', { signers: [signer], quorum: 1 });
    }
  });

  it('accepts signatures without a key id, and with the id of the right key only', () => {
    const bare = encodeDsseEnvelope({
      payloadType: goldenPayloadType,
      payload,
      signatures: [{ sig: signPayload(payload, alice) }],
    });
    assert.ok(verifyGolden(bare, { signers: team, quorum: 1, at: noon }));
    const lying = encodeDsseEnvelope({
      payloadType: goldenPayloadType,
      payload,
      signatures: [{ keyid: signerKeyId(bob.publicKey), sig: signPayload(payload, alice) }],
    });
    refuses(lying, 'GOLDEN_QUORUM_NOT_REACHED', { quorum: 1 });
  });

  it('rejects when there is nothing to verify: no quorum, no signers, no signatures', () => {
    const envelope = sealPayload(payload, [alice, bob]);
    for (const quorum of [0, -1, 1.5, Number.NaN]) refuses(envelope, 'GOLDEN_QUORUM_INVALID', { quorum });
    refuses(envelope, 'GOLDEN_SIGNERS_EMPTY', { signers: [], quorum: 1 });
    refuses(sealPayload(payload, []), 'ENCODING_DSSE_INVALID');
  });

  it('2. does not count one signature twice, nor one key twice', () => {
    refuses(sealPayload(payload, [alice, alice]), 'GOLDEN_QUORUM_NOT_REACHED');
    refuses(sealPayload(payload, [bob, bob]), 'GOLDEN_QUORUM_NOT_REACHED');
  });

  it('2. does not count one key under two names, nor two keys under one name, in any order', () => {
    const twin = { ...alice, name: 'alice-again' };
    const spare = createSigner('alice');
    const all = [alice, twin, spare];
    for (const signers of [all, [spare, alice, twin], [twin, spare, alice], [alice, spare, twin]]) {
      refuses(sealPayload(payload, [alice, spare]), 'GOLDEN_QUORUM_NOT_REACHED', { signers });
      refuses(sealPayload(payload, [spare, alice]), 'GOLDEN_QUORUM_NOT_REACHED', { signers });
    }
  });

  it('2. does not count an unknown signer', () => {
    refuses(sealPayload(payload, [alice, mallory]), 'GOLDEN_QUORUM_NOT_REACHED');
  });

  it('2. does not count a signer for a layer it may not approve', () => {
    const restricted = { ...bob, layers: ['initrd' as const] };
    refuses(sealPayload(payload, [alice, bob]), 'GOLDEN_QUORUM_NOT_REACHED', { signers: [alice, restricted] });
    refuses(sealPayload(payload, [alice, bob]), 'GOLDEN_QUORUM_NOT_REACHED', {
      signers: [alice, { ...bob, layers: [] }],
    });
    const allowed = { ...bob, layers: ['kernel' as const] };
    assert.ok(verifyGolden(sealPayload(payload, [alice, bob]), { signers: [alice, allowed], quorum: 2, at: noon }));
  });

  it('2. does not count a signature over another payload, or under another payload type', () => {
    const other = encodeGoldenStatement(statementOf('kernel', [expectEvent(4, 'other')]));
    for (const sig of [signPayload(other, bob), signPayload(payload, bob, 'application/json')]) {
      const signatures = [{ sig: signPayload(payload, alice) }, { sig }];
      refuses(encodeDsseEnvelope({ payloadType: goldenPayloadType, payload, signatures }), 'GOLDEN_QUORUM_NOT_REACHED');
    }
  });

  it('rejects another payload type', () => {
    const signatures = [{ sig: signPayload(payload, alice, 'application/json') }];
    refuses(encodeDsseEnvelope({ payloadType: 'application/json', payload, signatures }), 'GOLDEN_ENVELOPE_TYPE');
  });

  it('3. rejects before the start and from the end on', () => {
    const notBefore = new Date('2026-11-01T00:00:00Z');
    const notAfter = new Date('2026-12-01T00:00:00Z');
    const bounded = { ...statement, notBefore, notAfter };
    const envelope = sealPayload(encodeGoldenStatement(bounded), [alice, bob]);
    refuses(envelope, 'GOLDEN_NOT_YET_VALID', { at: new Date(notBefore.getTime() - 1) });
    refuses(envelope, 'GOLDEN_EXPIRED', { at: notAfter });
    assert.ok(verifyGolden(envelope, { signers: team, quorum: 2, at: notBefore }));
    assert.equal(isValidAt(bounded, noon), true);
    assert.equal(isValidAt(bounded, notAfter), false);
  });

  it('approves at a moment when it holds, for whoever asks later whether it does, by the same rules', () => {
    const [notBefore, notAfter] = [new Date('2026-11-01T00:00:00Z'), new Date('2026-12-01T00:00:00Z')];
    for (const bounds of [{}, { notBefore }, { notAfter }, { notBefore, notAfter }]) {
      const bounded = { ...statement, ...bounds };
      const envelope = sealPayload(encodeGoldenStatement(bounded), [alice, bob]);
      assert.deepEqual(verifyApproval(envelope, { signers: team, quorum: 2 }).statement, bounded);
      for (const rules of [
        { signers: team, quorum: 3 },
        { signers: [alice, carol], quorum: 2 },
      ]) {
        assert.throws(() => verifyApproval(envelope, rules), { code: 'GOLDEN_QUORUM_NOT_REACHED' });
      }
      assert.throws(() => verifyApproval(envelope, { signers: [], quorum: 1 }), { code: 'GOLDEN_SIGNERS_EMPTY' });
    }
  });

  it('is spoken of in the last two weeks of its time, and what was said holds until the next of its turning points', () => {
    const [notBefore, notAfter] = [new Date('2026-11-10T00:00:00Z'), new Date('2026-12-01T00:00:00Z')];
    const notice = new Date('2026-11-17T00:00:00Z');
    const before = (time: Date) => new Date(time.getTime() - 1);
    const bounded = { ...statement, notBefore, notAfter };
    const soon = [before(notice), notice, before(notAfter), notAfter].map((at) => endsSoon(bounded, at));
    assert.deepEqual(soon, [false, true, true, false]);
    const late = { ...bounded, notBefore: new Date('2026-11-20T00:00:00Z') };
    assert.deepEqual([endsSoon(late, before(late.notBefore)), endsSoon(late, late.notBefore)], [false, true]);
    assert.deepEqual([endsSoon(statement, noon), endsSoon({ ...statement, notBefore }, noon)], [false, false]);
    const points = [statement, { ...statement, notBefore }, { ...statement, notAfter }, bounded].map(turningPoints);
    const [begin, told, end] = [notBefore, notice, notAfter].map((time) => time.getTime());
    assert.deepEqual(points, [[], [begin], [told, end], [begin, told, end]]);
  });

  it('takes a time that is no time for a mistake of the program', () => {
    const envelope = sealPayload(payload, [alice, bob]);
    assert.throws(() => verifyGolden(envelope, { signers: team, quorum: 2, at: new Date('never') }), TypeError);
  });

  it('T8: rejects the envelope with any one byte of payload or signature changed', () => {
    const { signatures } = parseGolden(sealPayload(payload, [alice]));
    const sig = signatures[0]?.sig ?? new Uint8Array();
    const seal = (bytes: Uint8Array, signature: Uint8Array): Uint8Array =>
      encodeDsseEnvelope({ payloadType: goldenPayloadType, payload: bytes, signatures: [{ sig: signature }] });
    for (let index = 0; index < payload.length; index += 1) refused(seal(flip(payload, index), sig));
    for (let index = 0; index < sig.length; index += 1) refused(seal(payload, flip(sig, index)));
  });

  it('rejects every truncation of an envelope with a typed error', () => {
    const envelope = sealPayload(payload, [alice, bob]);
    for (let length = 0; length < envelope.length; length += 7) refused(envelope.subarray(0, length));
    refused(encodeUtf8(`${decodeUtf8(envelope)} x`));
  });

  it('tells which signatures count before the quorum is reached', () => {
    const golden = parseGolden(sealPayload(payload, [mallory, alice]));
    assert.deepEqual(countSignatures(golden, team), [{ signer: 'alice', keyid: signerKeyId(alice.publicKey) }]);
    assert.deepEqual(countSignatures(golden, []), []);
  });
});

function refused(envelope: Uint8Array): void {
  assert.throws(() => verifyGolden(envelope, { signers: team, quorum: 1, at: noon }), AttestationError);
}

function flip(bytes: Uint8Array, index: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[index] = (copy[index] ?? 0) ^ 0x01;
  return copy;
}
