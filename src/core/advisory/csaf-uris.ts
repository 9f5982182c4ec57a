// What CSAF has no field for, as URIs of our namespace among a product's `x_generic_uris`. [CSAF §3.1.3.3.8]
//   sbat:shim,4 · certificate:sha256:… · authenticode:sha256:… (one image, in each bank that is told)
import { digestSizes, type HashAlgorithm } from '../crypto/index.ts';
import { decodeHex, printable, type Field } from '../encoding/index.ts';
import type { Denied } from '../deny/index.ts';

const uriNamespace = 'https://touchstone.dev/deny-list/v1';

export interface ReadUris {
  readonly denies: readonly Denied[];
  readonly unread: readonly string[];
}

export function readUris(list: Field): ReadUris {
  const denies: Denied[] = [];
  const unread: string[] = [];
  const image = new Map<HashAlgorithm, Uint8Array>();
  for (const item of list.array(1000)) {
    const { namespace, uri } = item.some('namespace', 'uri');
    const text = uri.text(1024);
    if (namespace.text(1024) !== uriNamespace) {
      unread.push(`${printable(text, 128)}: of another namespace`);
      continue;
    }
    const digest = readDigest(text);
    const sbat = /^sbat:([A-Za-z0-9._-]{1,64}),([1-9]\d{0,8})$/.exec(text);
    if (sbat !== null) denies.push({ kind: 'sbat', component: sbat[1] ?? '', below: Number(sbat[2]) });
    else if (digest?.kind === 'authenticode' && !image.has(digest.bank)) image.set(digest.bank, decodeHex(digest.hex));
    else if (digest?.kind === 'certificate' && digest.bank === 'sha256')
      denies.push({ kind: 'certificate', sha256: digest.hex }); // prettier-ignore
    else uri.fail('sbat:, certificate:sha256: or authenticode:', 'is another, or a second one');
  }
  if (image.size > 0) denies.push({ kind: 'measurement', digests: image });
  return { denies, unread };
}

function readDigest(text: string): { kind: string; bank: 'sha256' | 'sha384' | 'sha512'; hex: string } | undefined {
  const [, kind = '', bank, hex = ''] = /^([a-z]+):(sha256|sha384|sha512):([0-9a-f]+)$/.exec(text) ?? [];
  if (bank !== 'sha256' && bank !== 'sha384' && bank !== 'sha512') return undefined;
  return hex.length === digestSizes[bank] * 2 ? { kind, bank, hex } : undefined;
}
