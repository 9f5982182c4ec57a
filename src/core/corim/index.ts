// CoRIM: reference values as others write and read them. parse -> ClaimedCorim -> verify (who signed), import (golden
// statements); and golden statements -> export.
export type { ClaimedComid, ClaimedCorim } from './claimed-corim.ts';
export { exportCorim, signCorim } from './export-corim.ts';
export { importCorim, type CorimImport } from './import-corim.ts';
export { parseComid, parseCorim } from './parse-corim.ts';
export { checkProfile } from './profiles.ts';
export { verifyCorim, type CorimVerification, type VerifiedSigner } from './verify-corim.ts';
