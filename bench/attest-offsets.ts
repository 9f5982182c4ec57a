// Where the two fields of a TPMS_ATTEST lie that a verifier cannot do without. [TPM2-P2 §10.12]

export interface AttestOffsets {
  readonly extraData: number;
  readonly pcrDigest: number;
}

/** Of a quote with one selection. */
export function attestOffsets(attest: Buffer): AttestOffsets {
  const extraSize = 6 + 2 + attest.readUInt16BE(6);
  const extraData = extraSize + 2;
  const selection = extraData + attest.readUInt16BE(extraSize) + 17 + 8;
  // One selection: count, bank, size of the bitmap, bitmap of three bytes.
  return { extraData, pcrDigest: selection + 4 + 2 + 1 + 3 + 2 };
}
