// The one reader of binary input. Everything read through it was written by somebody we do not trust: each read checks
// what remains before it slices, and a failure says at which byte.
import { MalformedError } from '../error.ts';
import type { ErrorCode } from '../error-codes.ts';

export type Endianness = 'big' | 'little';

export interface CursorOptions {
  /** TPM structures are big-endian, event logs and IMA lists little-endian. Never guessed. */
  readonly endianness: Endianness;
  /** Code thrown when fewer bytes remain than a read needs. */
  readonly truncated: ErrorCode;
  /** Code thrown by `end()` when bytes are left over. */
  readonly trailing: ErrorCode;
  /** Offset of `bytes[0]` in the outermost input, so that errors name a place the sender can find. */
  readonly baseOffset?: number;
}

/** A bounded, forward-only reader over a `Uint8Array`. Slices share memory with the input. */
export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #options: CursorOptions;
  readonly #little: boolean;
  #position = 0;

  constructor(bytes: Uint8Array, options: CursorOptions) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#options = options;
    this.#little = options.endianness === 'little';
  }

  /** Offset of the next byte, counted from the start of the outermost input. */
  get offset(): number {
    return (this.#options.baseOffset ?? 0) + this.#position;
  }

  /** Offset of the next byte within this cursor's own bytes. */
  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  u8(what: string): number {
    return this.#view.getUint8(this.#advance(1, what));
  }

  u16(what: string): number {
    return this.#view.getUint16(this.#advance(2, what), this.#little);
  }

  u32(what: string): number {
    return this.#view.getUint32(this.#advance(4, what), this.#little);
  }

  u64(what: string): bigint {
    return this.#view.getBigUint64(this.#advance(8, what), this.#little);
  }

  /** The next `length` bytes, as a view on the input (not a copy). */
  bytes(length: number, what: string): Uint8Array {
    const start = this.#advance(length, what);
    return this.#bytes.subarray(start, start + length);
  }

  /** Everything that is left, as a view on the input. */
  rest(): Uint8Array {
    return this.bytes(this.remaining, 'rest');
  }

  /** A cursor over the next `length` bytes, which this cursor skips. Errors keep counting from the outermost input. */
  sub(length: number, what: string, options: Partial<Pick<CursorOptions, 'truncated' | 'trailing'>> = {}): Cursor {
    const baseOffset = this.offset;
    return new Cursor(this.bytes(length, what), { ...this.#options, ...options, baseOffset });
  }

  /** A count of items of at least `minimumItemSize` bytes each, refused before anything is allocated for it. */
  checkCount(count: number, minimumItemSize: number, what: string): void {
    if (count * minimumItemSize > this.remaining) {
      throw new MalformedError(
        this.#options.truncated,
        `${what}: ${count} items announced, which need at least ${count * minimumItemSize} bytes; ${this.remaining} remain`,
        { at: this.offset },
      );
    }
  }

  /** Refuses bytes that are left over.
   * @throws MalformedError with the code `trailing` */
  end(what: string): void {
    if (this.remaining > 0) {
      throw new MalformedError(this.#options.trailing, `${what}: ${this.remaining} bytes follow the end`, {
        at: this.offset,
      });
    }
  }

  #advance(length: number, what: string): number {
    if (!Number.isInteger(length) || length < 0 || length > this.remaining) {
      throw new MalformedError(this.#options.truncated, `${what}: ${length} bytes needed, ${this.remaining} remain`, {
        at: this.offset,
      });
    }
    const start = this.#position;
    this.#position += length;
    return start;
  }
}
