// Golden statements drafted from the latest evidence of a host. The evidence is proved again from the stored bytes; what comes
// out is only a proposal until operators sign it.
import { checkUserspaceLog } from '../../core/appraisal/index.ts';
import { AttestationError } from '../../core/error.ts';
import { parseEventLog, verifyEventLog, type Layer, type ReplayedLog } from '../../core/event-log/index.ts';
import {
  createGoldenStatements,
  encodeGoldenStatement,
  goldenIdOf,
  isValidAt,
  matchLayer,
  matchRuntime,
  readCaptureGaps,
  type ApprovedGolden,
  type CaptureGap,
} from '../../core/golden/index.ts';
import { parseImaList, verifyImaList, type VerifiedImaList } from '../../core/ima/index.ts';
import { verifyAttestationKey, verifyPcrs, verifyQuote, type AttestedPcrs } from '../../core/tpm/index.ts';
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
  const log = verifyEventLog(parseEventLog(evidence.eventLog), pcrs, checkUserspaceLog(evidence.userspaceLog).claimed);
  const { goldens } = await context.trust.current();
  const isWanted = ({ layer }: { readonly layer: Layer }): boolean => layers?.includes(layer) ?? true;
  const ima = readIma(evidence.imaLog, { pcrs, log, layers });
  const origin = { host: hostId, at: new Date(evidence.receivedAt) };
  const statements = createGoldenStatements(log, { ...origin, ...(ima === undefined ? {} : { ima }) })
    .filter(isWanted)
    .map((statement) => {
      const payload = encodeGoldenStatement(statement);
      const isNew = !isMatched(statement.layer, { log, ima, goldens, at: origin.at });
      return { layer: statement.layer, goldenId: goldenIdOf(payload), payload, isNew };
    });
  return { statements, gaps: readCaptureGaps(log).filter(isWanted) };
}

interface Proved {
  readonly pcrs: AttestedPcrs;
  readonly log: ReplayedLog;
}

/** The IMA list, if it is bound to the quote. One that is not fails the capture only of who asked for that layer. */
function readIma(
  imaLog: Uint8Array | undefined,
  { pcrs, log, layers }: Proved & { readonly layers: readonly Layer[] | undefined },
): VerifiedImaList | undefined {
  if (imaLog === undefined || layers?.includes('runtime') === false) return undefined;
  try {
    return verifyImaList({ list: parseImaList(imaLog), pcrs, atKernelStart: log.userspace?.before });
  } catch (error) {
    if (error instanceof AttestationError && layers === undefined) return undefined;
    throw error;
  }
}

interface Captured {
  readonly log: ReplayedLog;
  readonly ima: VerifiedImaList | undefined;
  readonly goldens: readonly ApprovedGolden[];
  readonly at: Date;
}

function isMatched(layer: Layer, { log, ima, goldens, at }: Captured): boolean {
  if (layer !== 'runtime') return matchLayer(layer, log, goldens).outcome === 'matched';
  const inForce = goldens.filter(({ statement }) => isValidAt(statement, at));
  return ima !== undefined && matchRuntime(ima, inForce).outcome === 'matched';
}
