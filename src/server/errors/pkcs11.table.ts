// What an HSM, or the way to it, makes the attestation CA refuse. Part of the table in ../errors.ts.
export const pkcs11Errors = {
  PKCS11_MODULE_UNUSABLE: {
    status: 503,
    title: 'The PKCS#11 module cannot be used',
    cause:
      'The library that `attestationCa.pkcs11.module` names is missing or cannot be loaded, or the optional package that loads it is not installed.',
    remedy:
      'Correct the path and check with `pkcs11-tool --module PATH --list-slots` as the user of the server. The message says when it is the package: install a C++ compiler and run `npm ci` again.',
  },
  PKCS11_TOKEN_ABSENT: {
    status: 503,
    title: 'The token is not there',
    cause: 'No initialised token, or more than one, has the label and serial number of `attestationCa.pkcs11`.',
    remedy:
      'Connect the token, or correct tokenLabel and tokenSerial: the message names the tokens that are present. The server tries again by itself.',
  },
  PKCS11_PIN_WRONG: {
    status: 503,
    title: 'The token refuses the PIN',
    cause:
      'The PIN in `attestationCa.pkcs11.pinFile` is wrong, or the token has no user PIN. It is not tried again, so that the token is not locked by it.',
    remedy: 'Correct the file and start the server again.',
  },
  PKCS11_PIN_LOCKED: {
    status: 503,
    title: 'The PIN of the token is locked or expired',
    cause: 'Too many wrong PINs were tried, one more would lock the token, or the PIN has expired. Nothing was tried.',
    remedy:
      'Log in by hand once with the right PIN, or let the security officer set a new one; correct pinFile and start the server again.',
  },
  PKCS11_KEY_ABSENT: {
    status: 503,
    title: 'The key is not in the token',
    cause: 'No private key, or more than one, has the label and id of `attestationCa.pkcs11`.',
    remedy: 'List the keys with `pkcs11-tool --module PATH --login --list-objects` and correct keyLabel and keyId.',
  },
  PKCS11_KEY_UNSUITABLE: {
    status: 503,
    title: 'The key in the token cannot be the one of the attestation CA',
    cause:
      'The key may not sign, can leave the token, is of another kind, or is not the one in `attestationCa.certificateFile`.',
    remedy:
      'Make a key in the token that signs and cannot be extracted, with a certificate of its own: docs/attestation-ca.md shows how.',
  },
  PKCS11_SESSION_LOST: {
    status: 503,
    title: 'The session with the token was lost',
    cause:
      'The token was removed or restarted, or its module failed, twice in a row. Hosts are attested, but get no certificates.',
    remedy:
      'Look after the token; the server connects again by itself. If it does not, the log has the return value (CKR_…) for the vendor.',
  },
  PKCS11_UNAVAILABLE: {
    status: 503,
    title: 'The token does not answer',
    cause:
      'The module was asked to open the key or to sign, and did not answer in `attestationCa.pkcs11.timeoutSeconds`. Hosts are attested, but get no certificates.',
    remedy: 'Look after the token and the way to it; the server asks again by itself.',
  },
} as const;
