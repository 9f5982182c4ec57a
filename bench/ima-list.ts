// A list of IMA as a hypervisor has it that measures what it runs (the kernel's policy `tcb`): each entry is a file of its own.
import { hash } from '../src/core/crypto/index.ts';
import { concatBytes, encodeUtf8 } from '../src/core/encoding/index.ts';
import type { PaperHost } from '../src/simulator/index.ts';

const imaPcr = 10;

/** Behind the aggregate of what its boot left in PCR 0 to 9. */
export async function imaListOf(host: PaperHost, files: number): Promise<Uint8Array> {
  const pcrs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  const values = (await host.quote(new Uint8Array(32), [{ bank: 'sha256', pcrs }])).pcrs.get('sha256');
  const aggregate = hash('sha256', ...pcrs.map((pcr) => values?.get(pcr) ?? new Uint8Array()));
  const measured = Array.from({ length: files }, (_, number) => {
    return entry(hash('sha256', encodeUtf8(`file ${number}`)), `/usr/lib/x86_64-linux-gnu/bench/file-${number}.so`);
  });
  return concatBytes(entry(aggregate, 'boot_aggregate'), ...measured);
}

/** Template `ima-ng`. */
function entry(digest: Uint8Array, path: string): Uint8Array {
  const data = concatBytes(sized(concatBytes(encodeUtf8('sha256:\0'), digest)), sized(encodeUtf8(`${path}\0`)));
  return concatBytes(u32(imaPcr), hash('sha1', data), sized(encodeUtf8('ima-ng')), sized(data));
}

function sized(bytes: Uint8Array): Uint8Array {
  return concatBytes(u32(bytes.length), bytes);
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
