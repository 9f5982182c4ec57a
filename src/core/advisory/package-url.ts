// Package URLs: `pkg:type/namespace/name@version?qualifiers#subpath`. [PURL]
import { printable } from '../encoding/index.ts';

export interface PackageUrl {
  /** In lower case. */
  readonly type: string;
  /** Segments joined by `/`; empty where there is none. */
  readonly namespace: string;
  readonly name: string;
  readonly version?: string;
  readonly qualifiers: ReadonlyMap<string, string>;
}

const maximumLength = 1024;

/** `undefined` for what is none: advisories name packages in other ways too. [PURL] */
export function parsePackageUrl(text: string): PackageUrl | undefined {
  if (text.length > maximumLength || !/^pkg:/i.test(text)) return undefined;
  const [withQuery = ''] = text.slice(4).split('#', 1);
  const question = withQuery.indexOf('?');
  const path = question < 0 ? withQuery : withQuery.slice(0, question);
  const query = question < 0 ? '' : withQuery.slice(question + 1);
  // A version may hold no bare `@` or `/`; a scope's `@` stands before a slash.
  const at = path.lastIndexOf('@') > path.lastIndexOf('/') ? path.lastIndexOf('@') : path.length;
  const [type = '', ...segments] = path
    .slice(0, at)
    .split('/')
    .filter((segment) => segment !== '');
  const decoded = segments.map(decodePercent);
  const version = at < path.length ? decodePercent(path.slice(at + 1)) : undefined;
  const qualifiers = readQualifiers(query);
  const name = decoded.pop();
  if (!/^[A-Za-z][A-Za-z0-9.+-]*$/.test(type) || name === undefined || name === '') return undefined;
  if (decoded.includes(undefined) || qualifiers === undefined) return undefined;
  if (at < path.length && (version === undefined || version === '')) return undefined;
  return {
    type: type.toLowerCase(),
    namespace: decoded.join('/').toLowerCase(),
    name,
    ...(version === undefined ? {} : { version }),
    qualifiers,
  };
}

/** Without version and qualifiers, for people. */
export function describePackage({ type, namespace, name }: PackageUrl): string {
  return printable(`pkg:${type}/${namespace === '' ? '' : `${namespace}/`}${name}`, 256);
}

/** `undefined` when one of them cannot be decoded, or stands there twice. */
function readQualifiers(query: string): ReadonlyMap<string, string> | undefined {
  const qualifiers = new Map<string, string>();
  for (const part of query.split('&').filter((each) => each !== '')) {
    const equals = part.indexOf('=');
    const key = part.slice(0, Math.max(equals, 0)).toLowerCase();
    const value = decodePercent(part.slice(equals + 1));
    if (equals < 1 || value === undefined || qualifiers.has(key)) return undefined;
    qualifiers.set(key, value);
  }
  return qualifiers;
}

/** `undefined` for what is no UTF-8 in percent signs. */
export function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
