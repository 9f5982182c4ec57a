// Every outcome of a check that is not simply "good": what it means, what to do, and what it does to the trust vector.
// A failed proof (an AttestationError) becomes a finding under its own code; see `attempt.ts`.
import type { TrustClaim } from '../verdict/index.ts';

export interface FindingRow {
  readonly title: string;
  readonly cause: string;
  /** The next step of an operator. */
  readonly remedy: string;
  /** An error denies; a warning lowers the status; information does neither. */
  readonly severity: 'error' | 'warning' | 'info';
  /** The AR4SI claim it bears on, and the value that claim takes at best. [AR4SI §2.3] */
  readonly claim?: TrustClaim;
  readonly value?: number;
}

/** AR4SI values used below. 1: the evidence has unexpected or unknown elements, so nothing can be claimed. */
const unverifiable = 1;
const contraindicated = 96;
const notRecognised = 97;

export const findings = {
  DENIED_BY_LIST: {
    title: 'The boot has something that a deny list names',
    cause:
      'Operators signed a deny list, and what this boot measured, matched or lets run is on it. No golden measurement outweighs that.',
    remedy:
      'Update the host, and attest it again. `touchstone deny show` says why it is denied; `touchstone deny hosts` which other hosts are.',
    severity: 'error',
    claim: 'executables',
    value: contraindicated,
  },
  DENIED_UNPROVEN: {
    title: 'Nothing shows that the boot is free of what a deny list names',
    cause:
      'The evidence leaves out what would excuse the host: a log that leads to a register, the bytes of an event, a level.',
    remedy:
      'See `observed` for what is missing: the logs the host sends, the registers its policy has quoted, the banks the entry has digests in.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  DENIED_ENDORSER: {
    title: 'Who vouches for the TPM is on a deny list',
    cause:
      'The EK of the host, its certificate, or an authority or anchor that vouches for it is on a deny list that operators signed.',
    remedy: 'Take the host out of service and replace its TPM; `touchstone deny show` says why it is denied.',
    severity: 'error',
    claim: 'hardware',
    value: notRecognised,
  },
  POLICY_ABSENT: {
    title: 'No policy applies to this host',
    cause: 'No appraisal policy selects the host, so nothing says what a good boot of it is.',
    remedy:
      'See whom each policy selects with `touchstone policy list`; give the host the labels of one (`touchstone host label HOST NAME=VALUE`), or apply one that selects it (`touchstone policy apply FILE`).',
    severity: 'error',
  },
  POLICY_DEMANDS_NOTHING: {
    title: 'The policy demands nothing',
    cause: 'The appraisal policy names no layer; every boot would satisfy it.',
    remedy: 'Name the layers the policy demands and apply it again.',
    severity: 'error',
  },
  POLICY_BANK_REFUSED: {
    title: 'The policy asks for a refused PCR bank',
    cause: 'SHA-1 collisions are practical, so values in that bank prove nothing.',
    remedy: 'Set the bank of the policy to sha256 or sha384.',
    severity: 'error',
  },
  POLICY_LIFETIME_INVALID: {
    title: 'The policy gives verdicts no lifetime',
    cause: 'verdictSeconds is not a whole number of at least one second, so a verdict would never hold, or never end.',
    remedy: 'Set verdictSeconds to the time after which a host must attest again.',
    severity: 'error',
  },
  ENDORSEMENT_UNVERIFIED: {
    title: 'The TPM is not vouched for by a maker',
    cause:
      'The host was enrolled without an EK certificate that leads to a trusted TPM maker: its TPM may be software.',
    remedy:
      'Add a root that its EK certificate leads to (`touchstone trust-anchor import`) or register the EK (`touchstone ek register`); the next attestation finds it. A host that enrolled without its certificate enrols again: `touchstone agent enrol --ek-certificate FILE`.',
    severity: 'warning',
  },
  ENDORSEMENT_MISSING: {
    title: 'Nobody vouches for the TPM',
    cause:
      'The trust anchor or registration that vouched for the TPM was withdrawn, or TPMs without one were allowed before.',
    remedy:
      'Add a root that its EK certificate leads to (`touchstone trust-anchor import`) or register the EK (`touchstone ek register`); the next attestation finds it.',
    severity: 'error',
    claim: 'hardware',
    value: notRecognised,
  },
  ENDORSEMENT_REVOKED: {
    title: 'The certificate of the TPM was revoked',
    cause:
      'Its maker revoked the certificate of the EK, or of the IAK where that vouches for the host or is required, or an authority between it and the trust anchor.',
    remedy:
      'Take the host out of service, and ask the maker why; replace the TPM. An operator who knows better can register the EK (`touchstone ek register`).',
    severity: 'error',
    claim: 'hardware',
    value: notRecognised,
  },
  ENDORSEMENT_REVOCATION_UNKNOWN: {
    title: 'Nobody knows whether the certificate of the TPM was revoked',
    cause:
      'The newest revocation list of an issuer above the TPM is stale, or its certificate does not let it sign lists; or there is none, and the trust anchor demands one of every issuer below it.',
    remedy:
      'Import the current list of each issuer (`touchstone crl import`); `touchstone crl list` shows which are stale. The next attestation finds it.',
    severity: 'error',
    claim: 'hardware',
    value: notRecognised,
  },
  ENDORSEMENT_LENIENCY: {
    title: "A departure of the TPM's certificates from their specification was tolerated",
    cause: 'A certificate between the EK and the trust anchor deviates in a way that is known of its maker.',
    remedy: 'Nothing; docs/tolerance.md says what each one means.',
    severity: 'info',
  },
  PLATFORM_CERTIFICATE_ABSENT: {
    title: 'The policy demands a platform certificate, and there is none',
    cause: 'The host enrolled without a certificate in which the maker of the machine binds it to its TPM.',
    remedy:
      'Get it from the maker and enrol the host again, which keeps its name and keys: `touchstone agent enrol --platform-certificate FILE`.',
    severity: 'error',
    claim: 'hardware',
    value: notRecognised,
  },
  PLATFORM_CERTIFICATE_REFUSED: {
    title: 'The platform certificate is not proven',
    cause:
      'It is about another TPM, leads to no trust anchor for machines, was outside its validity when the host enrolled, or was revoked.',
    remedy:
      "Look at the code: import the root of the machine's maker (`touchstone trust-anchor import FILE --scope platform`), or enrol the host again with the certificate of this very machine.",
    severity: 'error',
    claim: 'hardware',
    value: notRecognised,
  },
  PLATFORM_CERTIFICATE_PROVEN: {
    title: 'The maker of the machine bound it to its TPM',
    cause:
      'The policy demands a platform certificate, and that of the host holds. Its list of parts is what the maker says.',
    remedy: 'Nothing. Nobody measured the parts: to notice exchanged ones, compare the list by other means.',
    severity: 'info',
  },
  QUOTE_BANK_MISSING: {
    title: 'The quote does not cover the demanded bank',
    cause: 'The TPM signed PCRs of another bank, or the bank is not active in the TPM.',
    remedy: 'Activate the bank in the firmware setup of the host, or demand a bank it has.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  QUOTE_PCR_MISSING: {
    title: 'The quote leaves out a PCR that the policy needs',
    cause: 'A PCR that is not under the signature is absent; it never counts as zero or as good.',
    remedy: 'Update the agent: it must quote every PCR that the challenge asks for.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  QUOTE_PCR_RESETTABLE: {
    title: 'The quote covers a resettable PCR',
    cause: 'PCR 16 and 23 can be reset and extended to any value by any program; no challenge asks for them.',
    remedy: 'Find out which program answered the challenge; the agent of this release never quotes them.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  BOOT_ROLLED_BACK: {
    title: 'The evidence is older than evidence already accepted',
    cause: "The TPM's counters went back: an old quote shown again, a restored or cloned TPM, or a cleared one.",
    remedy:
      'Look at the machine. If its TPM was cleared on purpose, release the host (`touchstone host release HOST --reason TEXT`), and enrol it again (`touchstone agent enrol` on it).',
    severity: 'error',
    claim: 'instance-identity',
    value: contraindicated,
  },
  BOOT_CLOCK_UNSAFE: {
    title: 'The last shutdown was not orderly',
    cause: "The TPM's clock may have lost up to some minutes after a crash or a power cut.",
    remedy: 'Nothing, if the host crashed or lost power.',
    severity: 'info',
  },
  LOG_ABSENT: {
    title: 'The host sent no event log',
    cause: 'Without a log the PCR values cannot be explained, and no layer can be recognised.',
    remedy:
      'Check that /sys/kernel/security/tpm0/binary_bios_measurements exists on the host and that the agent may read it. With GRUB, boot through EFI (`linuxefi`), so that the kernel receives the log.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  LOG_BANK_OTHER: {
    title: 'The event log was verified in another bank than the policy names',
    cause: 'The quote covers a second bank, and the log was held against that one.',
    remedy: 'Quote only the bank of the policy, or name the other bank in the policy.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  LOG_PCR_MISMATCH: {
    title: 'The event log does not lead to the attested PCR value',
    cause:
      'Events were left out, added or changed in the log, or measured after it was read. The running system (systemd) measures too, and logs that elsewhere.',
    remedy:
      'Read the log again with `touchstone inspect event-log`; if the host still differs, treat it as tampered with.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  LOG_PCR_MISMATCH_UNDEMANDED: {
    title: 'The event log does not lead to the value of a PCR that no demanded layer uses',
    cause: 'Firmware or the operating system extended the PCR without logging it.',
    remedy: 'Nothing for this policy; facts that rest on this PCR are not known.',
    severity: 'info',
  },
  LOG_EVENT_UNCLAIMED: {
    title: 'An event belongs to no layer',
    cause: 'Something measured into a PCR of a demanded layer that no golden measurement can approve.',
    remedy: 'Find out what measured it: `touchstone inspect event-log`.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  LOG_LOADER_AFTER_KERNEL: {
    title: 'A boot loader was measured after the kernel',
    cause: 'The kernel did not start from the boot loader: somebody started it directly and measured the loader later.',
    remedy: 'Treat the host as tampered with until its boot entries are explained.',
    severity: 'error',
    claim: 'executables',
    value: contraindicated,
  },
  LOG_LAYER_AFTER_SYSTEM: {
    title: 'A layer was measured after the system ran',
    cause:
      'The running system extended a PCR with what should have been measured while it booted: somebody adds by hand.',
    remedy: 'Treat the host as tampered with until that measurement is explained.',
    severity: 'error',
    claim: 'executables',
    value: contraindicated,
  },
  LOG_PCR_UNEXPLAINED: {
    title: 'A PCR that no demanded layer uses was extended, and no log says by what',
    cause: 'The operating system extends some PCRs and logs it in userspace, or a program extended it by hand.',
    remedy: 'Nothing for this policy. Have the agent send the userspace log (tpm2-measure.log) to see what it is.',
    severity: 'info',
  },
  LOG_USERSPACE_UNREADABLE: {
    title: 'The userspace log cannot be read',
    cause: 'The log of the running system is not as systemd writes it, and was left aside.',
    remedy: 'Look at /run/log/systemd/tpm2-measure.log on the host: `observed` names what is wrong with it.',
    severity: 'info',
  },
  LOG_USERSPACE_LATER: {
    title: 'The userspace log has records that the quote does not confirm',
    cause: 'The log was read after the quote, or a record was written whose extension failed.',
    remedy: 'Nothing; the next attestation confirms records that were extended meanwhile.',
    severity: 'info',
  },
  LOG_QUIRK: {
    title: 'A known defect of the firmware was tolerated',
    cause: 'The log deviates from the specification in a way that is known of this firmware.',
    remedy: 'Nothing; a firmware update may cure it.',
    severity: 'info',
  },
  LAYERS_SHARE_PCR: {
    title: 'A PCR also holds events of layers that the policy does not demand',
    cause: 'Those events are bound to the quote, and nobody said what they should be.',
    remedy: 'Demand the named layers too, if they matter on these hosts.',
    severity: 'info',
  },
  LAYER_GOLDEN_NONE: {
    title: 'No golden measurement of a demanded layer',
    cause: 'The policy demands a layer that no active golden measurement describes.',
    remedy: 'Capture the layer from a good host, have it signed, and propose it.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  LAYER_GOLDEN_NOT_VALID: {
    title: 'Every golden measurement of a demanded layer is outside its validity',
    cause: 'The golden measurements of this layer have expired or do not hold yet.',
    remedy:
      'Sign the layer again with a validity that covers today: `touchstone golden draft FILE --not-before DATE --not-after DATE --out DIR`, then sign and propose it.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  LAYER_GOLDEN_ENDS: {
    title: 'A golden measurement that this verdict rests on ends soon',
    cause:
      'Its validity ends within two weeks. From then on no boot matches it, and verdicts that rest on it end with it.',
    remedy:
      'Sign the layer again with a later end: `touchstone golden draft FILE --not-after DATE`, then sign and propose it.',
    severity: 'info',
  },
  LAYER_GOLDEN_BANK_MISSING: {
    title: 'The golden measurement has no values in this bank',
    cause: 'The layer was captured or predicted in another bank than the policy appraises.',
    remedy: 'Capture the layer again in the bank of the policy.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  LAYER_NOT_OBSERVED: {
    title: 'The boot measured nothing of a demanded layer',
    cause: 'The host boots in another way than the policy expects: no event belongs to the layer.',
    remedy: 'Take the layer out of the policy of hosts that boot so, or correct how the host boots.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  LAYER_PCR_UNLOGGED: {
    title: 'A PCR was extended, and no log says by what',
    cause:
      'Events of the PCR are in no log the host sent (a userspace log, for instance), or somebody extended it by hand.',
    remedy: 'Have the agent send the log that covers the PCR, or pin its exact value in a golden measurement.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  LAYER_PCR_VALUE_DIVERGED: {
    title: 'A PCR has another value than the golden measurement pins',
    cause: 'The golden measurement gives the whole value of the PCR, so what changed cannot be told.',
    remedy: 'Compare the event logs of this boot and of a good one with `touchstone inspect event-log`.',
    severity: 'error',
    claim: 'executables',
    value: contraindicated,
  },
  FIRMWARE_DIVERGED: {
    title: 'The firmware matches no golden measurement',
    cause: 'Firmware code or an option ROM differs.',
    remedy: 'If the change is yours, accept it.',
    severity: 'error',
    claim: 'hardware',
    value: notRecognised,
  },
  SECURE_BOOT_DIVERGED: {
    title: 'The Secure Boot configuration matches no golden measurement',
    cause: 'Secure Boot was switched, its keys or revocations changed, or another signer let an image run.',
    remedy: 'Where Secure Boot is off, switch it on again. Accept any other change only if it is yours.',
    severity: 'error',
    claim: 'configuration',
    value: contraindicated,
  },
  BOOT_LOADER_DIVERGED: {
    title: 'The boot loader matches no golden measurement',
    cause: 'Another boot loader, or another file of it, was loaded.',
    remedy: 'If the change is yours, accept it.',
    severity: 'error',
    claim: 'executables',
    value: contraindicated,
  },
  KERNEL_DIVERGED: {
    title: 'The kernel matches no golden measurement',
    cause: 'Another kernel image was loaded.',
    remedy: 'If the change is yours, accept it.',
    severity: 'error',
    claim: 'executables',
    value: contraindicated,
  },
  KERNEL_COMMAND_LINE_DIVERGED: {
    title: 'The kernel command line matches no golden measurement',
    cause: "The boot loader's configuration, a command of it or the kernel's arguments changed.",
    remedy: 'If the change is yours, accept it.',
    severity: 'error',
    claim: 'configuration',
    value: contraindicated,
  },
  INITRD_DIVERGED: {
    title: 'The initrd matches no golden measurement',
    cause: 'Another initial RAM disk was loaded; it is rebuilt with each kernel or driver update.',
    remedy: 'If the change is yours, accept it.',
    severity: 'error',
    claim: 'executables',
    value: contraindicated,
  },
  RUNTIME_LIST_ABSENT: {
    title: 'The host sent no IMA list',
    cause: 'The policy demands layer runtime, and without the list of what the kernel measured nothing of it is known.',
    remedy: 'Start the host with an IMA policy (`ima_policy=tcb`), and let the agent read binary_runtime_measurements.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  RUNTIME_NOT_OBSERVED: {
    title: 'The kernel measured no file that anybody looks at',
    cause: 'The IMA list holds the boot aggregate only, or golden measurements exclude the path of every entry.',
    remedy: 'Start the host with an IMA policy (`ima_policy=tcb`), and narrow the exclusions.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  RUNTIME_DIVERGED: {
    title: 'The running system matches no golden measurement',
    cause: 'A program or file was measured that nobody approved.',
    remedy: 'If the change is yours, accept it.',
    severity: 'error',
    claim: 'executables',
    value: contraindicated,
  },
  RUNTIME_FILE_REFUSED: {
    title: 'A file was used that nobody approved',
    cause: 'No golden measurement in force has the digest of the file, or a key that signed it.',
    remedy:
      'Find out what the file is. If it is yours, approve its digest (`touchstone golden capture HOST --layers runtime`) or the key that signed it (`touchstone golden draft FILE --file-signer KEY`).',
    severity: 'error',
    claim: 'file-system',
    value: contraindicated,
  },
  RUNTIME_VIOLATION: {
    title: 'A file changed while it was measured',
    cause:
      'The kernel reports a violation: the file was open for writing while it was used, so its digest proves nothing.',
    remedy:
      'Find out who writes to the file. If it is data, exclude its path in a golden measurement of layer runtime (`touchstone golden draft FILE --exclude-path PATH`).',
    severity: 'error',
    claim: 'file-system',
    value: unverifiable,
  },
  RUNTIME_SHA1_ONLY: {
    title: 'The kernel extends PCR 10 with padded SHA-1 digests',
    cause:
      'A kernel before 5.8, or a bank whose hash the kernel lacks: the list is bound only as strongly as SHA-1 is.',
    remedy: 'Run kernel 5.8 or later, and demand the bank sha256.',
    severity: 'warning',
  },
  RUNTIME_ENTRIES_LATER: {
    title: 'The IMA list is longer than what was quoted',
    cause: 'Files were measured between the quote and the reading of the list.',
    remedy: 'Nothing; the next attestation covers them.',
    severity: 'info',
  },
  CONFIDENTIAL_GUEST_DIVERGED: {
    title: 'The confidential guest matches no golden measurement',
    cause: 'The launch measurement of the guest differs.',
    remedy: 'If the change is yours, accept it.',
    severity: 'error',
    claim: 'executables',
    value: contraindicated,
  },
  FACT_NOT_PROVEN: {
    title: 'A demanded fact is not proven',
    cause: 'No event bound to the quote says it, or events that cannot be read could say otherwise.',
    remedy: 'Send the whole event log, and see what it proves with `touchstone inspect event-log`.',
    severity: 'error',
    claim: 'configuration',
    value: unverifiable,
  },
  FACT_REFUSED: {
    title: 'A fact of the boot is not what the policy demands',
    cause: 'A bound event says otherwise.',
    remedy: 'Correct the setting on the host and reboot it, or change requireFacts of the policy.',
    severity: 'error',
    claim: 'configuration',
    value: contraindicated,
  },
  FACT_SECURE_BOOT_DISABLED: {
    title: 'Secure Boot is off',
    cause: 'The firmware loads unsigned boot loaders.',
    remedy: 'Switch Secure Boot on in the firmware setup of the host, and find out who switched it off.',
    severity: 'error',
    claim: 'configuration',
    value: contraindicated,
  },
  FACT_SECURE_BOOT_UNKNOWN: {
    title: 'Whether Secure Boot is on cannot be told',
    cause: 'No event bound to the quote says it.',
    remedy: 'Quote PCR 7 and send the whole event log.',
    severity: 'error',
    claim: 'configuration',
    value: unverifiable,
  },
  FACT_SHIM_VALIDATION_DISABLED: {
    title: 'shim does not check what it loads',
    cause: 'MokSBState is set: Secure Boot is on and has no effect beyond shim.',
    remedy: 'Run `mokutil --enable-validation` on the host and reboot.',
    severity: 'error',
    claim: 'configuration',
    value: contraindicated,
  },
  FACT_DEBUG_MODE: {
    title: 'The firmware runs in debug mode',
    cause: 'The firmware measured that a debugger can be attached.',
    remedy: 'Install release firmware on the host.',
    severity: 'error',
    claim: 'configuration',
    value: contraindicated,
  },
  FACT_MEASUREMENT_FAILED: {
    title: 'The firmware reported that a measurement failed',
    cause: 'An error separator stands in a PCR: the chain of measurements is broken.',
    remedy: 'Reboot the host; if it stays, update its firmware.',
    severity: 'error',
    claim: 'executables',
    value: unverifiable,
  },
  FACT_COMMAND_LINE_UNKNOWN: {
    title: 'The kernel command line cannot be told',
    cause: 'No event bound to the quote holds its text.',
    remedy: 'Boot through a loader that measures the command line (GRUB 2.04, systemd-boot, a UKI).',
    severity: 'error',
    claim: 'configuration',
    value: unverifiable,
  },
  FACT_COMMAND_LINE_WORD_MISSING: {
    title: 'A demanded word is missing in the kernel command line',
    cause: 'The policy demands a kernel argument that this boot did not have.',
    remedy: 'Add the argument to the boot loader configuration and reboot.',
    severity: 'error',
    claim: 'configuration',
    value: contraindicated,
  },
  FACT_COMMAND_LINE_WORD_FORBIDDEN: {
    title: 'A forbidden word stands in the kernel command line',
    cause: 'The policy forbids a kernel argument that this boot had.',
    remedy: 'Remove the argument from the boot loader configuration and reboot.',
    severity: 'error',
    claim: 'configuration',
    value: contraindicated,
  },
  FACT_CONDITION_REFUSED: {
    title: 'A condition of the policy is not met',
    cause: 'What bound events say of the boot makes the expression false.',
    remedy: 'Do what the remedy of the condition says, or change the condition of the policy.',
    severity: 'error',
    claim: 'configuration',
    value: contraindicated,
  },
  FACT_CONDITION_NOT_PROVEN: {
    title: 'A condition of the policy is not proven',
    cause: 'It reads a fact that no bound event proves, or the expression has no answer for what they prove.',
    remedy:
      'See what the log proves with `touchstone inspect event-log`; write the condition so that it reads such facts only.',
    severity: 'error',
    claim: 'configuration',
    value: unverifiable,
  },
} as const satisfies Readonly<Record<string, FindingRow>>;

export type FindingCode = keyof typeof findings;
