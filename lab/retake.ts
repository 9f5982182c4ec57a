// `--retake`: a run's evidence becomes the fixtures of the suite, with a note of where it comes from.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LabError } from './lab-error.ts';
import type { Parts } from './parts.ts';
import { runProgram } from './program.ts';

const title = '# Boots of the lab';

/** @throws TypeError when the folder holds anything but what was taken before: that will be replaced */
export function checkReplaceable(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  const readme = join(folder, 'README.md');
  if (existsSync(readme) && readFileSync(readme, 'utf8').startsWith(title)) return;
  throw new TypeError(`--retake replaces ${folder}, which holds something else`);
}

/** What stays from another run must be made of the same versions, since one note speaks for all.
 * @throws LabError */
export function checkSameProvenance(folder: string, readme: string): void {
  const versions = (text: string): string => text.replace(/^Taken on .*$/m, '');
  const file = join(folder, 'README.md');
  if (existsSync(file) && versions(readFileSync(file, 'utf8')) !== versions(readme))
    throw new LabError(
      `${folder} was made of other versions of the guests' parts: retake every scenario, without --only`,
    );
}

/** README of the fixtures: what made them, and how to make them again. */
export async function describeProvenance(parts: Parts, at: Date): Promise<string> {
  const [qemu = ''] = (await runProgram('qemu-system-x86_64', ['--version'])).split('\n');
  const [swtpm = ''] = (await runProgram('swtpm', ['--version'])).split('\n');
  const ovmf = await runProgram('dpkg-query', ['--show', '--showformat', '${Package} ${Version}', 'ovmf']);
  const packages = [parts.shim, parts.grub, parts.kernel.image, parts.busybox].map(packageOf);
  return [
    title,
    '',
    `Taken on ${at.toISOString().slice(0, 10)} by \`npm run lab -- --retake test/fixtures/lab/guests\`, which makes them again; see docs/lab.md.`,
    'Our agent sent this evidence from inside real guests, and our server said what `verdict.json` holds.',
    '',
    `- ${qemu}`,
    `- ${swtpm}`,
    `- ${ovmf}`,
    ...packages.map((name) => `- ${name}`),
    '',
    '`goldens/`: statements that two operators of the run had signed, named by their id.',
    '',
    '`boots/SCENARIO-N/`: the Nth attestation of a scenario.',
    '',
    '| file | what |',
    '| --- | --- |',
    '| `binary_bios_measurements` | boot log |',
    '| `ima_binary_runtime_measurements` | IMA list, where the verdict rests on what ran |',
    '| `pcrs.json` | values of the quoted PCRs |',
    '| `quote/quote_ecc.msg`, `.sig` | TPMS_ATTEST, TPMT_SIGNATURE |',
    '| `quote/ak_ecc.pub` | TPM2B_PUBLIC of the attestation key; its TPM is gone |',
    '| `quote/nonce.hex` | qualifying data |',
    '| `verdict.json` | the verdict, and the golden measurements then in force |',
    '',
  ].join('\n');
}

/** Packages are unpacked below a folder called as their file is. */
function packageOf(path: string): string {
  const folder = dirname(path);
  return /_[^/]*_[^/]*$/.test(basename(folder)) ? decodeURIComponent(basename(folder)) : packageOf(folder);
}
