// Writes cabinets of one folder. [MS-CAB §2]
import { deflateRawSync } from 'node:zlib';

export interface CabinetOptions {
  /** `mszip` unless told. */
  readonly compression?: 'none' | 'mszip' | 'lzx';
  /** Bytes of reserved fields in header, folder and blocks. */
  readonly reserve?: number;
}

const compressions = { none: 0, mszip: 1, lzx: 0x1503 } as const;

export function writeCabinet(
  files: Readonly<Record<string, Uint8Array>>,
  { compression = 'mszip', reserve = 0 }: CabinetOptions = {},
): Uint8Array {
  const whole = Buffer.concat(Object.values(files));
  const blocks: Buffer[] = [];
  for (let at = 0; at < whole.length; at += 32_768) {
    const block = whole.subarray(at, at + 32_768);
    const before = whole.subarray(Math.max(0, at - 32_768), at);
    const dictionary = before.length === 0 ? {} : { dictionary: before };
    const packed =
      compression === 'none' ? block : Buffer.concat([Buffer.from('CK'), deflateRawSync(block, dictionary)]);
    blocks.push(Buffer.concat([numbers([0, 4], [packed.length, 2], [block.length, 2]), Buffer.alloc(reserve), packed]));
  }
  let start = 0;
  const entries = Object.entries(files).map(([name, { length }]) => {
    const entry = numbers([length, 4], [start, 4], [0, 2], [0, 2], [0, 2], [0x20, 2]);
    start += length;
    return Buffer.concat([entry, Buffer.from(`${name.replaceAll('/', '\\')}\0`)]);
  });
  const table = Buffer.concat(entries);
  const reserved =
    reserve > 0
      ? Buffer.concat([numbers([reserve, 2], [reserve, 1], [reserve, 1]), Buffer.alloc(reserve)])
      : Buffer.alloc(0);
  const filesAt = 36 + reserved.length + 8 + reserve;
  const dataAt = filesAt + table.length;
  const data = Buffer.concat(blocks);
  const header = numbers([0, 4], [dataAt + data.length, 4], [0, 4], [filesAt, 4], [0, 4], [0x0103, 2], [1, 2], [entries.length, 2], [reserve > 0 ? 4 : 0, 2], [0, 2], [0, 2]); // prettier-ignore
  const folder = numbers([dataAt, 4], [blocks.length, 2], [compressions[compression], 2]);
  return new Uint8Array(
    Buffer.concat([Buffer.from('MSCF'), header, reserved, folder, Buffer.alloc(reserve), table, data]),
  );
}

function numbers(...fields: readonly (readonly [value: number, size: number])[]): Buffer {
  return Buffer.concat(
    fields.map(([value, size]) => {
      const bytes = Buffer.alloc(size);
      bytes.writeUIntLE(value, 0, size);
      return bytes;
    }),
  );
}
