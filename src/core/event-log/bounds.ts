// What a log may ask of us. Typical logs have 30 to 200 KiB and some hundred events; firmware reserves 64 KiB as a rule.

export const bounds = {
  logBytes: 4 * 1024 * 1024,
  events: 20_000,
  eventDataBytes: 1024 * 1024,
  digestAlgorithms: 16,
  /** Size of a digest of an algorithm that we do not know, as the Spec ID record announces it. */
  unknownDigestBytes: 128,
  variableNameCharacters: 2048,
  signatureEntries: 20_000,
  keyCertificates: 100,
  bootAuthorities: 16,
  devicePathNodes: 64,
  partitions: 1024,
  sipaDepth: 8,
  sipaMeasurements: 4096,
  /** The log of the running system: some dozen records of some hundred bytes at boot, one more for each login. */
  userspaceBytes: 4 * 1024 * 1024,
  userspaceRecords: 20_000,
  userspaceRecordBytes: 64 * 1024,
  userspaceText: 16 * 1024,
  userspaceDepth: 8,
} as const;
