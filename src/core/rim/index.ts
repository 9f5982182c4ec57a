// TCG PC client reference integrity manifests: signed SWID tags. parse -> claims; verify -> who signed exactly that.
export { parseBaseRim, verifyBaseRim, type VerifiedRim } from './base-rim.ts';
export type { BaseRim, SupportFile } from './swid-tag.ts';
