// A short name for a fleet, from what its keys are derived from: two fleets on one server are never taken for each other.
import { encodeHex } from '../../core/encoding/index.ts';
import { hash } from '../../core/crypto/index.ts';
import { encodeUtf8 } from '../../core/encoding/index.ts';

export function tagOf(secret: string, seed: string): string {
  return encodeHex(hash('sha256', encodeUtf8(`fleet\0${secret}\0${seed}`))).slice(0, 6);
}
