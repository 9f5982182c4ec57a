// The ways in which a paper host can lie, by name. Each is one fault: everything else about the host stays honest, so
// that a test sees exactly the refusal it asks for.

/** What a tampering spoils: the keys it enrols with, the boot it measures, the log it sends, or the quote it signs. */
export type TamperingStage = 'enrolment' | 'boot' | 'log' | 'quote';

interface TamperingRow {
  readonly stage: TamperingStage;
  readonly description: string;
}

export const tamperings = {
  'unrestricted-ak': { stage: 'enrolment', description: 'the AK may sign anything, so its quotes prove nothing' },
  'foreign-ek': { stage: 'enrolment', description: 'presents the EK certificate of another TPM' },
  'foreign-authority': { stage: 'enrolment', description: 'the EK certificate comes from an authority nobody knows' },
  'expired-ek-certificate': { stage: 'enrolment', description: 'the EK certificate ended before today' },
  'no-ek-certificate': { stage: 'enrolment', description: 'presents no EK certificate at all' },
  'software-ak': { stage: 'enrolment', description: 'the AK was imported: not fixedTPM, not made inside' },
  'changed-command-line': { stage: 'boot', description: 'boots with another kernel command line' },
  'secure-boot-disabled': { stage: 'boot', description: 'boots with Secure Boot switched off' },
  'changed-boot-loader': { stage: 'boot', description: 'boots another build of the boot loader' },
  'changed-kernel': { stage: 'boot', description: 'boots another kernel' },
  'changed-initrd': { stage: 'boot', description: 'boots another initial RAM disk' },
  'changed-firmware': { stage: 'boot', description: 'boots another build of the firmware' },
  'edited-event-data': { stage: 'boot', description: 'boots another command line and logs the honest text beside it' },
  'additional-event': { stage: 'boot', description: 'measures one more application, which no golden knows' },
  'extended-by-hand': { stage: 'boot', description: 'extends PCR 4 once more after the boot, and logs that nowhere' },
  'dropped-event': { stage: 'log', description: 'leaves the command line out of the log it sends' },
  'relabelled-event': { stage: 'log', description: 'calls the event of the command line a mere note (EV_NO_ACTION)' },
  'reordered-events': { stage: 'log', description: 'swaps two events of one PCR' },
  'truncated-log': { stage: 'log', description: 'cuts the log in the middle of an event' },
  'empty-log': { stage: 'log', description: 'sends a log without a single measurement' },
  'no-log': { stage: 'log', description: 'sends no log' },
  'no-userspace-log': { stage: 'log', description: 'does not say what its running system measured' },
  'false-userspace-record': { stage: 'log', description: 'says another boot phase than its system measured' },
  'replayed-quote': { stage: 'quote', description: 'answers every challenge with the first quote of its life' },
  'wrong-magic': { stage: 'quote', description: 'signs a structure that does not begin with TPM_GENERATED' },
  'wrong-type': { stage: 'quote', description: 'signs a certification where a quote was asked' },
  'foreign-signature': { stage: 'quote', description: 'signs with a key that is not the enrolled AK' },
  'broken-signature': { stage: 'quote', description: 'one bit of the signature is flipped' },
  'sha1-only': { stage: 'quote', description: 'quotes the SHA-1 bank instead of the one asked for' },
  'empty-selection': { stage: 'quote', description: 'quotes no PCR at all' },
  'missing-pcr': { stage: 'quote', description: 'leaves the last PCR asked for out of the quote' },
  'resettable-pcrs': { stage: 'quote', description: 'quotes PCR 16 and 23 in place of PCR 0 and 7' },
  'unrelated-pcr-values': { stage: 'quote', description: 'the PCR values sent do not hash to the digest signed' },
  'rolled-back': { stage: 'quote', description: 'reports a reset counter lower than before' },
} as const satisfies Readonly<Record<string, TamperingRow>>;

export type Tampering = keyof typeof tamperings;
