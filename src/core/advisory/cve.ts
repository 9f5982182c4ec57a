// CVE ids among the ids of an advisory.
import type { Field } from '../encoding/index.ts';

const maximumCves = 64;

/** The CVE ids among `ids`, each once; at most 64. */
export function readCves(ids: readonly Field[]): readonly string[] {
  const texts = ids.map((field) => field.text(200));
  return [...new Set(texts)].filter((text) => /^CVE-\d{4}-\d{4,19}$/.test(text)).slice(0, maximumCves);
}
