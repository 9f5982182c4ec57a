// The door to a PKCS#11 module. The package that loads it is optional: it may be absent, so its types are not used.
import { createRequire } from 'node:module';
import { ServerError } from '../../errors.ts';
import { returnValueOf } from './token-error.ts';

type Handle = Uint8Array;
type Attribute = { readonly type: number; readonly value?: Uint8Array | number | boolean | string };

/** What is used of a module, in the words of its standard. Nothing here reads the value of a key or wraps one. */
export interface Pkcs11Module {
  load(path: string): void;
  C_Initialize(): void;
  C_GetSlotList(tokenPresent: boolean): readonly Handle[];
  /** Texts are padded with blanks. */
  C_GetTokenInfo(slot: Handle): { readonly label: string; readonly serialNumber: string; readonly flags: number };
  C_OpenSession(slot: Handle, flags: number): Handle;
  C_Login(session: Handle, userType: number, pin: string): void;
  C_FindObjectsInit(session: Handle, template: readonly Attribute[]): void;
  C_FindObjects(session: Handle, maximum: number): readonly Handle[];
  C_FindObjectsFinal(session: Handle): void;
  C_GetAttributeValue(
    session: Handle,
    object: Handle,
    wanted: readonly Attribute[],
  ): readonly { readonly value: Uint8Array }[];
  C_SignInit(session: Handle, mechanism: { readonly mechanism: number }, key: Handle): void;
  C_Sign(session: Handle, data: Uint8Array, room: Uint8Array): Uint8Array;
}

/** Numbers of the standard. [PKCS11 §3, §4] */
export const constants = {
  serialSession: 0x4,
  tokenInitialised: 0x400,
  userPinFinalTry: 0x20000,
  userPinLocked: 0x40000,
  user: 1,
  privateKey: 3,
  attributes: { class: 0x0, label: 0x3, keyType: 0x100, id: 0x102, sensitive: 0x103, sign: 0x108, extractable: 0x162 },
  keyTypes: { rsa: 0x0, ec: 0x3 },
  mechanisms: { sha256RsaPkcs: 0x40, ecdsa: 0x1041 },
} as const;

/** Loads and initialises the module at `path`.
 * @throws ServerError PKCS11_MODULE_UNUSABLE */
export function openModule(path: string): Pkcs11Module {
  const pkcs11 = createBinding();
  try {
    pkcs11.load(path);
    pkcs11.C_Initialize();
  } catch (error) {
    throw new ServerError('PKCS11_MODULE_UNUSABLE', `${path} cannot be used: ${returnValueOf(error)}`);
  }
  return pkcs11;
}

function createBinding(): Pkcs11Module {
  try {
    const { PKCS11 } = createRequire(import.meta.url)('pkcs11js') as { readonly PKCS11: new () => Pkcs11Module };
    return new PKCS11();
  } catch {
    throw new ServerError(
      'PKCS11_MODULE_UNUSABLE',
      'the optional package pkcs11js is not installed: `npm ci` builds it where a C++ compiler is present',
    );
  }
}
