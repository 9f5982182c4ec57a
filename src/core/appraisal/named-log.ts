// A log that carries its SHA-256. Logs are kept, sent for and remembered by it; and of a log that did not change, to hash it once
// more costs more than all else that is done for it.
import { hashHex, hashInPieces } from '../crypto/index.ts';
import { concatBytes, concatInPieces, encodeHex } from '../encoding/index.ts';

const sha256 = Symbol('SHA-256');
const begins = Symbol('what it begins with');

/** Made by `nameLog` and `growLog` only: the name of a log is computed, and never taken from anybody. */
export type NamedLog = Uint8Array & { readonly [sha256]: string; readonly [begins]?: Uint8Array };

/** A view of `log`, no copy: who names a log changes its bytes no more. A log that has its name is not hashed again. */
export function nameLog(log: Uint8Array): NamedLog {
  return isNamed(log) ? log : withName(log, nameOfLog(log));
}

/** As `nameLog`, of a long one in pieces. */
export async function nameInPieces(log: Uint8Array, pause: () => Promise<void>): Promise<NamedLog> {
  return isNamed(log) ? log : withName(log, encodeHex(await hashInPieces('sha256', log, pause)));
}

function withName(log: Uint8Array, name: string): NamedLog {
  const view = new Uint8Array(log.buffer, log.byteOffset, log.length);
  return Object.defineProperty(view, sha256, { value: name }) as NamedLog;
}

/** `before` and then `added`: a log that has with it the one that it goes on from. */
export function growLog(before: Uint8Array, added: Uint8Array): NamedLog {
  return goingOn(nameLog(concatBytes(before, added)), before);
}

/** As `growLog`, in pieces. */
export async function growInPieces(
  [before, added]: readonly [before: Uint8Array, added: Uint8Array],
  pause: () => Promise<void>,
): Promise<NamedLog> {
  return goingOn(await nameInPieces(await concatInPieces([before, added], pause), pause), before);
}

function goingOn(grown: NamedLog, before: Uint8Array): NamedLog {
  return Object.defineProperty(grown, begins, { value: before });
}

/** SHA-256, hexadecimal. */
export function nameOfLog(log: Uint8Array): string {
  return isNamed(log) ? log[sha256] : hashHex('sha256', log);
}

/** The log that this one was made from by `growLog`. */
export function beginningOf(log: Uint8Array): Uint8Array | undefined {
  return isNamed(log) ? log[begins] : undefined;
}

function isNamed(log: Uint8Array): log is NamedLog {
  return sha256 in log;
}
