// The settings of the CA that certifies attestation keys.
import { seconds, section } from './schema-parts.ts';

const name = { type: 'string', minLength: 1 } as const;

const pkcs11 = {
  type: 'object',
  additionalProperties: false,
  required: ['module', 'pinFile'],
  description:
    'Its key in a PKCS#11 token (an HSM) instead of `keyFile`, which is not read then. docs/attestation-ca.md shows how.',
  properties: {
    module: { type: 'string', pattern: '^/', maxLength: 4096, description: "The vendor's module: an absolute path." },
    tokenLabel: { ...name, maxLength: 32, description: 'Which token, by its label.' },
    tokenSerial: { ...name, maxLength: 16, description: 'Which token, by its serial number.' },
    keyLabel: { ...name, maxLength: 256, description: 'Which private key, by its label (CKA_LABEL).' },
    keyId: {
      type: 'string',
      pattern: '^([0-9a-f]{2}){1,64}$',
      description: 'Which private key, by its id (CKA_ID), in hexadecimal.',
    },
    pinFile: {
      ...name,
      description: "The user's PIN in a file of its own, mode 0600. Relative to the data directory.",
    },
    timeoutSeconds: seconds(10, 120, 'How long the token may take to open, and to sign.'),
    retrySeconds: seconds(10, 3600, 'How long the token is left alone after it failed.'),
  },
} as const;

const keyFile = {
  ...name,
  description:
    'Its key, mode 0600: PEM, or a PKCS#12 container with key and certificate. P-256, P-384, or RSA of 3072 bits or more. Relative to the data directory.',
};
const certificateFile = {
  ...name,
  description:
    'Its certificate, PEM, and those of the authorities above it, which are published with it. Not read where `keyFile` is a PKCS#12 container; with `pkcs11` the first one in it counts.',
};
const passphraseFile = { ...name, description: 'The passphrase of `keyFile` in a file of its own, mode 0600.' };

export const attestationCaSchema = section(
  'The CA that certifies attestation keys, for whoever trusts them without asking the server.',
  {
    certificateHours: {
      type: 'integer',
      minimum: 1,
      maximum: 87600,
      default: 48,
      description: 'Lifetime of a certificate. Hosts that attest get the next one at half of it.',
    },
    crlHours: {
      type: 'integer',
      minimum: 1,
      maximum: 720,
      default: 24,
      description: 'How long a revocation list may be relied on.',
    },
    keyFile: { ...keyFile, default: 'keys/attestation-ca.pem' },
    certificateFile: { ...certificateFile, default: 'keys/attestation-ca.crt' },
    passphraseFile,
    pkcs11,
    others: {
      type: 'array',
      maxItems: 16,
      default: [],
      description:
        'Further keys of the CA: the one that shall issue next, and those that issued before. Their certificates and revocation lists are published. `touchstone attestation-ca prepare` and `rotate` write them.',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: { keyFile, certificateFile, passphraseFile, pkcs11 },
      },
    },
    crlUrl: {
      type: 'string',
      pattern: '^https?://[!-~]{1,500}$',
      description:
        'Where others find the list, written into certificates: this server, or a copy of the list. `{authority}` in it stands for the id of the key that issues, and is needed with more than one.',
    },
  },
);
