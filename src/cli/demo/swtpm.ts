// A software TPM of the demonstration's own: manufactured with its own authority, started, power-cycled, and gone at the end.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { DemoError } from './demo-error.ts';

const programs = ['swtpm', 'swtpm_setup', 'swtpm_localca'];
const setupTimeoutMs = 60_000;
const startTimeoutMs = 10_000;

export interface SoftwareTpm {
  /** Unix socket of the command channel. One client at a time. */
  readonly socket: string;
  /** The authority that signed the EK certificate: intermediate and root, PEM. */
  readonly authority: { readonly root: string; readonly intermediate: string };
  /** Cuts the power and switches on again: PCRs start from zero, the reset counter rises, keys in NV stay. */
  powerCycle(): Promise<void>;
  stop(): Promise<void>;
}

/** Programs that are missing for a software TPM, none when there is everything. */
export function missingPrograms(): readonly string[] {
  return programs.filter((name) => findProgram(name) === undefined);
}

function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/sbin', '/bin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Manufactures a TPM in `folder` and starts it. */
export async function startSoftwareTpm(folder: string, vmName: string): Promise<SoftwareTpm> {
  const authority = manufactureTpm(folder, vmName);
  const socket = join(folder, 'tpm.sock');
  let child = await launch(folder, socket);
  return {
    socket,
    authority,
    powerCycle: async () => {
      await end(child);
      child = await launch(folder, socket);
    },
    stop: () => end(child),
  };
}

/** `swtpm_setup` makes root, intermediate, EKs and their certificates, all below `folder`; the TPM itself in `state/`. */
export function manufactureTpm(folder: string, vmName: string): SoftwareTpm['authority'] {
  const [authority, state] = [join(folder, 'authority'), join(folder, 'state')];
  for (const made of [authority, state]) mkdirSync(made, { recursive: true });
  writeFileSync(
    join(folder, 'localca.conf'),
    `statedir = ${authority}\nsigningkey = ${authority}/signkey.pem\n` +
      `issuercert = ${authority}/issuercert.pem\ncertserial = ${authority}/certserial\n`,
  );
  writeFileSync(
    join(folder, 'localca.options'),
    '--platform-manufacturer Touchstone\n--platform-version 1.0\n--platform-model Demo\n',
  );
  writeFileSync(
    join(folder, 'setup.conf'),
    `create_certs_tool = ${findProgram('swtpm_localca') ?? ''}\ncreate_certs_tool_config = ${folder}/localca.conf\n` +
      `create_certs_tool_options = ${folder}/localca.options\nactive_pcr_banks = sha256\n`,
  );
  const result = spawnSync(
    findProgram('swtpm_setup') ?? 'swtpm_setup',
    ['--config', join(folder, 'setup.conf'), '--tpm2', '--tpmstate', `dir://${state}`, '--create-ek-cert']
      .concat(['--lock-nvram', '--pcr-banks', 'sha1,sha256,sha384', '--vmid', vmName, '--overwrite'])
      .concat(['--logfile', join(folder, 'setup.log')]),
    { encoding: 'utf8', timeout: setupTimeoutMs },
  );
  if (result.status !== 0) {
    const log = existsSync(join(folder, 'setup.log')) ? readFileSync(join(folder, 'setup.log'), 'utf8') : '';
    throw new DemoError(`swtpm_setup failed: ${(result.stderr || log || String(result.error)).trim().slice(-400)}`);
  }
  return {
    root: readFileSync(join(authority, 'swtpm-localca-rootca-cert.pem'), 'utf8'),
    intermediate: readFileSync(join(authority, 'issuercert.pem'), 'utf8'),
  };
}

async function launch(folder: string, socket: string): Promise<ChildProcess> {
  const control = join(folder, 'control.sock');
  for (const stale of [socket, control]) rmSync(stale, { force: true });
  const child = spawn(
    findProgram('swtpm') ?? 'swtpm',
    ['socket', '--tpm2', '--tpmstate', `dir=${join(folder, 'state')}`, '--server', `type=unixio,path=${socket}`]
      .concat(['--ctrl', `type=unixio,path=${control}`, '--flags', 'not-need-init,startup-clear'])
      .concat(['--log', `file=${join(folder, 'swtpm.log')},level=1`]),
    { stdio: 'ignore' },
  );
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  child.once('exit', () => process.off('exit', killAtExit));
  const deadline = Date.now() + startTimeoutMs;
  while (!(await takesConnections(socket))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new DemoError('the software TPM did not start');
    await sleep(5);
  }
  return child;
}

/** The socket's file is there a moment before anybody listens on it. */
function takesConnections(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 2000);
  await ended;
  clearTimeout(killer);
}
