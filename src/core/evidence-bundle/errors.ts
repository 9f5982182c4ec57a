// Failures of evidence bundles.
import type { ErrorTable } from '../error-table.ts';

export const evidenceBundleErrors = {
  EVIDENCE_ARCHIVE_MALFORMED: {
    cause: 'The file is no evidence bundle, or it is cut off, or another program packed it anew.',
    remedy: 'Get the file again as `touchstone host export` wrote it.',
  },
  EVIDENCE_TOO_LARGE: {
    cause:
      'An evidence bundle would be, or is, larger than 64 MiB or has too many parts, or what the audit log says of the host is too much for one.',
    remedy:
      'Check that the right file was named. A host with a longer IMA list cannot be exported. Where it is the audit log: read it with `touchstone audit list`; do not name thousands of hosts in quarantines again and again, choose them by labels.',
  },
  EVIDENCE_VERSION_UNKNOWN: {
    cause: 'The manifest of the evidence bundle is of a version that this program does not know.',
    remedy: 'Use a newer version of Touchstone.',
  },
  EVIDENCE_PART_MISSING: {
    cause: 'The evidence bundle lacks a part that its manifest names, or that every bundle has.',
    remedy: 'Somebody took it out: get the file again as the server made it.',
  },
  EVIDENCE_PART_UNKNOWN: {
    cause: 'The evidence bundle has a part that its manifest does not name.',
    remedy: 'Somebody put it in: get the file again as the server made it.',
  },
  EVIDENCE_PART_ALTERED: {
    cause: 'A part of the evidence bundle is not what its manifest says, by size or SHA-256.',
    remedy: 'Somebody changed it: get the file again as the server made it.',
  },
  EVIDENCE_PART_INVALID: {
    cause: 'A part of the evidence bundle cannot be read, or contradicts another part.',
    remedy: 'Get the file again. If the server itself made it so, report it.',
  },
  EVIDENCE_AUDIT_UNPROVEN: {
    cause:
      'An entry of the audit log in the evidence bundle is not in the log that the server signed, or not at its place.',
    remedy:
      'Do not believe it. If the server itself made the file, its audit log was changed: run `touchstone server doctor`.',
  },
  EVIDENCE_AUDIT_FOREIGN: {
    cause:
      'An entry of the audit log in the evidence bundle is about another host, or about nothing that its verdict rests on.',
    remedy: 'Somebody put the entries of another bundle into this one: get the file again as the server made it.',
  },
  EVIDENCE_AUDIT_CONTRADICTED: {
    cause: 'The audit log has this very verdict with another status, policy or end than the evidence bundle.',
    remedy: 'One of both was changed. Ask who runs the server, and compare with what receivers of events were told.',
  },
} as const satisfies ErrorTable;
