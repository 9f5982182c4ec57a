// Hosts that share a reason: how many, and the first of them by name.

/** Of a group or a reason that thousands of hosts share, so many are named. */
export const namedHosts = 100;

interface HostWithCode<Code extends string> {
  readonly host: string;
  readonly code: Code;
}

export function groupByCode<Code extends string>(listed: readonly HostWithCode<Code>[]) {
  const codes = [...new Set(listed.map(({ code }) => code))].sort();
  return codes.map((code) => {
    const hosts = listed.filter((each) => each.code === code).map(({ host }) => host);
    return { code, count: hosts.length, hosts: hosts.slice(0, namedHosts) };
  });
}
