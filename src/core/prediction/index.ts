// Prediction: what a boot will measure, from the artefacts it is made of, before any host has booted them.
export { authenticodeDigest } from './authenticode.ts';
export { findAuthority } from './authority.ts';
export { requireAllowed } from './forbidden.ts';
export { readBootPreamble, type BootPreamble } from './boot-preamble.ts';
export { parsePortableExecutable, readSection, type PortableExecutable, type Section } from './parse-pe.ts';
export { predictBoot, readPredictionGaps, type BootPlan } from './predict-boot.ts';
export {
  createPredictedStatements,
  type Prediction,
  type PredictionGap,
  type StatementOptions,
} from './predicted-statements.ts';
export { replaceCommandLine } from './replace-command-line.ts';
export {
  changeVariables,
  createSecureBootVariables,
  readSecureBootVariables,
  type SecureBootVariables,
  type VariableChange,
  type VariableContents,
} from './secure-boot.ts';
export { readSignatureUpdate } from './signature-update.ts';
