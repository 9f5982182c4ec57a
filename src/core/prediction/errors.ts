// Failures of predictions from boot artefacts.
import type { ErrorTable } from '../error-table.ts';

export const predictionErrors = {
  PREDICTION_PE_TRUNCATED: {
    cause: 'An EFI binary ends before the bytes that its own headers announce.',
    remedy: 'Give the whole file as the package installs it.',
  },
  PREDICTION_PE_INVALID: {
    cause: 'A file is not an EFI binary (PE32 or PE32+), or its headers contradict each other.',
    remedy: 'Give the EFI binary itself: shimx64.efi, grubx64.efi, a kernel with EFI stub, a unified kernel image.',
  },
  PREDICTION_SIGNATURE_INVALID: {
    cause: 'The certificate table of an EFI binary cannot be read.',
    remedy: 'Sign the binary again, or give the file as the vendor signed it.',
  },
  PREDICTION_AUTHORITY_UNKNOWN: {
    cause: 'Secure Boot is on, and no certificate of db, nor of shim, leads to the signature of an EFI binary.',
    remedy:
      'Give the db the hosts will have (--db-add), or a binary that it accepts: these hosts would refuse to boot.',
  },
  PREDICTION_IMAGE_FORBIDDEN: {
    cause: 'Secure Boot is on, and the revocation database (dbx), as it will be, forbids what these hosts start.',
    remedy:
      'Do not roll out this dbx: these hosts would refuse to boot. Update what it forbids first, and predict with the new binaries (--efi, --kernel, --uki).',
  },
  PREDICTION_SHIM_INVALID: {
    cause: 'The sections of shim that hold the certificate of its vendor or its SBAT levels cannot be read.',
    remedy: 'Give shim as the vendor built it.',
  },
  PREDICTION_GRUB_UNSUPPORTED: {
    cause:
      'The GRUB configuration does something whose outcome depends on the machine, or that prediction does not follow.',
    remedy: 'Capture the layer kernel-command-line from one host that booted this configuration (`golden capture`).',
  },
  PREDICTION_UKI_INVALID: {
    cause: 'A unified kernel image lacks its kernel or the mark of systemd-stub.',
    remedy: 'Give the image as ukify or objcopy made it, with systemd-stub in front.',
  },
  PREDICTION_VARIABLES_MISSING: {
    cause: 'The log does not tell the Secure Boot variables, or tells of a change that prediction cannot make.',
    remedy: 'Give a log of a host with the same firmware settings: --boot-log LOG.',
  },
  PREDICTION_UPDATE_INVALID: {
    cause: 'A file of Secure Boot keys holds no signature list, or the signature in front of it cannot be read.',
    remedy: 'Give a signature list (.esl), or the update as its publisher signed it (.auth, DBXUpdate.bin).',
  },
  PREDICTION_PLAN_INVALID: {
    cause: 'The artefacts do not make one boot.',
    remedy: 'Give shim and GRUB with kernel, initrd and grub.cfg, or a unified kernel image, or a log to start from.',
  },
} as const satisfies ErrorTable;
