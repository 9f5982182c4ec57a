// Golden measurements, their signers and policies in the shapes of the contract.
import type { components, GoldenMeasurement, Policy } from '../../api/index.ts';
import { encodeBase64 } from '../../core/encoding/index.ts';
import { goldenPayloadType, isValidAt, type ApprovedGolden } from '../../core/golden/index.ts';
import type { GoldenView } from '../golden/approve.ts';
import type { PolicyRecord, RolloutRecord, SignerRecord } from '../storage/index.ts';
import { present, timeOf } from './wire.ts';

type Schemas = components['schemas'];
type Layer = Schemas['Layer'];

/** What a golden measurement is told against: the clock, those in force, and rollouts that keep some from hosts. */
export interface GoldenSurroundings {
  readonly quorum: number;
  readonly at: Date;
  readonly inForce: readonly ApprovedGolden[];
  readonly keeperOf: (id: string) => RolloutRecord | undefined;
}

export function wireGolden(
  { record, statement, signatures }: GoldenView,
  { quorum, at, inForce, keeperOf }: GoldenSurroundings,
): GoldenMeasurement {
  const { id } = record;
  const isOver = record.state === 'retired' || record.state === 'revoked';
  const keeper = isOver ? undefined : keeperOf(id);
  const valid = inForce.filter((golden) => isValidAt(golden.statement, at));
  return {
    id,
    layer: record.layer as Layer,
    name: record.name,
    state: record.state,
    inForce: valid.some((golden) => golden.id === id),
    quorum,
    signatures: signatures.map(({ keyid, signer }) => ({ keyid, signer })),
    proposedAt: timeOf(record.proposedAt),
    ...present('description', statement?.description),
    ...present('notBefore', statement?.notBefore?.toISOString()),
    ...present('notAfter', statement?.notAfter?.toISOString()),
    ...present('supersedes', statement?.supersedes),
    ...present('supersededBy', valid.find((golden) => golden.statement.supersedes === id)?.id),
    ...present('keptBack', keeper && wireKeeper(keeper)),
    ...present('activatedAt', record.activatedAt === undefined ? undefined : timeOf(record.activatedAt)),
    ...present('endedAt', record.endedAt === undefined ? undefined : timeOf(record.endedAt)),
    ...present('endReason', record.endReason),
    ...present('cve', record.cve),
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
    createdAt: timeOf(createdAt),
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
    createdAt: timeOf(createdAt),
    ...present('layers', layers && ([...layers] as Layer[])),
  };
}
