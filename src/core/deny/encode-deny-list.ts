// The bytes that signers sign: one spelling for one list. [RFC8785]
import { canonicalJson, encodeHex, type JsonValue } from '../encoding/index.ts';
import { denyListType, type Denied, type DenyEntry, type DenyList } from './deny-list.ts';
import { parseDenyList } from './parse-deny-list.ts';

/** @throws MalformedError DENY_LIST_INVALID: nothing that could not be read again is ever written */
export function encodeDenyList({ name, version, issuedAt, nextIssue, entries }: DenyList): Uint8Array {
  const payload = canonicalJson({
    _type: denyListType,
    name,
    version,
    issuedAt: issuedAt.toISOString(),
    ...(nextIssue === undefined ? {} : { nextIssue: nextIssue.toISOString() }),
    entries: entries.map(encodeEntry),
  });
  parseDenyList(payload);
  return payload;
}

function encodeEntry({ id, reason, cves, source, until, denies }: DenyEntry): JsonValue {
  return {
    id,
    reason,
    ...(cves.length === 0 ? {} : { cves }),
    ...(source === undefined ? {} : { source }),
    ...(until === undefined ? {} : { until: until.toISOString() }),
    denies: { [denies.kind]: encodeDenied(denies) },
  };
}

/** The value under `denies` of a deny list, without its kind: a shape for each. */
export function encodeDenied(denied: Denied): JsonValue {
  switch (denied.kind) {
    case 'measurement': {
      const digests = Object.fromEntries([...denied.digests].map(([bank, value]) => [bank, encodeHex(value)]));
      return { digests, ...(denied.pcr === undefined ? {} : { pcr: denied.pcr }) };
    }
    case 'certificate':
    case 'endorsement':
      return denied.sha256;
    case 'sbat':
      return { component: denied.component, below: denied.below };
    case 'firmware-version':
      return denied.version;
    case 'golden':
      return denied.id;
    case 'golden-subject':
      return { layer: denied.layer, name: denied.name };
  }
}
