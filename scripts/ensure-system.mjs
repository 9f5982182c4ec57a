#!/usr/bin/env node
// Makes sure that the system programs which the tests and the demo drive are there: a software TPM and its tools.
// As root on Debian or Ubuntu it installs what is missing; anywhere else it names it, with the line to type.
//   --optional   what is missing is reported, and the exit status stays 0 (the demo falls back to the simulator)
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/** program -> Debian package */
const needed = {
  swtpm: 'swtpm',
  swtpm_setup: 'swtpm-tools',
  swtpm_localca: 'swtpm-tools',
  tpm2_quote: 'tpm2-tools',
  socat: 'socat',
  openssl: 'openssl',
};

const optional = process.argv.includes('--optional');
let missing = missingPackages();
if (missing.length > 0 && isRoot() && isDebian()) {
  install(missing);
  missing = missingPackages();
}
if (missing.length > 0) {
  const line = `${isRoot() ? '' : 'sudo '}apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  process.stderr.write(
    `Missing on this system: ${missing.join(', ')}.\n` +
      (isDebian()
        ? `Install with:  ${line}\n`
        : `Install the software TPM (swtpm, swtpm-tools), tpm2-tools, socat and openssl with your package manager.\n`),
  );
  if (!optional) process.exit(1);
  process.stderr.write('Going on without: evidence will be simulated and labelled so.\n');
}

function missingPackages() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/bin', '/sbin'];
  const absent = Object.entries(needed).filter(([name]) => !folders.some((folder) => existsSync(join(folder, name))));
  return [...new Set(absent.map(([, name]) => name))];
}

function isRoot() {
  return process.getuid?.() === 0;
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function install(packages) {
  process.stderr.write(`Installing ${packages.join(', ')} …\n`);
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  const lock = ['-o', 'DPkg::Lock::Timeout=400', '-qq'];
  const get = () =>
    spawnSync('apt-get', [...lock, 'install', '-y', '--no-install-recommends', ...packages], options).status === 0;
  if (get()) return;
  spawnSync('apt-get', [...lock, 'update'], options);
  get();
}
