// What counted at a moment beside the verdict: what of the trust had ended, who had set the host aside, who admitted it all the same.
import { excusedStatus, findObstacle, verifyBreakGlass } from '../break-glass/index.ts';
import { hashHex } from '../crypto/index.ts';
import { encodeHex } from '../encoding/index.ts';
import { VerificationError } from '../error.ts';
import { parseGolden, type AuthorisedSigner } from '../golden/index.ts';
import type { Verdict } from '../verdict/index.ts';
import { naming } from './documents.ts';
import { isInQuarantine, type RecordedEnd, type RecordedHistory, type RecordedQuarantine } from './history-part.ts';
import type { OpenedBundle } from './open-bundle.ts';
import type { RecordedAnchor } from './trust-parts.ts';

/** Something that was in force at the verdict and is not at another time, and why. */
export interface EndOfTrust extends Omit<RecordedEnd, 'end'> {
  readonly end: RecordedEnd['end'] | 'expired' | 'not-begun';
}

/** What operators signed for this boot of the host. */
export interface GrantThen {
  readonly statement: string;
  readonly status: 'affirming' | 'warning';
  readonly until: Date;
  readonly reason: string;
  readonly ticket: string;
  readonly signers: readonly string[];
}

/** What of the trust in a bundle does not count at `at`; by its own dates, or by an end that the server told. */
export function endsBy(
  { trust, history, attestation }: Pick<OpenedBundle, 'trust' | 'history' | 'attestation'>,
  at: Date,
): readonly EndOfTrust[] {
  // At the verdict itself all of it was in force: the server asked by its revision, and a clock is no better.
  const isThen = at.getTime() === attestation.at.getTime();
  const told = isThen ? [] : (history?.ends.filter((end) => end.at <= at) ?? []);
  const known = new Set(told.map(({ id }) => id));
  const byDate = naming('trust/golden-measurements', () => trust.goldens.map((bytes) => parseGolden(bytes)))
    .filter(({ id }) => !known.has(id))
    .flatMap(({ id, untrustedStatement: { notBefore, notAfter } }): EndOfTrust[] => {
      if (notAfter !== undefined && notAfter <= at) {
        return [{ what: 'golden', id, end: 'expired', at: notAfter, reason: 'by its own date' }];
      }
      if (notBefore === undefined || notBefore <= at) return [];
      return [{ what: 'golden', id, end: 'not-begun', at: notBefore, reason: 'by its own date' }];
    });
  return [...told, ...byDate];
}

export function standingAnchors(anchors: readonly RecordedAnchor[], ends: readonly EndOfTrust[]) {
  const withdrawn = new Set(ends.filter(({ what }) => what === 'anchor').map(({ id }) => id));
  return anchors.filter(({ certificate }) => !withdrawn.has(hashHex('sha256', certificate)));
}

/** Of several, the one that lasts longest. */
export function quarantineAt(history: RecordedHistory | undefined, at: Date): RecordedQuarantine | undefined {
  const endOf = ({ until, liftedAt }: RecordedQuarantine) =>
    Math.min(until?.getTime() ?? Infinity, liftedAt?.getTime() ?? Infinity);
  const inForce = history?.quarantines.filter((one) => isInQuarantine(one, at)) ?? [];
  return inForce.sort((left, right) => endOf(right) - endOf(left))[0];
}

/** A statement that covers the host by this verdict, proved again by these signers. */
export function grantAt(
  history: RecordedHistory | undefined,
  { verdict, ek, at }: { readonly verdict: Verdict; readonly ek: Uint8Array; readonly at: Date },
  approval: { readonly signers: readonly AuthorisedSigner[]; readonly quorum: number },
): GrantThen | undefined {
  const grants = (history?.breakGlass ?? []).flatMap(({ envelope, storedAt, until, endedAt }): GrantThen[] => {
    if (storedAt > at || until <= at || (endedAt !== undefined && endedAt <= at)) return [];
    try {
      const { id, statement, signatures } = verifyBreakGlass(envelope, approval);
      if (statement.until < at || findObstacle(statement, encodeHex(ek), verdict) !== undefined) return [];
      const { reason, ticket } = statement;
      const signers = signatures.map(({ signer }) => signer);
      return [{ statement: id, status: excusedStatus(statement, verdict), until, reason, ticket, signers }];
    } catch (error) {
      // Signed by too few for whoever reads it: it admits nobody.
      if (error instanceof VerificationError) return [];
      return naming('trust/break-glass', () => {
        throw error;
      });
    }
  });
  return grants[0];
}
