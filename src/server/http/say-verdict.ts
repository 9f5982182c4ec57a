// What is said of a host, with its entity tag. Most hosts are asked for again and again while nothing changes: the last thing said of a
// verdict is kept beside it, and goes with it.
import type { HostVerdict } from '../../api/index.ts';
import { hash } from '../../core/crypto/index.ts';
import { encodeBase64url, encodeUtf8 } from '../../core/encoding/index.ts';
import type { Verdict } from '../../core/verdict/index.ts';
import type { HeldVerdict } from '../attestation/host-verdict.ts';
import type { KeptText } from './handler.ts';
import { wireHostVerdict } from './wire.ts';

export interface Saying {
  readonly body: HostVerdict;
  /** Of what is said, not of its bytes: a token is signed anew each time. [RFC9110 §8.8.3] */
  readonly etag: string;
  readonly kept: KeptText;
}

interface Said {
  /** All that decides what is said of one verdict. */
  readonly key: string;
  readonly saying: Saying;
}

const lastSaid = new WeakMap<Verdict, Said>();

/** `wishes`: in what form, and for whom. */
export function sayHeldVerdict(held: HeldVerdict, wishes: object): Saying {
  const { verdict, ...others } = held;
  if (verdict === undefined) return say(held, wishes);
  const key = JSON.stringify([wishes, others]);
  const last = lastSaid.get(verdict);
  if (last?.key === key) return last.saying;
  const saying = say(held, wishes);
  lastSaid.set(verdict, { key, saying });
  return saying;
}

function say(held: HeldVerdict, wishes: object): Saying {
  const body = wireHostVerdict(held);
  const text = encodeUtf8(JSON.stringify([wishes, body]));
  return { body, etag: `"${encodeBase64url(hash('sha256', text).subarray(0, 18))}"`, kept: {} };
}
