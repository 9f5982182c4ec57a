import assert from 'node:assert/strict';
import { constants } from '../../../../src/server/keys/pkcs11/library.ts';
import { tokenErrorOf } from '../../../../src/server/keys/pkcs11/token-error.ts';
import { checkPinUsable } from '../../../../src/server/keys/pkcs11/token-key.ts';

describe('a PIN in a file', () => {
  it('is not tried where the token says that it is locked, or that the next wrong one locks it', () => {
    const { tokenInitialised, userPinFinalTry, userPinLocked } = constants;
    checkPinUsable(tokenInitialised);
    assert.throws(() => checkPinUsable(tokenInitialised | userPinLocked), { code: 'PKCS11_PIN_LOCKED' });
    assert.throws(() => checkPinUsable(tokenInitialised | userPinFinalTry), { code: 'PKCS11_PIN_LOCKED' });
  });
});

describe('a return value of a module', () => {
  it('means what an operator can do something about, or else that the session is lost', () => {
    const codeOf = (name: string): string => tokenErrorOf(new Error(name)).code;
    assert.equal(codeOf('CKR_PIN_LOCKED'), 'PKCS11_PIN_LOCKED');
    assert.equal(codeOf('CKR_PIN_INCORRECT'), 'PKCS11_PIN_WRONG');
    assert.equal(codeOf('CKR_KEY_FUNCTION_NOT_PERMITTED'), 'PKCS11_KEY_UNSUITABLE');
    assert.equal(codeOf('CKR_DEVICE_REMOVED'), 'PKCS11_SESSION_LOST');
    assert.equal(codeOf('CKR_SESSION_HANDLE_INVALID'), 'PKCS11_SESSION_LOST');
  });
});
