// What to do about a register that the log does not lead to, as it is told: what is kept of a finding follows from evidence and trust alone, and
// stays as it was written.
import type { Finding } from '../../core/verdict/index.ts';

/** The last register that firmware and boot loaders alone extend: systemd measures into 9 and 11 to 15. */
const lastOfFirmware = 7;

const noFurtherLog =
  'Attest once more (`touchstone agent attest`): what was measured while the log was read does not come again. If it stays, compare the log with one of a boot that was believed ' +
  '(`touchstone inspect event-log GOOD --diff THIS`); no further log explains this PCR, since the running system measures nothing into it. Until you know why, treat the host as tampered with.';

/** The finding, with the advice that fits its register. */
export function fitRemedy(finding: Finding): Finding {
  const { code, pcr } = finding;
  const isOfFirmware = code === 'LOG_PCR_MISMATCH' && pcr !== undefined && pcr <= lastOfFirmware;
  return isOfFirmware ? { ...finding, remedy: noFurtherLog } : finding;
}
