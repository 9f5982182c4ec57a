// TPM_RC: what a TPM says when it does not do what it was asked. [TPM2-P2 §6.6]

/** Resend the same bytes a little later: nothing was done. [TPM2-P2 §6.6.3] */
const retryCodes: ReadonlySet<number> = new Set([0x908, 0x90a, 0x922]);

/** Format-zero codes, after the 0x100 or 0x900 that classes them. */
const formatZero: Readonly<Record<number, string>> = {
  0x100: 'TPM_RC_INITIALIZE',
  0x101: 'TPM_RC_FAILURE',
  0x120: 'TPM_RC_DISABLED',
  0x121: 'TPM_RC_EXCLUSIVE',
  0x124: 'TPM_RC_AUTH_TYPE',
  0x125: 'TPM_RC_AUTH_MISSING',
  0x126: 'TPM_RC_POLICY',
  0x127: 'TPM_RC_PCR',
  0x128: 'TPM_RC_PCR_CHANGED',
  0x12f: 'TPM_RC_AUTH_UNAVAILABLE',
  0x130: 'TPM_RC_REBOOT',
  0x143: 'TPM_RC_COMMAND_CODE',
  0x148: 'TPM_RC_NV_RANGE',
  0x149: 'TPM_RC_NV_SIZE',
  0x14a: 'TPM_RC_NV_LOCKED',
  0x14b: 'TPM_RC_NV_AUTHORIZATION',
  0x14c: 'TPM_RC_NV_UNINITIALIZED',
  0x14d: 'TPM_RC_NV_SPACE',
  0x14e: 'TPM_RC_NV_DEFINED',
  0x155: 'TPM_RC_SENSITIVE',
  0x901: 'TPM_RC_CONTEXT_GAP',
  0x902: 'TPM_RC_OBJECT_MEMORY',
  0x903: 'TPM_RC_SESSION_MEMORY',
  0x904: 'TPM_RC_MEMORY',
  0x905: 'TPM_RC_SESSION_HANDLES',
  0x906: 'TPM_RC_OBJECT_HANDLES',
  0x907: 'TPM_RC_LOCALITY',
  0x908: 'TPM_RC_YIELDED',
  0x909: 'TPM_RC_CANCELED',
  0x90a: 'TPM_RC_TESTING',
  0x920: 'TPM_RC_NV_RATE',
  0x921: 'TPM_RC_LOCKOUT',
  0x922: 'TPM_RC_RETRY',
  0x923: 'TPM_RC_NV_UNAVAILABLE',
};

/** Format-one codes name a handle, session or parameter; their lower six bits say what is wrong with it. */
const formatOne: Readonly<Record<number, string>> = {
  0x01: 'TPM_RC_ASYMMETRIC',
  0x02: 'TPM_RC_ATTRIBUTES',
  0x03: 'TPM_RC_HASH',
  0x04: 'TPM_RC_VALUE',
  0x05: 'TPM_RC_HIERARCHY',
  0x07: 'TPM_RC_KEY_SIZE',
  0x09: 'TPM_RC_MODE',
  0x0a: 'TPM_RC_TYPE',
  0x0b: 'TPM_RC_HANDLE',
  0x0c: 'TPM_RC_KDF',
  0x0d: 'TPM_RC_RANGE',
  0x0e: 'TPM_RC_AUTH_FAIL',
  0x10: 'TPM_RC_PP',
  0x12: 'TPM_RC_SCHEME',
  0x15: 'TPM_RC_SIZE',
  0x16: 'TPM_RC_SYMMETRIC',
  0x17: 'TPM_RC_TAG',
  0x18: 'TPM_RC_SELECTOR',
  0x1a: 'TPM_RC_INSUFFICIENT',
  0x1b: 'TPM_RC_SIGNATURE',
  0x1c: 'TPM_RC_KEY',
  0x1d: 'TPM_RC_POLICY_FAIL',
  0x1f: 'TPM_RC_INTEGRITY',
  0x20: 'TPM_RC_TICKET',
  0x22: 'TPM_RC_BAD_AUTH',
  0x23: 'TPM_RC_EXPIRED',
  0x25: 'TPM_RC_POLICY_CC',
  0x26: 'TPM_RC_BINDING',
  0x27: 'TPM_RC_CURVE',
  0x28: 'TPM_RC_ECC_POINT',
};

export function isRetry(code: number): boolean {
  return retryCodes.has(code);
}

/** The code without the number of the handle, session or parameter it complains about. */
export function baseCode(code: number): number {
  return (code & 0x80) === 0 ? code : code & 0xbf;
}

/** `TPM_RC_VALUE (parameter 2)`, or the number where the name is not known. */
export function responseCodeName(code: number): string {
  const number = `0x${code.toString(16)}`;
  if ((code & 0x80) === 0) return formatZero[code] ?? number;
  const name = formatOne[code & 0x3f] ?? number;
  const index = (code >> 8) & 0x0f;
  if ((code & 0x40) !== 0) return `${name} (parameter ${index})`;
  return index >= 8 ? `${name} (session ${index - 8})` : `${name} (handle ${index})`;
}
