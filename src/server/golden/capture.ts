// Golden statements drafted from the latest evidence of a host. The evidence is proved again from the stored bytes; what comes
// out is only a proposal until operators sign it.
import { AttestationError } from '../../core/error.ts';
import { counted, encodeHex, nameSome, printable } from '../../core/encoding/index.ts';
import type { Layer, ReplayedLog } from '../../core/event-log/index.ts';
import {
  createGoldenStatements,
  encodeGoldenStatement,
  documentIdOf,
  isValidAt,
  matchLayer,
  matchRuntime,
  readCaptureGaps,
  type ApprovedGolden,
  type CaptureGap,
  type Divergence,
} from '../../core/golden/index.ts';
import { parseImaList, verifyImaList, type ImaEntry, type VerifiedImaList } from '../../core/ima/index.ts';
import type { AttestedPcrs } from '../../core/tpm/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { proveBoot, provePcrs } from '../fleet/prove-boot.ts';
import { broughtBackBy, readEndedGoldens, type BroughtBack } from './brought-back.ts';
import { goldensFor } from '../rollout/stages.ts';

export interface CapturedStatement {
  readonly layer: Layer;
  readonly goldenId: string;
  readonly payload: Uint8Array;
  /** No golden measurement in force matches this layer of the host. */
  readonly isNew: boolean;
  /** The golden measurement in force that comes nearest, and where the boot first leaves it. */
  readonly nearest?: Divergence & { readonly goldenId: string };
  /** What was revoked or rolled back, and would be accepted again. */
  readonly bringsBack: readonly BroughtBack[];
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
  const host = await context.store.findHost(hostId);
  if (host === undefined) throw new ServerError('HOST_NOT_FOUND', `no host ${hostId}`);
  const evidence = await context.store.findEvidence(hostId);
  if (evidence?.eventLog === undefined) throw new ServerError('HOST_EVIDENCE_NONE');
  const { eventLog, userspaceLog } = evidence;
  const pcrs = provePcrs(evidence);
  const log = proveBoot({ eventLog, userspaceLog }, pcrs);
  const now = context.now();
  const trust = await context.trust.current();
  const goldens = goldensFor(trust, host).filter(({ statement }) => isValidAt(statement, now));
  const isWanted = ({ layer }: { readonly layer: Layer }): boolean => layers?.includes(layer) ?? true;
  const ima = readIma(evidence.imaLog, { pcrs, log, layers });
  const origin = { host: hostId, at: new Date(evidence.receivedAt) };
  const captured = createGoldenStatements(log, { ...origin, ...(ima === undefined ? {} : { ima }) }).filter(isWanted);
  const ended = await readEndedGoldens(
    context,
    captured.map(({ layer }) => layer),
  );
  const statements = captured.map((statement): CapturedStatement => {
    const { layer } = statement;
    const payload = encodeGoldenStatement(statement);
    const goldenId = documentIdOf(payload);
    const bringsBack = broughtBackBy({ statement }, ended);
    return { layer, goldenId, payload, bringsBack, ...readNovelty(layer, { log, ima, goldens }) };
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
  /** Those in force. */
  readonly goldens: readonly ApprovedGolden[];
}

/** Whether the layer is new, and if it is, what it is nearest to and where it leaves that. */
function readNovelty(layer: Layer, { log, ima, goldens }: Captured): Pick<CapturedStatement, 'isNew' | 'nearest'> {
  if (layer === 'runtime') return ima === undefined ? { isNew: true } : readNewFiles(ima, goldens);
  const match = matchLayer(layer, log, goldens);
  if (match.outcome !== 'diverged') return { isNew: match.outcome !== 'matched' };
  return { isNew: true, nearest: { goldenId: match.nearest.id, ...match.divergence } };
}

/** Named in a sentence. */
const namedFiles = 8;

/** Of files: how many nobody approved, by name, against the golden measurement in force that approves most. */
function readNewFiles(
  ima: VerifiedImaList,
  goldens: readonly ApprovedGolden[],
): Pick<CapturedStatement, 'isNew' | 'nearest'> {
  const match = matchRuntime(ima, goldens);
  if (match.outcome !== 'diverged') return { isNew: match.outcome !== 'matched' };
  const sizeOf = ({ statement }: ApprovedGolden): number => statement.ima?.digests.length ?? -1;
  const nearest = goldens.reduce((most, golden) => (sizeOf(golden) > sizeOf(most) ? golden : most));
  const changed = match.refused.filter(({ reason }) => reason === 'violation').map(({ entry }) => entry);
  const unknown = match.refused.filter(({ reason }) => reason !== 'violation').map(({ entry }) => entry);
  const explanation = [
    ...(unknown.length === 0 ? [] : [`${counted(unknown.length, 'file')} that nobody approved: ${nameFiles(unknown)}`]),
    ...(changed.length === 0
      ? []
      : [
          `${counted(changed.length, 'file')} that changed while measured, which no digest accepts: ${nameFiles(changed)}`,
        ]),
  ].join('; ');
  const [first] = unknown;
  const observed = first && { observed: { digest: encodeHex(first.digest.value), description: printable(first.path) } };
  return {
    isNew: true,
    nearest: { goldenId: nearest.id, kind: 'event-extra', pcr: ima.pcr, explanation, ...observed },
  };
}

function nameFiles(entries: readonly ImaEntry[]): string {
  return nameSome([...new Set(entries.map(({ path }) => path))], namedFiles);
}
