// Trust anchors: the roots that EK certificates must lead to.
import { encodeHex, encodeUtf8 } from '../../core/encoding/index.ts';
import { hash } from '../../core/crypto/index.ts';
import { parseCertificate, parseTrustAnchors, type Certificate } from '../../core/x509/index.ts';
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
  readonly scope: 'vendor' | 'virtual';
}

/** @throws ServerError TRUST_ANCHOR_EXISTS, TRUST_ANCHOR_UNSUITABLE; MalformedError X509_* */
export async function addAnchor(context: ServerContext, request: AnchorRequest, actor: string): Promise<AnchorView> {
  const [anchor, ...others] = parseTrustAnchors(encodeUtf8(request.pem), request.name, request.scope);
  if (anchor === undefined || others.length > 0) throw new ServerError('TRUST_ANCHOR_UNSUITABLE');
  const { certificate } = anchor;
  const at = context.now().getTime();
  const id = encodeHex(hash('sha256', certificate.der));
  const { name, scope } = request;
  const record: AnchorRecord = { id, name, scope, certificate: certificate.der, createdAt: at };
  const isNew = await context.store.addAnchor(record, {
    at,
    actor,
    action: 'trust-anchor.added',
    subject: name,
    details: { certificate: id, scope, subject: certificate.subject },
  });
  if (!isNew) throw new ServerError('TRUST_ANCHOR_EXISTS');
  return { record, certificate };
}

export async function listAnchors({ store }: ServerContext): Promise<readonly AnchorView[]> {
  return (await store.listAnchors()).map((record) => ({ record, certificate: parseCertificate(record.certificate) }));
}
