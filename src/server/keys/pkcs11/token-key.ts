// One key in one token. It runs in a process of its own (key-process.ts): a module is the code of a vendor, and blocks.
import { createHash } from 'node:crypto';
import { encodeEcdsaSignature, type CertificateAlgorithm } from '../../../core/issuance/index.ts';
import { ServerError } from '../../errors.ts';
import { constants, openModule, type Pkcs11Module } from './library.ts';

export interface TokenKeySettings {
  readonly module: string;
  readonly tokenLabel?: string | undefined;
  readonly tokenSerial?: string | undefined;
  readonly keyLabel?: string | undefined;
  /** Hexadecimal. */
  readonly keyId?: string | undefined;
}

/** Signs `tbs` as certificates want it: ECDSA in DER, RSA raw. Throws what the module throws. */
export type TokenKey = (tbs: Uint8Array) => Uint8Array;

type Handle = ReturnType<Pkcs11Module['C_OpenSession']>;

interface Session {
  readonly pkcs11: Pkcs11Module;
  readonly session: Handle;
}

const { attributes, keyTypes, mechanisms } = constants;

/** Logs in and finds the key. The PIN is tried once.
 * @throws ServerError PKCS11_*, and what the module throws */
export function openTokenKey(settings: TokenKeySettings, pin: string, algorithm: CertificateAlgorithm): TokenKey {
  const pkcs11 = openModule(settings.module);
  const slot = findToken(pkcs11, settings);
  const opened = { pkcs11, session: pkcs11.C_OpenSession(slot, constants.serialSession) };
  pkcs11.C_Login(opened.session, constants.user, pin);
  const key = findKey(opened, settings);
  checkSuitable(opened, key, algorithm);
  return (tbs) => sign(opened, key, algorithm, tbs);
}

function findToken(pkcs11: Pkcs11Module, { tokenLabel, tokenSerial }: TokenKeySettings): Handle {
  const tokens = pkcs11
    .C_GetSlotList(true)
    .map((slot) => ({ slot, info: pkcs11.C_GetTokenInfo(slot) }))
    .filter(({ info }) => (info.flags & constants.tokenInitialised) !== 0);
  const found = tokens.filter(
    ({ info }) =>
      (tokenLabel === undefined || info.label.trimEnd() === tokenLabel) &&
      (tokenSerial === undefined || info.serialNumber.trimEnd() === tokenSerial),
  );
  const [token] = found;
  if (token === undefined || found.length > 1) {
    const present = tokens.map(({ info }) => `${info.label.trimEnd()} (${info.serialNumber.trimEnd()})`).join(', ');
    const wanted = [tokenLabel, tokenSerial].filter((each) => each !== undefined).join(', serial number ');
    const count = found.length === 0 ? 'no token' : `${found.length} tokens`;
    throw new ServerError('PKCS11_TOKEN_ABSENT', `${count} called ${wanted}; present: ${present || 'none'}`);
  }
  checkPinUsable(token.info.flags);
  return token.slot;
}

/** The last try belongs to a person: a wrong PIN in a file must not be what locks a token.
 * @throws ServerError PKCS11_PIN_LOCKED */
export function checkPinUsable(flags: number): void {
  if ((flags & constants.userPinLocked) !== 0) throw new ServerError('PKCS11_PIN_LOCKED', 'the PIN is locked');
  if ((flags & constants.userPinFinalTry) === 0) return;
  throw new ServerError('PKCS11_PIN_LOCKED', 'one wrong PIN more locks the token, so none was tried');
}

function findKey({ pkcs11, session }: Session, { keyLabel, keyId }: TokenKeySettings): Handle {
  pkcs11.C_FindObjectsInit(session, [
    { type: attributes.class, value: constants.privateKey },
    ...(keyLabel === undefined ? [] : [{ type: attributes.label, value: keyLabel }]),
    ...(keyId === undefined ? [] : [{ type: attributes.id, value: Buffer.from(keyId, 'hex') }]),
  ]);
  const found = pkcs11.C_FindObjects(session, 2);
  pkcs11.C_FindObjectsFinal(session);
  const [key] = found;
  if (key !== undefined && found.length === 1) return key;
  const wanted = [keyLabel, keyId].filter((each) => each !== undefined).join(', id ');
  const count = found.length === 0 ? 'no private key' : 'more than one private key';
  throw new ServerError('PKCS11_KEY_ABSENT', `the token holds ${count} called ${wanted}`);
}

function checkSuitable({ pkcs11, session }: Session, key: Handle, algorithm: CertificateAlgorithm): void {
  const { keyType, sign: maySign, sensitive, extractable } = attributes;
  const [kind = 0, signs = 0, isSensitive = 0, isExtractable = 1] = pkcs11
    .C_GetAttributeValue(
      session,
      key,
      [keyType, maySign, sensitive, extractable].map((type) => ({ type })),
    )
    .map(({ value }) => value[0]);
  const wrong = [
    kind === (algorithm.startsWith('ecdsa') ? keyTypes.ec : keyTypes.rsa) ||
      'it is of another kind than its certificate says',
    signs === 1 || 'it may not sign (CKA_SIGN)',
    (isSensitive === 1 && isExtractable === 0) || 'it can leave the token (CKA_SENSITIVE, CKA_EXTRACTABLE)',
  ].filter((each) => each !== true);
  if (wrong.length > 0) throw new ServerError('PKCS11_KEY_UNSUITABLE', `the key cannot be used: ${wrong.join(', ')}`);
}

/** Larger than the largest RSA signature in use. */
const signatureRoom = 1024;

/** ECDSA is asked for over a digest made here: not every token hashes for it. */
function sign({ pkcs11, session }: Session, key: Handle, algorithm: CertificateAlgorithm, tbs: Uint8Array): Uint8Array {
  const isEcdsa = algorithm.startsWith('ecdsa');
  pkcs11.C_SignInit(session, { mechanism: isEcdsa ? mechanisms.ecdsa : mechanisms.sha256RsaPkcs }, key);
  const data = isEcdsa ? createHash(algorithm.replace('ecdsa-', '')).update(tbs).digest() : Buffer.from(tbs);
  const signature = new Uint8Array(pkcs11.C_Sign(session, data, Buffer.alloc(signatureRoom)));
  return isEcdsa ? encodeEcdsaSignature(signature) : signature;
}
