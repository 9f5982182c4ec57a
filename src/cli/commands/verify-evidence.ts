// `touchstone verify evidence`: an evidence bundle appraised again, with the core alone.
import { parseJwks, hashHex } from '../../core/crypto/index.ts';
import { encodeHex, printable, printableAgain, type JsonObject } from '../../core/encoding/index.ts';
import {
  appraiseBundle,
  openEvidenceBundle,
  type BundleAppraisal,
  type OpenedBundle,
  type OwnTrust,
} from '../../core/evidence-bundle/index.ts';
import { isWorse, type TrustStatus } from '../../core/verdict/index.ts';
import type { AnchorScope } from '../../core/x509/index.ts';
import { cliErrors } from '../errors.ts';
import { parseInput, readInput } from '../files.ts';
import { readSigner } from '../changes/golden-signing.ts';
import { formatEvidence } from '../views/evidence-view.ts';
import { describeEnd } from '../views/evidence-history-view.ts';
import type { Refusal, Report } from '../report.ts';
import { readAnchors } from './verify-certificate.ts';

export interface VerifyEvidenceOptions {
  readonly at?: Date;
  readonly jwks?: string;
  readonly anchors?: string;
  readonly scope: AnchorScope;
  readonly signers?: readonly string[];
  readonly quorum?: number;
  readonly require?: TrustStatus;
}

/** @throws CliError CLI_FILE_*; AttestationError EVIDENCE_*, VERDICT_*, X509_*, CRYPTO_* */
export async function verifyEvidenceFile(file: string, options: VerifyEvidenceOptions): Promise<Report> {
  const keys = options.jwks === undefined ? undefined : parseInput(options.jwks, parseJwks);
  const bundle = await openEvidenceBundle(readInput(file), keys);
  const at = options.at ?? bundle.attestation.at;
  const own = readOwnTrust(options);
  const appraisal = appraiseBundle(bundle, at, own);
  const basis = {
    server: keys === undefined ? 'bundle' : 'own',
    anchors: own.anchors === undefined ? 'bundle' : 'own',
    signers: own.signers === undefined ? 'bundle' : 'own',
  } as const;
  return {
    data: describe(bundle, appraisal, { at, basis, own }),
    lines: (paper) => formatEvidence(paper, bundle, appraisal, { at, basis }),
    refusal: refusalOf(bundle, appraisal, options.require),
  };
}

function readOwnTrust({ anchors, scope, signers, quorum }: VerifyEvidenceOptions): OwnTrust {
  return {
    ...(anchors === undefined ? {} : { anchors: readAnchors(anchors, scope) }),
    ...(signers === undefined ? {} : { signers: signers.map(readSigner) }),
    ...(quorum === undefined ? {} : { quorum }),
  };
}

/** Where trust came from: the auditor's own copy, or the bundle's word. */
export interface Basis {
  readonly server: 'bundle' | 'own';
  readonly anchors: 'bundle' | 'own';
  readonly signers: 'bundle' | 'own';
}

interface Circumstances {
  readonly at: Date;
  readonly basis: Basis;
  readonly own: OwnTrust;
}

function describe(
  { manifest, kid, attestation, trust, standing, claimedVerdict, audit, account }: OpenedBundle,
  { verdict, differences, unapproved, ended, quarantine, grant }: BundleAppraisal,
  { at, basis, own }: Circumstances,
): Report['data'] {
  const anchors =
    own.anchors?.map(({ name, certificate }) => ({ name, certificate: certificate.der })) ?? trust.anchors;
  return {
    server: manifest.server,
    host: manifest.host,
    exportedAt: manifest.exportedAt.toISOString(),
    audit: { ...manifest.audit, ...describeAudit(audit, account) },
    signedBy: kid ?? null,
    trusted: basis,
    anchors: anchors.map(({ name, certificate }) => ({ name, sha256: hashHex('sha256', certificate) })),
    verdictGivenAt: attestation.at.toISOString(),
    at: at.toISOString(),
    same: differences.length === 0,
    differences,
    unapproved,
    ended: ended.map((end) => ({ ...end, at: end.at.toISOString() })),
    quarantine: quarantine === undefined ? null : (JSON.parse(JSON.stringify(quarantine)) as JsonObject),
    breakGlass: grant === undefined ? null : { ...grant, until: grant.until.toISOString() },
    verdict,
    claimed: { status: claimedVerdict['status'] ?? null, expiresAt: claimedVerdict['expiresAt'] ?? null },
    standingAtExport: standing,
  };
}

/** Nothing of a bundle that was made without. */
function describeAudit(audit: OpenedBundle['audit'], account: OpenedBundle['account']): JsonObject {
  if (audit === undefined || account === undefined) return { proved: 0 };
  const { checkpoint, entries } = audit;
  const { enrolled, approved, acknowledged } = account;
  return {
    proved: entries.length,
    checkpoint: {
      size: checkpoint.size,
      root: encodeHex(checkpoint.root),
      at: checkpoint.at.toISOString(),
      signedBy: checkpoint.kid ?? null,
    },
    enrolled: enrolled?.sequence ?? null,
    approved: approved?.sequence ?? null,
    acknowledged: acknowledged?.entry.sequence ?? null,
    isOwnEntry: acknowledged?.isOwn ?? false,
    entries: entries.map(({ at, ...entry }) => ({ ...entry, at: at.toISOString() })),
  };
}

function refusalOf(
  { claimedVerdict }: OpenedBundle,
  { verdict, differences, quarantine, ended }: BundleAppraisal,
  required: TrustStatus | undefined,
): Refusal | undefined {
  if (differences.length > 0) {
    const { status } = claimedVerdict;
    const claimed = typeof status === 'string' ? printable(status, 64) : 'nothing';
    const message = `the evidence gives ${verdict.status}, the server said ${claimed}: ${differences.join(', ')} differ${whyEnded(claimedVerdict, ended)}`;
    return { code: 'CLI_EVIDENCE_DIFFERS', message, remedy: cliErrors.CLI_EVIDENCE_DIFFERS.remedy };
  }
  if (required === undefined) return undefined;
  const isRefused = isWorse(verdict.status, required);
  if (!isRefused && quarantine === undefined) return undefined;
  const message = isRefused
    ? `the verdict is ${verdict.status}, and ${required} is demanded`
    : `the verdict is ${verdict.status}, and operators had set the host aside: ${printableAgain(quarantine?.reason ?? '')}`;
  return { code: 'CLI_EVIDENCE_UNTRUSTED', message, remedy: cliErrors.CLI_EVIDENCE_UNTRUSTED.remedy };
}

/** What the verdict rested on and is in force no more, where that is why. */
function whyEnded({ layers, furtherGoldens }: JsonObject, ended: BundleAppraisal['ended']): string {
  const rested = JSON.stringify([layers, furtherGoldens]);
  const [first] = ended.filter(({ what, id }) => what === 'anchor' || rested.includes(id));
  return first === undefined ? '' : `; ${describeEnd(first)}`;
}
