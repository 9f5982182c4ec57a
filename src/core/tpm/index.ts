// TPM 2.0: structures, names, keys; is this quote by this key, over this nonce, of these PCR values?
export { algorithmIds, attributeBits, hashFromId, hierarchyHandles, type AttributeName } from './algorithms.ts';
export type * from './attest.ts';
export { verifyAttestationKey, type AttestationKey, type AttestationScheme } from './attestation-key.ts';
export { resettablePcrs, verifyPcrs, type AttestedPcrs } from './attested-pcrs.ts';
export { compareBoot, type BootEpoch, type BootState } from './boot-state.ts';
export { verifyCertify, verifyCreation, type VerifiedCertification } from './certify.ts';
export {
  credentialSizes,
  makeCredential,
  openCredential,
  type CredentialInput,
  type CredentialProtection,
  type MadeCredential,
} from './credential.ts';
export { encodeAttest } from './encode-attest.ts';
export { encodePublic, encodeTpm2bPublic } from './encode-public.ts';
export { verifyEndorsementKey, type EndorsementKey } from './endorsement-key.ts';
export { kdfa, kdfe, type KdfInput } from './kdf.ts';
export { recallAttestationKey, type KeyMemory } from './key-memory.ts';
export { verifyKeyStrength } from './key-strength.ts';
export { hashOfName, nameOf, qualifiedNameOf } from './name.ts';
export { observeStatement, type ObservedInput, type SignatureEncoding, type StatementObservation } from './observe.ts';
export { parseAttest, unwrapTpm2bAttest } from './parse-attest.ts';
export { parseAnyPublic, parsePublic, parseTpm2bPublic } from './parse-public.ts';
export { pcrDigestOf } from './pcr-digest.ts';
export { parsePcrFile, type ClaimedPcrFile } from './pcr-file.ts';
export { holdPcrs, recallPcrs, type HeldPcrs, type PcrMemory, type RememberedPcrs } from './pcr-memory.ts';
export {
  encodeClaimedPcrs,
  encodePcrSelections,
  pcrCount,
  type ClaimedPcrs,
  type PcrSelection,
  type PcrValues,
} from './pcr-selection.ts';
export type * from './public-area.ts';
export { certifyQualifyingData, quoteQualifyingData, type QuoteContext } from './qualifying-data.ts';
export { encodeRequestProof, parseRequestProof, requestQualifyingData, verifyTime } from './request-proof.ts';
export { verifyQuote, type VerifiedQuote } from './quote.ts';
export { recallQuote, type QuoteMemory } from './quote-memory.ts';
export { encodeSignature, isSignatureValid, parseSignature } from './signature.ts';
export type { EcdsaSignature, RsaSignature, TpmSignature } from './signature.ts';
export type { SignedStatement } from './statement.ts';
export { akTemplate, ekTemplates, type EkTemplate } from './templates.ts';
export { encodeSized } from './wire.ts';
