import assert from 'node:assert/strict';
import { concatBytes } from '../../../src/core/encoding/index.ts';
import { encodeGuid, encodeSignatureList, guids } from '../../../src/core/event-log/index.ts';
import { readSignatureUpdate } from '../../../src/core/prediction/index.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation } from '../../support/hostile-bytes.ts';
import { u16, u32 } from './material.ts';

const list = encodeSignatureList({
  typeGuid: guids.certSha256,
  owner: guids.shimLock,
  signatures: [new Uint8Array(32).fill(1)],
});
const pkcs7 = '4aafd29d-68df-49ee-8aa9-347d375665a7';

/** EFI_VARIABLE_AUTHENTICATION_2 in front of `value`. */
function authenticated(value: Uint8Array, { length = 24 + 5, type = 0x0ef1, guid = pkcs7 } = {}): Uint8Array {
  const certificate = concatBytes(u32(length), u16(0x0200), u16(type), encodeGuid(guid), new Uint8Array(5).fill(0x30));
  return concatBytes(new Uint8Array(16), certificate, value);
}

describe('updates of Secure Boot variables', () => {
  it('are the lists themselves, with or without a signature in front', () => {
    assert.deepEqual(readSignatureUpdate(list), list);
    assert.deepEqual(readSignatureUpdate(authenticated(list)), list);
    assert.deepEqual(readSignatureUpdate(authenticated(concatBytes(list, list))), concatBytes(list, list));
  });

  it('are refused when they hold nothing', () => {
    assert.throws(() => readSignatureUpdate(new Uint8Array()), { code: 'PREDICTION_UPDATE_INVALID' });
    assert.throws(() => readSignatureUpdate(authenticated(new Uint8Array())), { code: 'PREDICTION_UPDATE_INVALID' });
  });

  it('are refused when the head lies about its kind or length', () => {
    const heads = [{ type: 2 }, { length: 23 }, { length: 0xffffffff }, { length: 24 }, { guid: guids.shimLock }];
    for (const bytes of [...heads.map((head) => authenticated(list, head)), concatBytes(list, Uint8Array.of(0))]) {
      assert.throws(() => readSignatureUpdate(bytes), { code: 'PREDICTION_UPDATE_INVALID' });
    }
  });

  it('are refused when they end too early, and never surprise', () => {
    assertRefusesEveryTruncation(authenticated(list), readSignatureUpdate);
    assertNeverSurprised(readSignatureUpdate, list, authenticated(list));
  });
});
