// Golden measurements, what they bring back, their signers and policies in the shapes of the contract.
import type { components, GoldenMeasurement, Policy } from '../../../api/index.ts';
import { encodeBase64, encodeHex, isoTime, printableAgain } from '../../../core/encoding/index.ts';
import {
  goldenPayloadType,
  isValidAt,
  landmarkOf,
  type ApprovedGolden,
  type GoldenStatement,
} from '../../../core/golden/index.ts';
import type { ActorNames } from '../../auth/actor-names.ts';
import type { ServerContext } from '../../context.ts';
import { broughtBackBy, readEndedGoldens, type BroughtBack, type EndedGolden } from '../../golden/brought-back.ts';
import type { GoldenView } from '../../golden/approve.ts';
import { describeStanding, type GoldenStanding } from '../../golden/standing.ts';
import { goldensForAll, keeperOf } from '../../rollout/stages.ts';
import type { PolicyRecord, RolloutRecord, SignerRecord } from '../../storage/index.ts';
import type { SignerEnd } from '../../trust/signers.ts';
import { present } from './present.ts';

type Schemas = components['schemas'];
type Layer = Schemas['Layer'];

/** What a golden measurement is told against: the clock, those in force, and rollouts that keep some from hosts. */
export interface GoldenSurroundings {
  readonly quorum: number;
  readonly at: Date;
  readonly inForce: readonly ApprovedGolden[];
  readonly keeperOf: (id: string) => RolloutRecord | undefined;
  /** Approved by a quorum, whether rollouts and dates let them match or not. */
  readonly approved: readonly ApprovedGolden[];
  readonly ended: readonly EndedGolden[];
}

/** Read after a change, so that it shows in the answer. */
export async function surroundingsOf(
  { config, now, trust, store, memory }: ServerContext,
  views: readonly GoldenView[],
): Promise<GoldenSurroundings> {
  // Of what was retired nothing is told of what it would bring back.
  const layers = views.flatMap(({ record }) => (record.state === 'retired' ? [] : [record.layer]));
  const current = await trust.current();
  return {
    quorum: config.goldenQuorum,
    at: now(),
    inForce: goldensForAll(current),
    keeperOf: (id) => keeperOf(current.rollouts, id),
    approved: current.goldens,
    ended: await readEndedGoldens({ store, memory }, layers),
  };
}

export function wireGolden(
  { record, statement, signatures }: GoldenView,
  surroundings: GoldenSurroundings,
  names: ActorNames,
): GoldenMeasurement {
  const { quorum, at, inForce } = surroundings;
  const { id } = record;
  const isOver = record.state === 'retired' || record.state === 'revoked';
  // It was active, and a key that signed it was taken away since, or more must sign: it waits for signatures again.
  const isShort = record.state === 'active' && signatures.length < quorum;
  const keeper = isOver ? undefined : surroundings.keeperOf(id);
  const valid = inForce.filter((golden) => isValidAt(golden.statement, at));
  return {
    id,
    layer: record.layer as Layer,
    name: record.name,
    state: isShort ? 'proposed' : record.state,
    inForce: valid.some((golden) => golden.id === id),
    quorum,
    signatures: signatures.map(({ keyid, signer }) => ({ keyid, signer })),
    proposedAt: isoTime(record.proposedAt),
    ...present('description', statement?.description),
    ...present('landmark', statement && wireLandmark(statement)),
    ...present('notBefore', statement?.notBefore?.toISOString()),
    ...present('notAfter', statement?.notAfter?.toISOString()),
    ...present('supersedes', statement?.supersedes),
    ...present('supersededBy', valid.find((golden) => golden.statement.supersedes === id)?.id),
    ...present('keptBack', keeper && wireKeeper(keeper)),
    ...present('activatedAt', record.activatedAt === undefined ? undefined : isoTime(record.activatedAt)),
    ...present('endedAt', record.endedAt === undefined ? undefined : isoTime(record.endedAt)),
    ...present('endReason', record.endReason),
    ...present('endedBy', record.endedBy),
    ...present('endedByName', record.endedBy && names.get(record.endedBy)),
    ...present('cve', record.cve),
    ...present(
      'acceptsRevoked',
      statement?.acceptsRevoked?.map((accepted) => ({ ...accepted })),
    ),
    ...wireRecurrence({ record, statement }, surroundings),
  };
}

function wireLandmark(statement: GoldenStatement): GoldenMeasurement['landmark'] {
  const found = landmarkOf(statement);
  if (found === undefined) return undefined;
  const { pcr, description, alg, digest } = found;
  return { pcr, description: printableAgain(description, 1024), digest: `${alg}:${encodeHex(digest)}` };
}

/** Both ways: what it brings back, and by what it comes back. */
function wireRecurrence(
  { record: { id, state }, statement }: Pick<GoldenView, 'record' | 'statement'>,
  { approved, ended }: GoldenSurroundings,
): Pick<GoldenMeasurement, 'bringsBack' | 'broughtBackBy'> {
  if (state === 'retired') return {};
  if (state !== 'revoked') {
    const others = ended.filter(({ standing }) => standing.id !== id);
    const found = statement === undefined ? [] : broughtBackBy({ statement }, others);
    return found.length === 0 ? {} : { bringsBack: wireBringsBack(found) };
  }
  const own = ended.filter(({ standing }) => standing.id === id);
  const successors = approved.filter((golden) => broughtBackBy(golden, own).some(({ isCertain }) => isCertain));
  return successors.length === 0 ? {} : { broughtBackBy: successors.map((golden) => golden.id) };
}

export function wireBringsBack(found: readonly BroughtBack[]): Schemas['BringsBack'] {
  return found.map(({ standing, isCertain, acceptedBecause }) => ({
    golden: wireStanding(standing),
    isCertain,
    ...present('acceptedBecause', acceptedBecause),
  }));
}

export function wireStanding(standing: GoldenStanding): Schemas['GoldenStanding'] {
  const { id, state, at, by, byName, reason, cve, rollout } = standing;
  return {
    id,
    state,
    message: `golden measurement ${id} ${describeStanding(standing)}`,
    ...present('at', at === undefined ? undefined : isoTime(at)),
    ...present('by', by),
    ...present('byName', byName),
    ...present('reason', reason),
    ...present('cve', cve),
    ...present('rollout', rollout),
  };
}

function wireKeeper({ name, state }: RolloutRecord): NonNullable<GoldenMeasurement['keptBack']> {
  return { rollout: name, state: state === 'running' ? 'running' : 'rolled-back' };
}

export function wireEnvelope({ payload, signatures }: GoldenView['record']): Schemas['DsseEnvelope'] {
  return {
    payloadType: goldenPayloadType,
    payload: encodeBase64(payload),
    signatures: signatures.map(({ keyid, sig }) => ({ sig: encodeBase64(sig), ...present('keyid', keyid) })),
  };
}

export function wirePolicy({ id, version, document, hosts, createdAt }: PolicyRecord): Policy {
  const { layers, bank, verdictSeconds, requireFacts, conditions, platformCertificate, description } =
    document as Partial<Policy>;
  return {
    id,
    version,
    layers: layers ?? [],
    bank: bank ?? 'sha256',
    verdictSeconds: verdictSeconds ?? 0,
    hosts: hosts as Policy['hosts'],
    createdAt: isoTime(createdAt),
    ...present('requireFacts', requireFacts),
    ...present('conditions', conditions),
    ...present('platformCertificate', platformCertificate),
    ...present('description', description),
  };
}

export function wireSigner({ name, keyid, publicKeyPem, layers, createdAt }: SignerRecord): Schemas['Signer'] {
  return {
    name,
    keyid,
    publicKeyPem,
    createdAt: isoTime(createdAt),
    ...present('layers', layers && ([...layers] as Layer[])),
  };
}

export function wireSignerEnd({ signer: { name, keyid }, lapsed }: SignerEnd): Schemas['SignerRemoval'] {
  return { name, keyid, lapsed: [...lapsed] };
}
