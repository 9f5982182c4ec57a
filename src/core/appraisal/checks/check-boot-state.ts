// Claim 4 of `appraise`: the boot is no older than one that was accepted.
import { compareBoot, type BootEpoch, type BootState, type VerifiedQuote } from '../../tpm/index.ts';
import type { Finding } from '../../verdict/index.ts';
import { createFinding } from '../finding.ts';

const check = 'boot-state';

/** A boot may go on, resume or follow the last accepted one; it may never precede it. [TPM2-P1 §36] */
export function checkBootState(quote: VerifiedQuote, previous: BootState | undefined): Finding[] {
  const findings: Finding[] = [];
  if (previous !== undefined && readBootEpoch(quote, previous) === 'rolled-back') {
    const expected = describe(previous);
    const observed = describe(quote);
    const message = `The quote is not later than one already accepted: after ${expected} it says ${observed}.`;
    findings.push(createFinding('BOOT_ROLLED_BACK', { check, expected, observed, message }));
  }
  if (!quote.clock.safe) {
    const message = 'The TPM says that it was not shut down in order before this boot.';
    findings.push(createFinding('BOOT_CLOCK_UNSAFE', { check, message }));
  }
  return findings;
}

export function readBootEpoch({ clock, firmwareVersion }: VerifiedQuote, previous: BootState | undefined): BootEpoch {
  return compareBoot(previous, { clock, firmwareVersion });
}

function describe({ clock }: Pick<BootState, 'clock'>): string {
  return `reset ${clock.resetCount}, restart ${clock.restartCount}, clock ${clock.clockMs} ms`;
}
