// An OSV record: one vulnerability, and the packages that have it. [OSV]
//
// Versions of a package are held against golden measurements that name the package. What a boot log shows by itself (digests,
// SBAT generations, firmware versions) OSV has no field for: who keeps a feed of their own writes it, in the words of a deny
// list, into `database_specific.touchstone`.
import { VerificationError } from '../error.ts';
import { readDenied, type Denied } from '../deny/index.ts';
import type { Field } from '../encoding/index.ts';
import type { Advisory } from './advisory.ts';
import { readCves } from './cve.ts';
import { readOsvPackage } from './osv-package.ts';

const knownVersions = /^1\.[0-7](\.\d{1,4})?$/;
const maximumDenied = 1000;

/** What may stand in a record, so that nothing in it goes unread. */
const members = [
  'schema_version',
  'id',
  'modified',
  'published',
  'withdrawn',
  'aliases',
  'upstream',
  'related',
  'summary',
  'details',
  'severity',
  'affected',
  'references',
  'credits',
  'database_specific',
] as const;

/** @throws VerificationError ADVISORY_VERSION_UNKNOWN; MalformedError ADVISORY_INVALID */
export function readOsv(root: Field): Advisory {
  // The version first: what a record of another one means is not known.
  const version = root.some('schema_version').schema_version.optional((field) => field.text(32)) ?? '1.0.0';
  if (!knownVersions.test(version)) throw new VerificationError('ADVISORY_VERSION_UNKNOWN', `OSV ${version}`);
  const record = root.object(...members);
  const id = record.id.text(200);
  const told = record.summary.optional((field) => field.words(900));
  const cves = readCves([record.id, ...listOf(record.aliases, 1000), ...listOf(record.upstream, 1000)]);
  const claim = { cves, reason: told === undefined ? id : `${id}: ${told}` };
  const packages = listOf(record.affected, 20_000).map((field) => readOsvPackage(field, readOwn));
  const denied = [...(record.database_specific.optional(readOwn) ?? []), ...packages.flatMap(({ denies }) => denies)];
  const found = packages.flatMap(({ affected }) => affected);
  const advisory = { format: 'osv', id, source: `OSV ${id}, modified ${record.modified.text(64)}` } as const;
  if (record.withdrawn.isPresent) return { ...advisory, claims: [], leftOut: ['its publisher has withdrawn it'] };
  return {
    ...advisory,
    claims: [
      ...denied.map((denies) => ({ ...claim, affected: { kind: 'denied', denies } as const })),
      ...found.map((affected) => ({ ...claim, affected })),
    ],
    leftOut: packages.flatMap(({ leftOut }) => leftOut),
  };
}

/** `touchstone.denies` of a `database_specific`: what else stands there is its publisher's. */
function readOwn(field: Field): readonly Denied[] {
  const { touchstone } = field.some('touchstone');
  return touchstone.optional((own) => own.object('denies').denies.array(maximumDenied).map(readDenied)) ?? [];
}

function listOf(field: Field, limit: number): readonly Field[] {
  return field.optional((list) => list.array(limit)) ?? [];
}
