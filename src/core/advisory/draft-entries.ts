// From what advisories say to entries of a deny list: a proposal, which operators read, try and sign.
//
// A digest over a whole file shows where a boot measures whole files: what GRUB reads, in PCR 9. Firmware measures an EFI binary
// by its Authenticode digest, which leaves out checksum and signatures, and never by that of the file. So what an advisory
// says of an EFI binary is of use only with the binary at hand, from which the other digest is made.
import { bytesEqual, canonicalJson, decodeUtf8, printable } from '../encoding/index.ts';
import { encodeDenied, type Denied, type DenyEntry } from '../deny/index.ts';
import type { DigestSet } from '../golden/index.ts';
import type { Advisory, Affected } from './advisory.ts';
import { createGoldenIndex, type AffectedGoldens, type NamedGolden } from './affected-goldens.ts';

/** A file at hand: its digests, and those of the image it is. */
export interface Artefact {
  readonly file: DigestSet;
  /** Authenticode, where it is an EFI binary. */
  readonly image?: DigestSet;
}

export interface DraftMaterial {
  readonly goldens: readonly NamedGolden[];
  readonly artefacts: readonly Artefact[];
}

export interface DraftEntries {
  readonly entries: readonly DenyEntry[];
  /** What no entry says, each with its name and why. */
  readonly leftOut: readonly string[];
}

/** GRUB's file measurements. [GRUB] */
const filePcr = 9;

/** Adds to `base` what the advisories deny and it does not. */
export function draftEntries(
  advisories: readonly Advisory[],
  { goldens, artefacts }: DraftMaterial,
  base: readonly DenyEntry[] = [],
): DraftEntries {
  const findGoldens = createGoldenIndex(goldens);
  const ids = new Set(base.map(({ id }) => id));
  const known = new Set(base.map(keyOf));
  const entries = [...base];
  const leftOut = new Set<string>();
  for (const { id, source, claims, leftOut: unread } of advisories) {
    const note = (what: string): void => void leftOut.add(`${printable(id, 200)}: ${what}`);
    unread.forEach(note);
    if (claims.length + unread.length === 0) note('it names nothing that is affected');
    for (const { affected, cves, reason } of claims) {
      const { denied, unread: notDenied } = readAffected(affected, artefacts, findGoldens);
      notDenied.forEach(note);
      for (const denies of denied) {
        const entry = { reason: cut(reason, 1024), cves, source: cut(source, 512), denies };
        const key = keyOf(entry);
        if (!known.has(key)) entries.push({ id: nextId(id, ids), ...entry });
        known.add(key);
      }
    }
  }
  return { entries, leftOut: [...leftOut] };
}

interface ReadAffected {
  readonly denied: readonly Denied[];
  readonly unread: readonly string[];
}

function readAffected(
  affected: Affected,
  artefacts: readonly Artefact[],
  findGoldens: (asked: Extract<Affected, { kind: 'package' }>) => AffectedGoldens,
): ReadAffected {
  switch (affected.kind) {
    case 'denied':
      return { denied: [affected.denies], unread: [] };
    case 'package': {
      const { affected: found, unread } = findGoldens(affected);
      return { denied: found.map((id) => ({ kind: 'golden', id })), unread };
    }
    case 'file':
      return readFile(affected, artefacts);
  }
}

function readFile(
  { name, digests }: Extract<Affected, { kind: 'file' }>,
  artefacts: readonly Artefact[],
): ReadAffected {
  const artefact = artefacts.find(({ file }) => isSameFile(file, digests));
  const asFile = { kind: 'measurement', digests: artefact?.file ?? digests, pcr: filePcr } as const;
  if (artefact?.image !== undefined)
    return { denied: [{ kind: 'measurement', digests: artefact.image }, asFile], unread: [] };
  if (artefact === undefined && /\.efi$/i.test(name)) {
    return {
      denied: [],
      unread: [`digest of the file ${name}: firmware measures it by its Authenticode digest; give the file`],
    };
  }
  return { denied: [asFile], unread: [] };
}

/** Every digest that both have must agree, and there must be one. */
function isSameFile(file: DigestSet, digests: DigestSet): boolean {
  const both = [...digests].flatMap(([bank, value]) => {
    const own = file.get(bank);
    return own === undefined ? [] : [bytesEqual(own, value)];
  });
  return both.length > 0 && both.every((isEqual) => isEqual);
}

/** Two advisories that deny one thing for different reasons are two entries. */
function keyOf({ denies, cves }: Pick<DenyEntry, 'denies' | 'cves'>): string {
  return decodeUtf8(canonicalJson([denies.kind, encodeDenied(denies), [...cves].sort()]));
}

function nextId(advisory: string, taken: Set<string>): string {
  const stem = advisory.replace(/[^A-Za-z0-9._:-]/g, '-').replace(/^[^A-Za-z0-9]+/, '').slice(0, 100) || 'advisory'; // prettier-ignore
  let number = 1;
  while (taken.has(`${stem}.${number}`)) number += 1;
  taken.add(`${stem}.${number}`);
  return `${stem}.${number}`;
}

function cut(text: string, limit: number): string {
  return printable(text, limit).length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
