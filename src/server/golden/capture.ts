// Golden statements drafted from the latest evidence of a host. The evidence is proved again from the stored bytes; what comes
// out is only a proposal until operators sign it.
import { parseEventLog, verifyEventLog, type Layer } from '../../core/event-log/index.ts';
import {
  createGoldenStatements,
  encodeGoldenStatement,
  goldenIdOf,
  matchLayer,
  readCaptureGaps,
  type CaptureGap,
} from '../../core/golden/index.ts';
import { verifyAttestationKey, verifyPcrs, verifyQuote } from '../../core/tpm/index.ts';
import { readClaimedPcrs } from '../attestation/claimed-pcrs.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';

export interface CapturedStatement {
  readonly layer: Layer;
  readonly goldenId: string;
  readonly payload: Uint8Array;
  /** No golden measurement in force matches this layer of the host. */
  readonly isNew: boolean;
}

export interface Capture {
  readonly statements: readonly CapturedStatement[];
  readonly gaps: readonly CaptureGap[];
}

/** @throws ServerError HOST_NOT_FOUND, HOST_EVIDENCE_NONE; VerificationError and MalformedError of the core */
export async function captureGoldens(
  context: ServerContext,
  hostId: string,
  layers: readonly Layer[] | undefined,
): Promise<Capture> {
  if ((await context.store.findHost(hostId)) === undefined) throw new ServerError('HOST_NOT_FOUND');
  const evidence = await context.store.findEvidence(hostId);
  if (evidence?.eventLog === undefined) throw new ServerError('HOST_EVIDENCE_NONE');
  const { attest, signature, qualifyingData } = evidence;
  const quote = verifyQuote({ attest, signature, qualifyingData, key: verifyAttestationKey(evidence.akPublic) });
  const pcrs = verifyPcrs(quote, readClaimedPcrs(evidence.pcrs));
  const log = verifyEventLog(parseEventLog(evidence.eventLog), pcrs);
  const { goldens } = await context.trust.current();
  const isWanted = ({ layer }: { readonly layer: Layer }): boolean => layers?.includes(layer) ?? true;
  const statements = createGoldenStatements(log, { host: hostId, at: new Date(evidence.receivedAt) })
    .filter(isWanted)
    .map((statement) => {
      const payload = encodeGoldenStatement(statement);
      const isNew = matchLayer(statement.layer, log, goldens).outcome !== 'matched';
      return { layer: statement.layer, goldenId: goldenIdOf(payload), payload, isNew };
    });
  return { statements, gaps: readCaptureGaps(log).filter(isWanted) };
}
