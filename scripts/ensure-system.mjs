#!/usr/bin/env node
// Makes sure that the system programs which the tests, the demo and the lab drive are there. As root on Debian or Ubuntu it
// installs what is missing; anywhere else it names it, with the line to type. Without options: a software TPM and its tools.
//   --guests     also what boots guests, measured or by libvirt: for the short form of the lab and the hooks, in `npm test`
//   --lab        also what the rest of the lab needs, to sign its own boot loaders
//   --platforms  also what builds a kube-apiserver, and OpenStack's placement and Keystone
//   --tokens     also a PKCS#11 token in software, which `npm test` keeps a key of the attestation CA in
//   --syslog     also a syslog daemon that speaks TLS, which `npm test` sends events to
//   --postgres   also a PostgreSQL, which `npm test` starts for the store, and a pooler to stand before it
//   --load       also a load that costs little, for the benchmark's rows about workers (and `npm test`, which runs it once), and the
//                allocator that `deploy/` gives the server
//   --ha         also etcd, Patroni and HAProxy: for `npm run test:ha`, with --postgres
//   --optional   what is missing is reported, and the exit status stays 0 (the demo falls back to the simulator)
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

/** program, or path of a file -> Debian package */
const groups = {
  base: {
    swtpm: 'swtpm',
    swtpm_setup: 'swtpm-tools',
    swtpm_localca: 'swtpm-tools',
    tpm2_quote: 'tpm2-tools',
    socat: 'socat',
    openssl: 'openssl',
  },
  // A PKCS#11 token in software. Its module has no place of its own on every system: the tool stands for both.
  tokens: { 'softhsm2-util': 'softhsm2' },
  // Its programs are in a folder of their version; what manages clusters is on the PATH.
  postgres: { pg_ctlcluster: 'postgresql', pgbouncer: 'pgbouncer' },
  guests: {
    'qemu-system-x86_64': 'qemu-system-x86',
    '/usr/share/OVMF/OVMF_CODE_4M.secboot.fd': 'ovmf',
    mcopy: 'mtools',
    sfdisk: 'fdisk',
    mke2fs: 'e2fsprogs',
    xz: 'xz-utils',
    zstd: 'zstd',
    curl: 'curl',
    libvirtd: 'libvirt-daemon',
    virsh: 'libvirt-clients',
  },
  // The daemon, and its module for TLS. Installing them starts nothing where no systemd runs.
  syslog: { rsyslogd: 'rsyslog', [inLibraries('rsyslog/lmnsd_ossl.so')]: 'rsyslog-openssl' },
  platforms: {
    make: 'make',
    gcc: 'gcc',
    rsync: 'rsync',
    'dpkg-source': 'dpkg-dev',
    'placement-api': 'python3-placement',
    'keystone-wsgi-public': 'python3-keystone',
  },
  load: { wrk: 'wrk', [inLibraries('libjemalloc.so.2')]: 'libjemalloc2' },
  ha: {
    etcd: 'etcd-server',
    patroni: 'patroni',
    // What Patroni speaks to etcd with, and what that needs over TLS without saying so to Debian.
    '/usr/lib/python3/dist-packages/etcd/__init__.py': 'python3-etcd',
    '/usr/lib/python3/dist-packages/idna/__init__.py': 'python3-idna',
    haproxy: 'haproxy',
  },
  lab: { sbsign: 'sbsigntool', objcopy: 'binutils' },
};

const asked = (name) => process.argv.includes(`--${name}`);
const needed = {
  ...groups.base,
  ...(asked('guests') || asked('lab') ? groups.guests : {}),
  ...(asked('lab') ? groups.lab : {}),
  ...(asked('platforms') ? groups.platforms : {}),
  ...(asked('tokens') ? groups.tokens : {}),
  ...(asked('postgres') ? groups.postgres : {}),
  ...(asked('syslog') ? groups.syslog : {}),
  ...(asked('load') ? groups.load : {}),
  ...(asked('ha') ? groups.ha : {}),
};
let missing = missingPackages();
if (missing.length > 0 && isRoot() && isDebian()) {
  install(missing);
  missing = missingPackages();
}
if (missing.length > 0) {
  const sudo = isRoot() ? '' : 'sudo ';
  const line = `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  process.stderr.write(
    `Missing on this system: ${missing.join(', ')}.\n` +
      (isDebian()
        ? `Install with:  ${line}\n`
        : 'Install what these packages of Debian hold with your package manager.\n'),
  );
  if (!asked('optional')) process.exit(1);
  process.stderr.write('Going on without: evidence will be simulated and labelled so.\n');
}

/** Where Debian has a library on this machine. */
function inLibraries(path) {
  const triplet = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch] ?? `${process.arch}-linux-gnu`;
  return `/usr/lib/${triplet}/${path}`;
}

function missingPackages() {
  const absent = Object.entries(needed).filter(([name]) => !isPresent(name));
  return [...new Set(absent.map(([, name]) => name))];
}

function isPresent(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/bin', '/sbin'];
  return name.startsWith('/') ? existsSync(name) : folders.some((folder) => existsSync(join(folder, name)));
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
