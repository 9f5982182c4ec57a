// Which other hosts show the same. Of a fleet that lost trust at once that is nearly all of it.
import { findingKey } from '../../core/appraisal/index.ts';
import type { Finding } from '../../core/verdict/index.ts';
import type { ServerContext } from '../context.ts';
import { readHosts } from '../fleet/walk-fleet.ts';

/** For each key, the other hosts whose last verdict has such a finding, ascending. */
type Company = ReadonlyMap<string, ReadonlySet<string>>;

export async function findCompany(
  context: Pick<ServerContext, 'store'>,
  hostId: string,
  keys: ReadonlySet<string>,
): Promise<Company> {
  const company = new Map([...keys].map((key) => [key, new Set<string>()]));
  if (keys.size === 0) return company;
  for await (const { host, verdict } of readHosts(context)) {
    if (host.hostId === hostId || host.state !== 'active' || verdict === undefined) continue;
    for (const finding of verdict.verdict.findings) company.get(findingKey(finding))?.add(host.hostId);
  }
  return company;
}

/** Of what only counts files that nobody approved: hosts on which it counts all of these. */
export function othersWith(finding: Finding, all: readonly Finding[], company: Company): readonly string[] {
  const withIt = (each: Finding): ReadonlySet<string> => company.get(findingKey(each)) ?? new Set();
  const counted = finding.code === 'RUNTIME_DIVERGED' ? all.filter(({ code }) => namedFiles.has(code)) : [];
  return [...withIt(finding)].filter((host) => counted.every((file) => withIt(file).has(host)));
}

const namedFiles: ReadonlySet<string> = new Set(['RUNTIME_FILE_REFUSED', 'RUNTIME_VIOLATION']);
