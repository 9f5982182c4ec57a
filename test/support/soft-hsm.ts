// A PKCS#11 token in software (SoftHSM), with keys made inside it.
import { execFileSync } from 'node:child_process';
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pkcs11js, { type Handle, type PKCS11, type Template } from 'pkcs11js';

const modules = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/lib/pkcs11/libsofthsm2.so',
];

export type TokenKeyKind = 'p256' | 'p384' | 'rsa3072';

export interface KeyOptions {
  readonly label?: string;
  readonly kind?: TokenKeyKind;
  readonly maySign?: boolean;
  readonly extractable?: boolean;
}

export interface SoftHsm {
  readonly module: string;
  readonly token: string;
  readonly pin: string;
  /** The public key in PEM. */
  makeKey(options?: KeyOptions): string;
  /** What the token answers to whoever is logged in and asks for the value of a private key: the name of its return value. */
  askForValue(label: string): string;
  /** Pulls the token out, or puts it back. */
  setPresent(isPresent: boolean): void;
  remove(): void;
}

/** Programs that start after this call see the token, too: its place is told by the environment. */
export function createSoftHsm(token = 'touchstone'): SoftHsm {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-hsm-'));
  const [tokens, absent] = [join(folder, 'tokens'), join(folder, 'absent')];
  const module = modules.find((path) => existsSync(path));
  if (module === undefined) throw new Error('softhsm2 is not installed: `npm test` does it');
  mkdirSync(tokens);
  const configuration = join(folder, 'softhsm2.conf');
  writeFileSync(configuration, `directories.tokendir = ${tokens}\nobjectstore.backend = file\nlog.level = ERROR\n`);
  const before = process.env['SOFTHSM2_CONF'];
  process.env['SOFTHSM2_CONF'] = configuration;
  const pin = '27182818';
  execFileSync('softhsm2-util', ['--init-token', '--free', '--label', token, '--so-pin', '31415926', '--pin', pin]);
  const withSession = <T>(act: (pkcs11: PKCS11, session: Handle) => T): T => inSession(module, token, pin, act);
  return {
    module,
    token,
    pin,
    makeKey: (options = {}) => withSession((pkcs11, session) => makeKey(pkcs11, session, options)),
    askForValue: (label) => withSession((pkcs11, session) => askForValue(pkcs11, session, label)),
    setPresent: (isPresent) => {
      if (isPresent) rmSync(tokens, { recursive: true });
      renameSync(...(isPresent ? ([absent, tokens] as const) : ([tokens, absent] as const)));
      if (!isPresent) mkdirSync(tokens);
    },
    remove: () => {
      if (before === undefined) delete process.env['SOFTHSM2_CONF'];
      else process.env['SOFTHSM2_CONF'] = before;
      rmSync(folder, { recursive: true });
    },
  };
}

function inSession<T>(module: string, token: string, pin: string, act: (pkcs11: PKCS11, session: Handle) => T): T {
  const pkcs11 = new pkcs11js.PKCS11();
  pkcs11.load(module);
  pkcs11.C_Initialize();
  try {
    const slot = pkcs11.C_GetSlotList(true).find((each) => pkcs11.C_GetTokenInfo(each).label.trimEnd() === token);
    if (slot === undefined) throw new Error(`no token ${token}`);
    const session = pkcs11.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION);
    pkcs11.C_Login(session, pkcs11js.CKU_USER, pin);
    return act(pkcs11, session);
  } finally {
    pkcs11.C_Finalize();
    pkcs11.close();
  }
}

const curves = {
  p256: { parameters: '06082a8648ce3d030107', name: 'P-256', bytes: 32 },
  p384: { parameters: '06052b81040022', name: 'P-384', bytes: 48 },
} as const;

function makeKey(pkcs11: PKCS11, session: Handle, options: KeyOptions): string {
  const { label = 'attestation-ca', kind = 'p256', maySign = true, extractable = false } = options;
  const names = [
    { type: pkcs11js.CKA_TOKEN, value: true },
    { type: pkcs11js.CKA_LABEL, value: label },
    { type: pkcs11js.CKA_ID, value: Buffer.from(label) },
  ];
  const isRsa = kind === 'rsa3072';
  const parameters: Template = isRsa
    ? [
        { type: pkcs11js.CKA_MODULUS_BITS, value: 3072 },
        { type: pkcs11js.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) },
      ]
    : [{ type: pkcs11js.CKA_EC_PARAMS, value: Buffer.from(curves[kind].parameters, 'hex') }];
  const pair = pkcs11.C_GenerateKeyPair(
    session,
    { mechanism: isRsa ? pkcs11js.CKM_RSA_PKCS_KEY_PAIR_GEN : pkcs11js.CKM_EC_KEY_PAIR_GEN },
    [...names, ...parameters, { type: pkcs11js.CKA_VERIFY, value: true }],
    [
      ...names,
      { type: pkcs11js.CKA_PRIVATE, value: true },
      { type: pkcs11js.CKA_SENSITIVE, value: true },
      { type: pkcs11js.CKA_EXTRACTABLE, value: extractable },
      { type: pkcs11js.CKA_SIGN, value: maySign },
    ],
  );
  const read = (type: number): Buffer => {
    const [attribute] = pkcs11.C_GetAttributeValue(session, pair.publicKey, [{ type }]);
    return attribute?.value as Buffer;
  };
  const jwk: JsonWebKey = isRsa
    ? {
        kty: 'RSA',
        n: read(pkcs11js.CKA_MODULUS).toString('base64url'),
        e: read(pkcs11js.CKA_PUBLIC_EXPONENT).toString('base64url'),
      }
    : pointJwk(read(pkcs11js.CKA_EC_POINT), curves[kind]);
  return createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
}

/** The point stands in an OCTET STRING, uncompressed. */
function pointJwk(point: Buffer, { name, bytes }: (typeof curves)['p256' | 'p384']): JsonWebKey {
  const [x, y] = [point.subarray(-2 * bytes, -bytes), point.subarray(-bytes)];
  return { kty: 'EC', crv: name, x: x.toString('base64url'), y: y.toString('base64url') };
}

function askForValue(pkcs11: PKCS11, session: Handle, label: string): string {
  pkcs11.C_FindObjectsInit(session, [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PRIVATE_KEY },
    { type: pkcs11js.CKA_LABEL, value: label },
  ]);
  const [key] = pkcs11.C_FindObjects(session, 1);
  pkcs11.C_FindObjectsFinal(session);
  if (key === undefined) return 'no such key';
  try {
    pkcs11.C_GetAttributeValue(session, key, [{ type: pkcs11js.CKA_VALUE }]);
    return 'the value';
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown';
  }
}
