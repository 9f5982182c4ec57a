// Failures of verdicts and tokens.
import type { ErrorTable } from '../error-table.ts';

export const verdictErrors = {
  VERDICT_TOKEN_MALFORMED: {
    cause:
      'A token is not three base64url parts with a JSON header and a JSON object between the dots, or is too long.',
    remedy: 'Pass the token on as it was received: no line breaks, no quotes, no prefix.',
  },
  VERDICT_TOKEN_TYPE: {
    cause: 'The token says that it is of another kind than the one expected here.',
    remedy: 'Present the token of the right kind: a verdict is not an admission decision.',
  },
  VERDICT_TOKEN_ALGORITHM: {
    cause:
      "The token's algorithm is not the one its key is for: `none`, a MAC made with a public key, or another signature algorithm.",
    remedy: "Sign with the key's own algorithm; whoever sent this may be trying a forgery.",
  },
  VERDICT_TOKEN_CRITICAL: {
    cause: 'The token demands that a header be understood which is not understood here.',
    remedy: 'Issue the token without `crit`.',
  },
  VERDICT_TOKEN_KEY_UNKNOWN: {
    cause: 'The token names a key that is not among the trusted ones, or names none while several are trusted.',
    remedy: "Fetch the issuer's key set again from its /.well-known/jwks.json; keys in the token itself never count.",
  },
  VERDICT_KEYS_EMPTY: {
    cause: 'No trusted key was given, so no token can be verified.',
    remedy: "Configure the issuer's public keys.",
  },
  VERDICT_TOKEN_SIGNATURE: {
    cause: 'The signature of the token is not valid: its content was changed, or another key signed it.',
    remedy: "Refuse it. If the issuer has changed its key under the same name, fetch the issuer's key set again.",
  },
  VERDICT_TOKEN_CLAIM: {
    cause: 'A claim that the token must have is missing or of the wrong type; times are whole seconds.',
    remedy: 'Issue the token with the claim that the message names.',
  },
  VERDICT_TOKEN_EXPIRED: {
    cause: 'The token held until an earlier time.',
    remedy: 'Ask for a fresh one; check the clock of this machine if it was just issued.',
  },
  VERDICT_TOKEN_EXPIRY_MISSING: {
    cause: 'The token never ends, and a verdict is a bounded promise.',
    remedy: 'Issue tokens with `exp`.',
  },
  VERDICT_TOKEN_NOT_YET_VALID: {
    cause: 'The token starts to hold, or was issued, at a later time.',
    remedy: 'Check the clocks of issuer and verifier.',
  },
  VERDICT_TOKEN_ISSUER: {
    cause: 'The token was issued by another party than the one expected.',
    remedy: 'Ask the expected issuer.',
  },
  VERDICT_TOKEN_AUDIENCE: {
    cause: 'The token was issued for somebody else, or for nobody while an audience is demanded.',
    remedy: 'Ask for a token with your own name as its audience.',
  },
  VERDICT_TOKEN_NONCE: {
    cause: 'The token does not carry the nonce that was asked for: it may be an old one, played again.',
    remedy: 'Ask for a token with a new nonce.',
  },
  VERDICT_EAR_MALFORMED: {
    cause: 'Bytes are no EAR claims set: neither a JSON object nor a CBOR map.',
    remedy: 'Send the claims set as the issuer encoded it.',
  },
  VERDICT_EAR_PROFILE: {
    cause: 'The claims set names no profile, or one that is not read here.',
    remedy: 'Ask the verifier for the veraison profile of 2023 or one of the drafts of 2025-07 and 2026 (#03).',
  },
  VERDICT_EAR_CLAIM: {
    cause: 'A claim of an EAR is missing, empty or of the wrong type.',
    remedy: 'Report it to whoever runs the verifier that issued it; the message names the claim.',
  },
  VERDICT_EAR_STATUS: {
    cause: 'An EAR gives a status better than the worst claim it rests on.',
    remedy: 'Refuse it: the verifier that issued it contradicts itself.',
  },
  VERDICT_EAR_SUBMODS: {
    cause: 'An EAR speaks of other parts of the host than the expected ones.',
    remedy: 'Ask for a verdict of the expected parts; a missing part is not a good one.',
  },
  VERDICT_TOKEN_HOST: {
    cause: 'An attestation result speaks of another host than the one that was asked about, or names none.',
    remedy: 'Ask the server for the verdict about that host: `touchstone host token HOST`.',
  },
  VERDICT_DECISION_HOST: {
    cause: 'An admission decision speaks of another host.',
    remedy: 'Ask for a decision about the host that shall run the workload.',
  },
} as const satisfies ErrorTable;
