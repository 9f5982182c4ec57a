// Goldens, signers, policies and trust anchors in force, proved again from what is stored each time any of them changes. The database is not
// trusted for approval: a golden whose stored signatures do not reach the quorum is not in force, whatever its state says.
import { AttestationError } from '../../core/error.ts';
import { parsePolicy, type AppraisalPolicy } from '../../core/appraisal/index.ts';
import { encodeUtf8 } from '../../core/encoding/index.ts';
import { parseDenyEnvelope, readDenyEnvelopeAhead, type DenyList, type DenyRules } from '../../core/deny/index.ts';
import { nameGoldenFile } from '../../core/evidence-bundle/index.ts';
import { hashHex, publicKeyFromPem } from '../../core/crypto/index.ts';
import type { Layer } from '../../core/event-log/index.ts';
import {
  readGoldenAhead,
  verifyApproval,
  type ApprovedGolden,
  type AuthorisedSigner,
} from '../../core/golden/index.ts';
import {
  parseCertificate,
  parseCrlInPieces,
  type Certificate,
  type CertificateRevocationList,
  type TrustAnchor,
} from '../../core/x509/index.ts';
import { createTrustSnapshot } from '../evidence/snapshot.ts';
import type {
  AnchorRecord,
  DenyListRecord,
  HostSelector,
  PolicyRecord,
  RolloutRecord,
  SignerRecord,
  Snapshot,
  Store,
} from '../storage/index.ts';
import type { ServerLog } from '../telemetry/log.ts';
import { envelopeOf } from './envelope.ts';
import { readDenyRules } from './named-goldens.ts';

export interface PolicyInForce {
  readonly id: string;
  readonly hosts: HostSelector;
  /** Undefined when the stored document cannot be read: its hosts then have no policy, and are denied. */
  readonly policy: AppraisalPolicy | undefined;
}

export interface TrustInForce {
  readonly revision: number;
  readonly signers: readonly AuthorisedSigner[];
  /** Approved by a quorum. For which hosts they are in force, `rollouts` says: see `goldensFor`. */
  readonly goldens: readonly ApprovedGolden[];
  readonly rollouts: readonly RolloutRecord[];
  readonly policies: readonly PolicyInForce[];
  /** Roots that endorsements may lead to: neither staged nor withdrawn. */
  readonly anchors: readonly TrustAnchor[];
  /** Roots of makers of machines: they vouch for platform certificates, and for no TPM. */
  readonly platformAnchors: readonly TrustAnchor[];
  /** Authorities below them that hosts need not send. They help a path along, and are trusted for nothing. */
  readonly intermediates: readonly Certificate[];
  readonly revocationLists: readonly CertificateRevocationList[];
  /** Not removed. Proved by a quorum when they came; whoever is no signer any more does not end what is denied. */
  readonly denyLists: readonly DenyList[];
  /** Undefined where nothing is denied. */
  readonly denied: DenyRules | undefined;
  /** All of it as it came, for whoever appraises again later. */
  readonly snapshot: () => Snapshot;
}

export interface TrustCache {
  /** What is in force now. Costs one read of the revision unless something changed. */
  current(): Promise<TrustInForce>;
  /** The same, with the revision as another view of the store says it. */
  through(store: Pick<Store, 'trustRevision'>): TrustCache;
  /** A revocation list that may come to be in force, or is: read once, in pieces, for all who hold what it gives.
   * @throws AttestationError X509_CRL_*, X509_EXTENSION_* */
  readList(bytes: Uint8Array): Promise<CertificateRevocationList>;
}

export interface TrustCacheOptions {
  readonly store: Store;
  readonly quorum: number;
  readonly log: ServerLog;
}

export function createTrustCache(options: TrustCacheOptions): TrustCache {
  const proved = {
    goldens: createKept<Promise<ApprovedGolden>>(),
    lists: createListReader(),
    denyLists: createKept<Promise<DenyList>>(),
  };
  let kept: TrustInForce | undefined;
  let loading: { readonly revision: number; readonly trust: Promise<TrustInForce> } | undefined;
  /** Whoever asks for a revision that is being read waits for that: a fleet that attests finds a change all at once. */
  const load = async (revision: number): Promise<TrustInForce> => {
    if (loading?.revision !== revision) loading = { revision, trust: loadTrust(revision, options, proved) };
    const mine = loading;
    try {
      return (kept = await mine.trust);
    } finally {
      if (loading === mine) loading = undefined;
    }
  };
  const through = (store: Pick<Store, 'trustRevision'>): TrustCache => ({
    current: async () => {
      const revision = await store.trustRevision();
      return kept?.revision === revision ? kept : load(revision);
    },
    through,
    readList: proved.lists,
  });
  return through(options.store);
}

/** What was made of bytes the last time, by their SHA-256. */
interface Kept<T> {
  /** Begins anew: what is not asked for until the next time is forgotten. `beside` is what all of it follows from too, in one text. */
  renew(beside?: string): (bytes: Uint8Array, make: () => T) => T;
}

function createKept<T>(): Kept<T> {
  let latest: ReadonlyMap<string, T> = new Map();
  return {
    renew: (beside = '') => {
      const earlier = latest;
      const current = new Map<string, T>();
      latest = current;
      const besides = hashHex('sha256', encodeUtf8(beside));
      return (bytes, make) => {
        const name = `${hashHex('sha256', bytes)} ${besides}`;
        const value = earlier.get(name) ?? make();
        current.set(name, value);
        return value;
      };
    },
  };
}

interface Proved {
  readonly goldens: Kept<Promise<ApprovedGolden>>;
  readonly lists: ListReader;
  readonly denyLists: Kept<Promise<DenyList>>;
}

/** What is read here may be newer than `revision`, never older: the next look then reads it once more. Of what was proved or read the last
 * time, and has the same bytes still, nothing is proved or read again: it is most of it, and large. */
async function loadTrust(revision: number, options: TrustCacheOptions, proved: Proved): Promise<TrustInForce> {
  const { store, log } = options;
  const signers = await store.listSigners();
  const authorised = signers.map(authorisedSigner);
  const approved = await proveGoldens(authorised, proved.goldens.renew(JSON.stringify(signers)), options);
  const policies = (await store.listPolicies()).map((record) => ({ record, inForce: readPolicy(record, log) }));
  const anchors = (await store.listAnchors()).filter(({ withdrawn, staged }) => withdrawn === undefined && !staged);
  const readable = anchors.flatMap((record) => readAnchor(record, log));
  const lists = (await store.listRevocationLists()).map(({ list }) => list);
  const denyRecords = (await store.listDenyLists()).filter(({ removed }) => removed === undefined);
  const denyLists = await readDenyLists(denyRecords, proved.denyLists.renew());
  const { denied, named } = await readDenyRules(store, denyLists, { known: approved, pause: nextTurn });
  const intermediates = (await store.listIntermediates()).map(({ certificate }) => certificate);
  const revocationLists = await readRevocationLists(lists, proved.lists);
  const snapshot = await createTrustSnapshot(
    {
      signers: signers.map(({ layers, ...signer }) => ({ ...signer, layers: layers as Layer[] | undefined })),
      goldens: approved.map(({ envelope }) => envelope),
      denyLists: denyRecords.map(({ envelope }) => envelope),
      namedGoldens: named.map(({ envelope }) => envelope),
      anchors: readable.map(({ certificate, revocation = 'if-present', ...anchor }) => {
        return { ...anchor, revocation, certificate: certificate.der };
      }),
      intermediates,
      // The same arrays as long as the same lists are in force.
      revocationLists: revocationLists.map(({ der }) => der),
      policies: policies
        .filter(({ inForce }) => inForce.policy !== undefined)
        .map(({ record: { id, version, document } }) => ({ ...document, id, version })),
    },
    nextTurn,
  );
  return {
    revision,
    signers: authorised,
    goldens: approved.map(({ golden }) => golden),
    rollouts: await store.listRollouts(),
    policies: policies.map(({ inForce }) => inForce),
    anchors: readable.filter(({ scope }) => scope !== 'platform'),
    platformAnchors: readable.filter(({ scope }) => scope === 'platform'),
    intermediates: intermediates.map(parseCertificate),
    revocationLists,
    denyLists,
    denied,
    snapshot,
  };
}

type ListReader = TrustCache['readList'];

/** Whoever imports a list has read it, and holds it until it is in force: the largest takes seconds, and everybody waits for trust. */
function createListReader(): ListReader {
  const held = new Map<string, WeakRef<CertificateRevocationList>>();
  return async (bytes) => {
    const name = hashHex('sha256', bytes);
    const known = held.get(name)?.deref();
    if (known !== undefined) return known;
    const list = await parseCrlInPieces(bytes, nextTurn);
    for (const [other, reference] of held) if (reference.deref() === undefined) held.delete(other);
    held.set(name, new WeakRef(list));
    return list;
  };
}

async function readRevocationLists(
  lists: readonly Uint8Array[],
  readList: ListReader,
): Promise<readonly CertificateRevocationList[]> {
  const read: CertificateRevocationList[] = [];
  for (const list of lists) {
    await nextTurn();
    read.push(await readList(list));
  }
  return read;
}

/** Requests that need none of what is read go on between two pieces of it. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Active golden measurements that a quorum of these signers approved, each with its envelope. Whether one holds at an attestation is asked then. */
async function proveGoldens(
  signers: readonly AuthorisedSigner[],
  approveOnce: ReturnType<Kept<Promise<ApprovedGolden>>['renew']>,
  { store, quorum, log }: TrustCacheOptions,
): Promise<readonly { readonly golden: ApprovedGolden; readonly envelope: Uint8Array }[]> {
  const approved: { golden: ApprovedGolden; envelope: Uint8Array }[] = [];
  for (const record of await store.listGoldensByState('active')) {
    await nextTurn();
    try {
      const envelope = envelopeOf(record);
      const golden = await approveOnce(envelope, async () => {
        await readGoldenAhead(envelope, nextTurn);
        return verifyApproval(envelope, { signers, quorum });
      });
      nameGoldenFile(envelope, { id: golden.id, layer: golden.statement.layer });
      approved.push({ golden, envelope });
    } catch (error) {
      if (!(error instanceof AttestationError)) throw error;
      log.error(
        { golden: record.id, code: error.code },
        'an active golden measurement is not approved and not in force',
      );
    }
  }
  return approved;
}

/** One that cannot be read is a failure, and no appraisal ends: to go on without it would trust what it denies. */
async function readDenyLists(
  records: readonly DenyListRecord[],
  readOnce: ReturnType<Kept<Promise<DenyList>>['renew']>,
): Promise<readonly DenyList[]> {
  const lists: DenyList[] = [];
  for (const { envelope } of records) lists.push(await readOnce(envelope, () => readDenyList(envelope)));
  return lists;
}

async function readDenyList(envelope: Uint8Array): Promise<DenyList> {
  await readDenyEnvelopeAhead(envelope, nextTurn);
  return parseDenyEnvelope(envelope).untrustedList;
}

/** One that cannot be read vouches for nobody, and keeps nobody else from vouching. */
function readAnchor(
  { id, name, scope, revocation, certificate }: AnchorRecord,
  log: ServerLog,
): readonly TrustAnchor[] {
  try {
    return [{ name, scope, revocation, certificate: parseCertificate(certificate) }];
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    log.error({ anchor: id, code: error.code }, 'a stored trust anchor cannot be read; it vouches for nobody');
    return [];
  }
}

export function authorisedSigner({ name, publicKeyPem, layers }: SignerRecord): AuthorisedSigner {
  const publicKey = publicKeyFromPem(publicKeyPem);
  return layers === undefined ? { name, publicKey } : { name, publicKey, layers: layers as readonly Layer[] };
}

function readPolicy({ id, version, document, hosts }: PolicyRecord, log: ServerLog): PolicyInForce {
  try {
    return { id, hosts, policy: parsePolicy({ ...document, id, version }) };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    log.error({ policy: id, code: error.code }, 'a stored policy cannot be read; its hosts are denied');
    return { id, hosts, policy: undefined };
  }
}
