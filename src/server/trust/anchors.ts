// Trust anchors: the roots that EK certificates must lead to.
import { encodeHex, encodeUtf8, printable } from '../../core/encoding/index.ts';
import { hash } from '../../core/crypto/index.ts';
import { parseCertificate, parseTrustAnchors, type AnchorScope, type Certificate } from '../../core/x509/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { AnchorRecord } from '../storage/index.ts';

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
  const id = encodeHex(hash('sha256', certificate.der));
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
  { id, reason, actor }: { readonly id: string; readonly reason: string; readonly actor: string },
): Promise<number> {
  const at = context.now().getTime();
  const details = { reason: printable(reason, 1024) };
  const audit = { at, actor, action: 'trust-anchor.withdrawn', subject: id, details };
  const hosts = await context.store.withdrawAnchor(id, { reason, audit });
  if (hosts === undefined) throw new ServerError('TRUST_ANCHOR_NOT_FOUND', `no trusted anchor ${id}`);
  return hosts;
}

export async function listAnchors({ store }: ServerContext): Promise<readonly AnchorView[]> {
  return (await store.listAnchors()).map((record) => ({ record, certificate: parseCertificate(record.certificate) }));
}
