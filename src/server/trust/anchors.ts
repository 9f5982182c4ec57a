// Trust anchors: the roots that EK certificates must lead to.
import { encodeUtf8, printable } from '../../core/encoding/index.ts';
import { verifyAnchorBundle } from '../../core/anchor-bundle/index.ts';
import { hashHex } from '../../core/crypto/index.ts';
import { parseCertificate, parseTrustAnchors, type AnchorScope, type Certificate } from '../../core/x509/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { readSigners } from '../golden/approve.ts';
import type { AnchorRecord } from '../storage/index.ts';
import type { Passage } from '../what-if/protection.ts';

export interface AnchorView {
  readonly record: AnchorRecord;
  readonly certificate: Certificate;
}

export interface AnchorRequest {
  readonly name: string;
  readonly pem: string;
  readonly scope: AnchorScope;
  readonly revocation: 'if-present' | 'require';
  /** Known from now on, and trusted once an operator activates it. */
  readonly staged: boolean;
}

/** @throws ServerError TRUST_ANCHOR_EXISTS, TRUST_ANCHOR_UNSUITABLE; MalformedError X509_* */
export async function addAnchor(context: ServerContext, request: AnchorRequest, actor: string): Promise<AnchorView> {
  const [anchor, ...others] = parseTrustAnchors(encodeUtf8(request.pem), request.name, request.scope);
  if (anchor === undefined || others.length > 0) throw new ServerError('TRUST_ANCHOR_UNSUITABLE');
  const { certificate } = anchor;
  const at = context.now().getTime();
  const id = hashHex('sha256', certificate.der);
  const record: AnchorRecord = {
    id,
    name: request.name,
    scope: request.scope,
    certificate: certificate.der,
    revocation: request.revocation,
    staged: request.staged,
    createdAt: at,
    withdrawn: undefined,
  };
  const isNew = await context.store.addAnchor(record, {
    at,
    actor,
    action: request.staged ? 'trust-anchor.staged' : 'trust-anchor.added',
    subject: request.name,
    details: { certificate: id, scope: request.scope, subject: certificate.subject, revocation: request.revocation },
  });
  if (!isNew) throw new ServerError('TRUST_ANCHOR_EXISTS');
  return { record, certificate };
}

export interface ImportedBundle {
  readonly sequence: number;
  readonly signers: readonly string[];
  readonly added: readonly AnchorView[];
  /** Those that the server had: trusted, staged, or withdrawn by an operator, whose word stands. */
  readonly known: number;
}

/** Adds the anchors of a bundle that a quorum of operators signed, and that is newer than the last one.
 * @throws MalformedError, VerificationError as verifyAnchorBundle; ServerError TRUST_ANCHOR_BUNDLE_OLD */
export async function importAnchorBundle(
  context: ServerContext,
  { envelope, staged, actor }: { readonly envelope: Uint8Array; readonly staged: boolean; readonly actor: string },
): Promise<ImportedBundle> {
  const { config, store } = context;
  const approved = verifyAnchorBundle(envelope, { signers: await readSigners(context), quorum: config.goldenQuorum });
  const { sequence, madeAt, anchors } = approved.bundle;
  const at = context.now().getTime();
  const signers = approved.signatures.map(({ signer }) => signer);
  const records = anchors.map((anchor) => ({
    record: {
      id: hashHex('sha256', anchor.certificate.der),
      name: anchor.name,
      scope: anchor.scope,
      certificate: anchor.certificate.der,
      revocation: anchor.revocation,
      staged,
      createdAt: at,
      withdrawn: undefined,
    },
    details: { subject: anchor.certificate.subject, source: anchor.source, takenAt: anchor.takenAt.toISOString() },
  }));
  const added = await store.importAnchorBundle(sequence, records, {
    at,
    actor,
    action: 'trust-anchor-bundle.imported',
    subject: String(sequence),
    details: { madeAt: madeAt.toISOString(), signers, anchors: anchors.length, staged },
  });
  if (added === 'older') throw new ServerError('TRUST_ANCHOR_BUNDLE_OLD', `the bundle has sequence number ${sequence}`);
  const views = added.map((record) => ({ record, certificate: parseCertificate(record.certificate) }));
  return { sequence, signers, added: views, known: anchors.length - added.length };
}

/** Trusts an anchor that was staged.
 * @throws ServerError TRUST_ANCHOR_NOT_STAGED */
export async function activateAnchor({ store, now }: ServerContext, id: string, actor: string): Promise<void> {
  const audit = { at: now().getTime(), actor, action: 'trust-anchor.added', subject: id, details: { staged: true } };
  if (!(await store.activateAnchor(id, audit))) throw new ServerError('TRUST_ANCHOR_NOT_STAGED');
}

/** Ends the trust in an anchor: whoever it vouched for has to find another at the next attestation.
 * @throws ServerError TRUST_ANCHOR_NOT_FOUND */
export async function withdrawAnchor(
  context: ServerContext,
  { id, reason }: { readonly id: string; readonly reason: string },
  { actor, passage }: { readonly actor: string; readonly passage: Passage },
): Promise<number> {
  const at = context.now().getTime();
  const text = printable(reason, 1024);
  const details = { reason: text, ...passage.details };
  const audit = { at, actor, action: 'trust-anchor.withdrawn', subject: id, details };
  const hosts = await context.store.withdrawAnchor(id, { reason: text, audit, revision: passage.revision });
  if (hosts === undefined) throw new ServerError('TRUST_ANCHOR_NOT_FOUND', `no trusted anchor ${id}`);
  return hosts;
}

export async function listAnchors({ store }: ServerContext): Promise<readonly AnchorView[]> {
  return (await store.listAnchors()).map((record) => ({ record, certificate: parseCertificate(record.certificate) }));
}
