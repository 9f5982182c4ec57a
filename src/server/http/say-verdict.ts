// What is said of a host, with its entity tag. Most hosts are asked for again and again while nothing changes: the last thing said of a
// verdict is kept beside it, and goes with it.
import type { HostVerdict } from '../../api/index.ts';
import { hash } from '../../core/crypto/index.ts';
import { encodeBase64url, encodeUtf8 } from '../../core/encoding/index.ts';
import type { Verdict } from '../../core/verdict/index.ts';
import type { HeldVerdict } from '../attestation/host-verdict.ts';
import type { KeptText } from './handler.ts';
import { wireHostVerdict } from './wire/verdict.ts';

export interface Saying {
  readonly body: HostVerdict;
  /** Of what is said, not of its bytes: a token is signed anew each time. [RFC9110 §8.8.3] */
  readonly etag: string;
  readonly kept: KeptText;
}

interface Said {
  readonly held: HeldVerdict;
  readonly wishes: object;
  readonly saying: Saying;
}

const lastSaid = new WeakMap<Verdict, Said>();

/** `wishes`: in what form, and for whom. */
export function sayHeldVerdict(held: HeldVerdict, wishes: object): Saying {
  const { verdict } = held;
  if (verdict === undefined) return say(held, wishes);
  const last = lastSaid.get(verdict);
  if (last !== undefined && isAlike(last.held, held) && isAlike(last.wishes, wishes)) return last.saying;
  const saying = say(held, wishes);
  lastSaid.set(verdict, { held, wishes, saying });
  return saying;
}

/** Every field, whatever fields there are: the very same, or the same written out. */
function isAlike<Fields extends object>(left: Fields, right: Fields): boolean {
  return hasAll(left, right) && hasAll(right, left);
}

function hasAll<Fields extends object>(whole: Fields, part: Fields): boolean {
  for (const name in part) if (whole[name] !== part[name] && !isWrittenAlike(whole[name], part[name])) return false;
  return true;
}

function isWrittenAlike(left: unknown, right: unknown): boolean {
  return typeof left === 'object' && typeof right === 'object' && JSON.stringify(left) === JSON.stringify(right);
}

function say(held: HeldVerdict, wishes: object): Saying {
  const body = wireHostVerdict(held);
  const text = encodeUtf8(JSON.stringify([wishes, body]));
  return { body, etag: `"${encodeBase64url(hash('sha256', text).subarray(0, 18))}"`, kept: {} };
}
