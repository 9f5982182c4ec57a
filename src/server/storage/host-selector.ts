// Whether a selector means a host.
import type { HostRecord, HostSelector, QuarantineRecord } from './records.ts';

/** An empty selector selects nobody. */
export function selectsHost(
  selector: HostSelector,
  { hostId, labels }: Pick<HostRecord, 'hostId' | 'labels'>,
): boolean {
  if ('names' in selector) return selector.names.includes(hostId);
  if ('labels' in selector) {
    const wanted = Object.entries(selector.labels);
    return wanted.length > 0 && wanted.every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value);
  }
  return true;
}

export function isInForce({ until, lifted }: QuarantineRecord, at: number): boolean {
  return lifted === undefined && (until === undefined || at < until);
}
