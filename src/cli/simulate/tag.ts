// A short name for a fleet, from what its keys are derived from: two fleets on one server are never taken for each other.
import { encodeHex } from '../../core/encoding/index.ts';
import { hashText } from '../../core/crypto/index.ts';

export function tagOf(secret: string, seed: string): string {
  return encodeHex(hashText('sha256', `fleet\0${secret}\0${seed}`)).slice(0, 6);
}
