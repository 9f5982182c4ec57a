// Everything behind a verdict of a host, in one signed file that can be appraised anywhere.
import { jwkOf } from '../../core/crypto/index.ts';
import { encodeUtf8 } from '../../core/encoding/index.ts';
import {
  createEvidenceBundle,
  evidenceAudience,
  parseArchive,
  partsOf,
  readAttestation,
  readHost,
  readTrust,
  readTrustAhead,
  type RecordedAttestation,
  type RecordedTrust,
} from '../../core/evidence-bundle/index.ts';
import { parseGolden, readGoldenAhead } from '../../core/golden/index.ts';
import { readClaimedPcrs } from '../attestation/claimed-pcrs.ts';
import { readHostVerdict } from '../attestation/view-verdict.ts';
import { createVerdictToken, verdictToSay } from '../attestation/verdict-token.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { Asker } from '../load/fair-queue.ts';
import { ownTurn } from '../own-turn.ts';
import { proveEntries } from './audit-entries.ts';
import { readHistory } from './history.ts';

/** Which of the verdicts that are kept; the last one where nothing is told. */
export interface VerdictChoice {
  /** The beginning of its `evidenceDigest`. */
  readonly verdict?: string | undefined;
  /** The last that was given by then. */
  readonly at?: Date | undefined;
}

/** As many at once as there are slots, and each who asks in turn.
 * @throws ServerError SERVER_BUSY, HOST_NOT_FOUND, HOST_EVIDENCE_NONE, HOST_GROUNDS_NONE, HOST_VERDICT_NOT_KEPT; MalformedError EVIDENCE_TOO_LARGE */
export async function exportHost(
  context: ServerContext,
  hostId: string,
  { asker, ...choice }: VerdictChoice & { readonly asker: Asker },
): Promise<Uint8Array> {
  const release = await context.bundleQueue.wait(asker);
  if (release === undefined) {
    const headers = { 'retry-after': '5' };
    throw new ServerError('SERVER_BUSY', 'too many evidence bundles wait to be made', { headers });
  }
  try {
    return await makeBundle(context, hostId, choice);
  } finally {
    release();
  }
}

async function makeBundle(context: ServerContext, hostId: string, choice: VerdictChoice): Promise<Uint8Array> {
  const { store, keys, now } = context;
  const known = await store.findHost(hostId);
  const held = await readHostVerdict(context, hostId);
  const found = await store.findCircumstances(hostId, await chooseVerdict(context, hostId, choice));
  if (found === undefined || known === undefined) throw new ServerError('HOST_EVIDENCE_NONE');
  const { verdict, evidence, circumstances } = found;
  if (circumstances === undefined) throw new ServerError('HOST_GROUNDS_NONE');
  const attestation = readAttestation(new Map([['attestation.json', encodeUtf8(circumstances.attestation)]]));
  const { imaLog, userspaceLog } = evidence;
  const at = now();
  const host = readHost(partsOf(parseArchive(circumstances.host)));
  await ownTurn();
  const trustParts = partsOf(parseArchive(circumstances.trust));
  await readTrustAhead(trustParts, ownTurn);
  const trust = await whatApplied(readTrust(trustParts), attestation);
  const head = await readAuditHead(context);
  const about = { host: known, verdict: verdict.verdict, labels: attestation.labels, trust };
  const content = {
    attestation,
    host,
    evidence: {
      attest: evidence.attest,
      signature: evidence.signature,
      pcrs: readClaimedPcrs(evidence.pcrs),
      eventLog: evidence.eventLog,
      ...(imaLog === undefined ? {} : { imaLog }),
      ...(userspaceLog === undefined ? {} : { userspaceLog }),
    },
    trust,
    history: await readHistory(context, about),
    audit: await proveEntries(context, { size: head.sequence, host, verdict: verdict.verdict }),
    verdict: verdict.verdict,
    standing: {
      state: held.state,
      status: held.status,
      reasons: held.reasons.map(({ code, message }) => ({ code, message })),
    },
    token: await signToken(context, held),
    keys: { keys: keys.signing.published(at).map(jwkOf) },
  };
  return createEvidenceBundle(content, { at, audit: head, key: keys.signing.at(at), pause: ownTurn });
}

/** Its number; undefined: the last one, whichever that is.
 * @throws ServerError HOST_VERDICT_NOT_KEPT */
async function chooseVerdict(
  { store }: ServerContext,
  hostId: string,
  { verdict, at }: VerdictChoice,
): Promise<number | undefined> {
  if (verdict === undefined && at === undefined) return undefined;
  const kept = await store.listVerdicts(hostId);
  const fitting = kept.filter((one) => {
    const isNamed = verdict === undefined || one.verdict.evidenceDigest.startsWith(verdict);
    return isNamed && (at === undefined || one.issuedAt <= at.getTime());
  });
  const [first, second] = fitting;
  if (first !== undefined && (verdict === undefined || second === undefined)) return first.sequence;
  const times = kept.slice(0, 10).map((one) => `${one.verdict.evidenceDigest.slice(0, 16)} of ${one.verdict.issuedAt}`);
  const problem = second === undefined ? 'none of those that are kept' : 'more than one of those that are kept';
  throw new ServerError('HOST_VERDICT_NOT_KEPT', `${problem}: ${times.join(', ')}`);
}

/** Of what the whole fleet is held against, what this host was. */
async function whatApplied(trust: RecordedTrust, { policy, keptBack }: RecordedAttestation): Promise<RecordedTrust> {
  const isApplied = (document: unknown): boolean => {
    const { id, version } = document as { readonly id?: unknown; readonly version?: unknown };
    return policy !== undefined && id === policy.id && version === policy.version;
  };
  const goldens: Uint8Array[] = [];
  for (const envelope of trust.goldens) {
    // A statement with the files of a host takes some tens of milliseconds to read.
    if (keptBack.length > 0) await readGoldenAhead(envelope, ownTurn);
    if (keptBack.length === 0 || !keptBack.includes(parseGolden(envelope).id)) goldens.push(envelope);
  }
  return { ...trust, policies: trust.policies.filter(isApplied), goldens };
}

/** Says what may be said now: never more than the server would answer itself. */
async function signToken(context: ServerContext, held: Awaited<ReturnType<typeof readHostVerdict>>): Promise<string> {
  const wishes = { mediaType: 'application/eat+jwt', audience: evidenceAudience };
  const token = await createVerdictToken(context, verdictToSay(context, held), wishes);
  if (typeof token?.content !== 'string') throw new TypeError('a JWT is text');
  return token.content;
}

async function readAuditHead({ store }: ServerContext) {
  const sequence = await store.lastAuditSequence();
  const [last] = await store.listAudit(sequence - 1, 1);
  return last ?? { sequence: 0, hash: new Uint8Array(32) };
}
