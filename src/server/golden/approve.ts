// Golden measurements on their way into force: proposed, signed, active by quorum, and ended.
import { MalformedError, VerificationError } from '../../core/error.ts';
import { bytesEqual, encodeDsseEnvelope, printable, type EnvelopeSignature } from '../../core/encoding/index.ts';
import {
  countSignatures,
  goldenPayloadType,
  parseGolden,
  readGoldenAhead,
  type AuthorisedSigner,
  type ClaimedGolden,
  type CountedSignature,
  type GoldenStatement,
} from '../../core/golden/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { ownTurn } from '../own-turn.ts';
import type { GoldenDecision, GoldenRecord, Weighed } from '../storage/index.ts';
import type { Passage } from '../what-if/protection.ts';
import { refuseBroughtBack } from './brought-back.ts';
import { nameOfGolden } from './golden-name.ts';
import { envelopeOf } from './envelope.ts';
import { authorisedSigner } from './trust-cache.ts';

export interface GoldenView {
  readonly record: GoldenRecord;
  /** Undefined when the stored row is damaged. */
  readonly statement: GoldenStatement | undefined;
  readonly signatures: readonly CountedSignature[];
}

export interface Envelope {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly EnvelopeSignature[];
}

/** Who proposes or signs, and what that was weighed under. */
export interface GoldenMaker extends Weighed {
  readonly actor: string;
}

/** Takes in an envelope. Only signatures of authorised signers are kept; there must be one at least.
 * @throws MalformedError as parseGolden; ServerError GOLDEN_MEASUREMENT_SIGNER_UNKNOWN, GOLDEN_MEASUREMENT_ENDED,
 * GOLDEN_REVOKED_EVENTS */
export async function proposeGolden(
  context: ServerContext,
  envelope: Envelope,
  { actor, revision }: GoldenMaker,
): Promise<GoldenView> {
  const bytes = encodeDsseEnvelope(envelope);
  await readGoldenAhead(bytes, ownTurn);
  const claimed = parseGolden(bytes);
  const at = context.now();
  const { notAfter, layer } = claimed.untrustedStatement;
  if (notAfter !== undefined && notAfter <= at) {
    throw new VerificationError('GOLDEN_EXPIRED', `held until ${notAfter.toISOString()}`);
  }
  await refuseBroughtBack(context, { id: claimed.id, statement: claimed.untrustedStatement });
  const signers = await readSigners(context);
  const valid = claimed.signatures.filter(
    (signature) => countSignatures({ ...claimed, signatures: [signature] }, signers).length > 0,
  );
  if (valid.length === 0) throw new ServerError('GOLDEN_MEASUREMENT_SIGNER_UNKNOWN');
  const saved = await context.store.saveGolden(
    {
      id: claimed.id,
      layer,
      name: nameOfGolden(claimed.untrustedStatement),
      payload: claimed.payload,
      signatures: valid.map(({ untrustedKeyid, sig }) => ({ keyid: untrustedKeyid, sig })),
      at: at.getTime(),
      revision,
    },
    (golden, before) => decide(golden, before, { claimed, signers, context, actor }),
  );
  if (saved === 'ended') throw new ServerError('GOLDEN_MEASUREMENT_ENDED');
  return viewStored(saved, claimed, signers);
}

/** Adds one signature to a golden measurement that is stored.
 * @throws ServerError GOLDEN_MEASUREMENT_NOT_FOUND, and as proposeGolden */
export async function signGolden(
  context: ServerContext,
  { id, signature, ...maker }: GoldenMaker & { readonly id: string; readonly signature: EnvelopeSignature },
): Promise<GoldenView> {
  const { payload } = await findGolden(context, id);
  return proposeGolden(context, { payloadType: goldenPayloadType, payload, signatures: [signature] }, maker);
}

export interface GoldenEnd {
  readonly id: string;
  readonly state: 'retired' | 'revoked';
  readonly reason: string;
  readonly cve: string | undefined;
  readonly actor: string;
}

/** Retires or revokes. What is retired may still be revoked.
 * @throws ServerError GOLDEN_MEASUREMENT_NOT_FOUND, GOLDEN_MEASUREMENT_ENDED */
export async function endGolden(
  context: ServerContext,
  end: GoldenEnd,
  { revision, details }: Passage,
): Promise<GoldenView> {
  const { id, state, reason, cve, actor } = end;
  const { layer } = await findGolden(context, id);
  const outcome = await context.store.endGolden(id, {
    state,
    reason: printable(reason, 1024),
    cve,
    revision,
    audit: {
      at: context.now().getTime(),
      actor,
      action: `golden.${state}`,
      subject: id,
      details: { layer, reason: printable(reason, 1024), cve: cve ?? null, ...details },
    },
  });
  if (outcome === 'ended') throw new ServerError('GOLDEN_MEASUREMENT_ENDED');
  return viewGolden(await findGolden(context, id), await readSigners(context));
}

/** @throws ServerError GOLDEN_MEASUREMENT_NOT_FOUND */
export async function findGolden(context: ServerContext, id: string): Promise<GoldenRecord> {
  const golden = await context.store.findGolden(id);
  if (golden === undefined) throw new ServerError('GOLDEN_MEASUREMENT_NOT_FOUND', `no golden measurement ${id}`);
  return golden;
}

/** A stored golden measurement with the signatures that count today. */
export async function viewGolden(record: GoldenRecord, signers: readonly AuthorisedSigner[]): Promise<GoldenView> {
  const envelope = envelopeOf(record);
  await readGoldenAhead(envelope, ownTurn);
  return viewClaimed(record, readStored(envelope), signers);
}

function viewClaimed(
  record: GoldenRecord,
  claimed: ClaimedGolden | undefined,
  signers: readonly AuthorisedSigner[],
): GoldenView {
  return {
    record,
    statement: claimed?.untrustedStatement,
    signatures: claimed === undefined ? [] : countSignatures(claimed, signers),
  };
}

/** The same of one that was just read from the very bytes: a statement with the files of a host is read once for each change. */
function viewStored(record: GoldenRecord, claimed: ClaimedGolden, signers: readonly AuthorisedSigner[]): GoldenView {
  if (!bytesEqual(record.payload, claimed.payload)) return viewClaimed(record, readStored(envelopeOf(record)), signers);
  const signatures = record.signatures.map(({ sig, keyid }) =>
    keyid === undefined ? { sig } : { untrustedKeyid: keyid, sig },
  );
  return {
    record,
    statement: claimed.untrustedStatement,
    signatures: countSignatures({ ...claimed, signatures }, signers),
  };
}

export async function readSigners({ store }: Pick<ServerContext, 'store'>): Promise<readonly AuthorisedSigner[]> {
  return (await store.listSigners()).map(authorisedSigner);
}

/** One damaged row must not hide the others. */
function readStored(envelope: Uint8Array): ClaimedGolden | undefined {
  try {
    return parseGolden(envelope);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

interface Decider {
  readonly claimed: ClaimedGolden;
  readonly signers: readonly AuthorisedSigner[];
  readonly context: Pick<ServerContext, 'config' | 'now'>;
  readonly actor: string;
}

/** `before`: without the new signatures. It may be stored as active and have lapsed: a key was taken away, or the quorum raised. */
function decide(
  golden: GoldenRecord,
  before: GoldenRecord,
  { claimed, signers, context, actor }: Decider,
): GoldenDecision {
  const { signatures: counted, statement } = viewStored(golden, claimed, signers);
  const { goldenQuorum } = context.config;
  const accepted = statement?.acceptsRevoked?.map(({ id, reason }) => `${id}: ${printable(reason, 1024)}`);
  const isActive = counted.length >= goldenQuorum;
  const wasActive = before.state === 'active' && viewStored(before, claimed, signers).signatures.length >= goldenQuorum;
  const action = isActive && !wasActive ? 'golden.activated' : 'golden.signed';
  return {
    state: isActive ? 'active' : 'proposed',
    audit: {
      at: context.now().getTime(),
      actor,
      action,
      subject: golden.id,
      details: {
        layer: golden.layer,
        signers: counted.map(({ signer }) => signer),
        quorum: goldenQuorum,
        ...(accepted === undefined ? {} : { acceptsRevoked: accepted }),
      },
    },
  };
}
