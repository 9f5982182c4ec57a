// A fresh software TPM per test file: manufactured with an authority of its own, on unix sockets, gone at the end. Needs
// swtpm, swtpm-tools, tpm2-tools and socat, which `npm test` installs or names.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface TestTpmOptions {
  /** Common name in the EK certificates. */
  readonly name?: string;
  /** Active PCR banks. */
  readonly banks?: string;
  /** Of the endorsement key: 2048 unless told. With 3072 it is one of the high range. */
  readonly rsaKeySize?: 2048 | 3072;
}

export interface TestTpm {
  /** For the agent: `unix:PATH`. One client at a time. */
  readonly address: string;
  /** Folder for whatever a test writes beside the TPM. */
  readonly directory: string;
  /** PEM of root and intermediate. */
  readonly authority: { readonly root: string; readonly intermediate: string };
  /** Cuts the power through the control channel: PCRs are gone, the reset counter rises, NV stays. */
  powerCycle(): Promise<void>;
  /** Ends the process and starts another one over the same state. */
  restart(): Promise<void>;
  /** A second TPM with the same seeds and NV: what a stolen state directory makes. Stop the first one before. */
  clone(): Promise<TestTpm>;
  /** Runs a tpm2-tools program against this TPM in `directory`, and returns what it printed. */
  tool(name: string, ...args: readonly string[]): string;
  /** Unloads what tools left behind: there is no resource manager. */
  flush(): void;
  stop(): Promise<void>;
}

const initCommand = 2;

/** Manufactures and starts a TPM. About a second, most of it for RSA keys. */
export async function startTestTpm(options: TestTpmOptions = {}): Promise<TestTpm> {
  // Socket paths end at 107 bytes: the system's temporary folder is short.
  const directory = mkdtempSync(join(tmpdir(), 'ts-tpm-'));
  manufacture(directory, options);
  return start(directory);
}

function manufacture(
  directory: string,
  { name = 'test-host', banks = 'sha1,sha256,sha384', rsaKeySize = 2048 }: TestTpmOptions,
): void {
  const file = (path: string) => join(directory, path);
  for (const folder of ['ca', 'state']) mkdirSync(file(folder));
  const ca = file('ca');
  writeFileSync(
    file('localca.conf'),
    `statedir = ${ca}\nsigningkey = ${ca}/signkey.pem\nissuercert = ${ca}/issuercert.pem\ncertserial = ${ca}/certserial\n`,
  );
  writeFileSync(
    file('localca.options'),
    '--platform-manufacturer Test\n--platform-version 1.0\n--platform-model Test\n',
  );
  writeFileSync(
    file('setup.conf'),
    `create_certs_tool = ${program('swtpm_localca')}\ncreate_certs_tool_config = ${file('localca.conf')}\n` +
      `create_certs_tool_options = ${file('localca.options')}\nactive_pcr_banks = sha256\n`,
  );
  const settings = ['--config', file('setup.conf'), '--tpmstate', `dir://${file('state')}`, '--vmid', name];
  const log = ['--rsa-keysize', String(rsaKeySize), '--pcr-banks', banks, '--logfile', file('setup.log')];
  execFileSync('swtpm_setup', ['--tpm2', '--create-ek-cert', '--lock-nvram', '--overwrite', ...settings, ...log], {
    stdio: 'pipe',
    timeout: 60_000,
  });
}

async function start(directory: string): Promise<TestTpm> {
  const socket = join(directory, 'd');
  let child = await launch(directory, socket);
  const tool = (name: string, ...args: readonly string[]): string => {
    const env = { ...process.env, TPM2TOOLS_TCTI: `cmd:socat - UNIX-CONNECT:${socket}` };
    return execFileSync(name, [...args], {
      cwd: directory,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
  };
  return {
    address: `unix:${socket}`,
    directory,
    authority: {
      root: readFileSync(join(directory, 'ca/swtpm-localca-rootca-cert.pem'), 'utf8'),
      intermediate: readFileSync(join(directory, 'ca/issuercert.pem'), 'utf8'),
    },
    powerCycle: () => control(join(directory, 'c'), [initCommand, 0]),
    restart: async () => {
      await end(child);
      child = await launch(directory, socket);
    },
    clone: () => {
      const copy = mkdtempSync(join(tmpdir(), 'ts-tpm-'));
      cpSync(directory, copy, { recursive: true, filter: (path) => !/(\.lock|\/[cd])$/.test(path) });
      return start(copy);
    },
    tool,
    flush: () => {
      for (const kind of ['-t', '-s', '-l']) tool('tpm2_flushcontext', kind);
    },
    stop: async () => {
      await end(child);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function launch(directory: string, socket: string): Promise<ChildProcess> {
  for (const stale of ['d', 'c']) rmSync(join(directory, stale), { force: true });
  const child = spawn(
    'swtpm',
    ['socket', '--tpm2', '--tpmstate', `dir=${join(directory, 'state')}`, '--server', `type=unixio,path=${socket}`]
      .concat(['--ctrl', `type=unixio,path=${join(directory, 'c')}`, '--flags', 'not-need-init,startup-clear'])
      .concat(['--log', `file=${join(directory, 'log')},level=1`]),
    { stdio: 'ignore' },
  );
  for (let waited = 0; !(await takesConnections(socket)); waited += 5) {
    if (child.exitCode !== null || waited > 10_000) throw new Error('swtpm did not start');
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

/** One command on swtpm's control channel: words big-endian, answered by a result word. */
function control(path: string, words: readonly number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const message = Buffer.alloc(4 * words.length);
    words.forEach((word, index) => message.writeUInt32BE(word, 4 * index));
    const socket = connect(path, () => socket.write(message));
    socket.once('error', reject);
    socket.once('data', (answer: Buffer) => {
      socket.destroy();
      if (answer.readUInt32BE(0) === 0) resolve();
      else reject(new Error(`swtpm control command failed: ${answer.toString('hex')}`));
    });
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

function program(name: string): string {
  return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
}
