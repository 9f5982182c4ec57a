// What the doctor says of protected hosts: whoever is named and is not there is protected from nothing.
import { counted } from '../../core/encoding/index.ts';
import type { ServerConfig } from '../config/config.ts';
import { readHosts } from '../fleet/walk-fleet.ts';
import type { Check } from './check.ts';
import { selectsHost, unlessDamaged, type HostSelector, type Labels, type Store } from '../storage/index.ts';

export async function checkProtected(
  { lockout }: Pick<ServerConfig, 'lockout'>,
  store: Pick<Store, 'findHost' | 'listHosts'>,
): Promise<Check> {
  const names = lockout.protected.flatMap((selector) => ('names' in selector ? selector.names : []));
  const labels = lockout.protected.flatMap((selector) => ('labels' in selector ? [selector.labels] : []));
  const absent = [...(await findAbsentNames(store, names)), ...(await findIdleLabels(store, labels))];
  const ok = absent.length === 0;
  return {
    name: 'protected',
    ok,
    severity: 'warning',
    message: ok ? describe(names.length, labels.length) : `these protect nobody: ${absent.join(', ')}`,
    remedy: 'Correct `lockout.protected` in touchstone.yaml, or enrol the host: `touchstone host list`.',
  };
}

function describe(names: number, labels: number): string {
  if (names + labels === 0) return 'no host is protected from changes: docs/lockout.md';
  const parts = [
    ...(names > 0 ? [`${names} by name`] : []),
    ...(labels > 0 ? [`${counted(labels, 'group')} by label`] : []),
  ];
  return `hosts that no change loses by accident: ${parts.join(', ')}`;
}

async function findAbsentNames(store: Pick<Store, 'findHost'>, names: readonly string[]): Promise<readonly string[]> {
  const absent: string[] = [];
  for (const name of names) {
    const state = await unlessDamaged(async () => (await store.findHost(name))?.state ?? 'not enrolled');
    if (state !== undefined && state !== 'active') absent.push(`${name} (${state})`);
  }
  return absent;
}

async function findIdleLabels(store: Pick<Store, 'listHosts'>, wanted: readonly Labels[]): Promise<readonly string[]> {
  let idle: readonly Labels[] = wanted;
  if (idle.length === 0) return [];
  for await (const { host } of readHosts({ store })) {
    const isSelected = (selector: HostSelector): boolean => host.state === 'active' && selectsHost(selector, host);
    idle = idle.filter((labels) => !isSelected({ labels }));
    if (idle.length === 0) break;
  }
  return idle.map((labels) => {
    const text = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    return `${text.join(' ')} (no host)`;
  });
}
