// That an answer comes from memory, in the shape of the contract.
import type { components } from '../../../api/index.ts';
import type { Remembered } from '../../outage/last-known.ts';

export function wireRemembered(remembered: Remembered | undefined): components['schemas']['Remembered'] | undefined {
  return remembered && { asOf: remembered.asOf.toISOString(), until: remembered.until.toISOString() };
}
