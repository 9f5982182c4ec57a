// TPM_CC of the commands an attesting host needs, and no more. [TPM2-P2 §6.5.2]
export const commandCodes = {
  createPrimary: 0x131,
  startup: 0x144,
  shutdown: 0x145,
  activateCredential: 0x147,
  nvRead: 0x14e,
  policySecret: 0x151,
  quote: 0x158,
  flushContext: 0x165,
  nvReadPublic: 0x169,
  policyOr: 0x171,
  readPublic: 0x173,
  startAuthSession: 0x176,
  getCapability: 0x17a,
  getRandom: 0x17b,
  pcrRead: 0x17e,
  pcrExtend: 0x182,
} as const;
