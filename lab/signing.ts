// Boot loaders of our own, signed with the test key that comes with OVMF and that its "snakeoil" variables trust.
import { join } from 'node:path';
import { runProgram } from './program.ts';

const ovmf = '/usr/share/ovmf';
const certificate = join(ovmf, 'PkKek-1-snakeoil.pem');

/** @param folder for the key without its (published) pass phrase */
export async function signEfiImage(folder: string, image: string, signed: string): Promise<void> {
  const key = join(folder, 'snakeoil.key');
  const locked = join(ovmf, 'PkKek-1-snakeoil.key');
  await runProgram('openssl', ['rsa', '-in', locked, '-passin', 'pass:snakeoil', '-out', key]);
  await runProgram('sbsign', ['--key', key, '--cert', certificate, '--output', signed, image]);
}
