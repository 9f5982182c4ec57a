// Security advisories of others (OSV, CSAF), and what of them a deny list can say: a proposal, trusted by nobody.
// parse -> Advisory -> draft (with golden measurements and files at hand) -> entries of a deny list, and what is left out.
export type { Advisory } from './advisory.ts';
export type { NamedGolden } from './affected-goldens.ts';
export { draftEntries, type Artefact, type DraftEntries } from './draft-entries.ts';
export { parsePackageUrl } from './package-url.ts';
export { parseAdvisory } from './parse-advisory.ts';
