// A machine: QEMU with OVMF and a software TPM. Switched on, it boots for real; its TPM, its firmware variables and the
// agent's state stay when it is off.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { readRevocations } from '../src/cli/views/facts/revocations.ts';
import { enrolRevocations } from './firmware-variables.ts';
import { openConsole, type GuestConsole } from './guest-console.ts';
import { LabError } from './lab-error.ts';

/** Which keys the firmware trusts. `snakeoil`: the test key that comes with OVMF, with which the lab can sign. `current`: those
 * of Microsoft, and the revocations that come with Touchstone. */
export type FirmwareKeys = 'microsoft' | 'current' | 'snakeoil' | 'none';

/** How a machine is set up when it is switched on. */
export interface Setup {
  readonly keys: FirmwareKeys;
  /** Disk with the EFI system partition. */
  readonly boot: string;
  /** Disk with the system that the initial RAM disk starts. */
  readonly system: string;
}

export interface Machine {
  /** Switches on and waits until the system is up. The console serves this boot and those after a reboot. */
  boot(setup: Setup): Promise<GuestConsole>;
  /** Switches on, and waits until firmware or boot loader say on the console that they refuse to go on. Then it is off. */
  bootRefused(setup: Setup, words: RegExp): Promise<string>;
  /** Waits until the guest has switched itself off. */
  off(): Promise<void>;
  /** Pulls the plug. */
  kill(): Promise<void>;
}

/** Without KVM, on a machine that does other things as well, a boot takes half a minute. */
export const bootTimeoutMs = 600_000;
const offTimeoutMs = 120_000;

const ovmf = '/usr/share/OVMF';
const variableStores: Readonly<Record<FirmwareKeys, string>> = {
  microsoft: 'OVMF_VARS_4M.ms.fd',
  current: 'OVMF_VARS_4M.ms.fd',
  snakeoil: 'OVMF_VARS_4M.snakeoil.fd',
  none: 'OVMF_VARS_4M.fd',
};

/** @param folder with the TPM's state in `state/`, and `agent-state.img`; its path is short, since sockets lie there */
export function createMachine(folder: string): Machine {
  const file = (name: string): string => join(folder, name);
  let running: readonly ChildProcess[] = [];
  const kill = async (): Promise<void> => {
    for (const child of running) await end(child);
    running = [];
  };
  const switchOn = async (setup: Setup): Promise<ChildProcess> => {
    for (const name of ['tpm.sock', 'shell.sock', 'console.log']) rmSync(file(name), { force: true });
    if (!existsSync(variablesFile(folder, setup.keys))) writeVariables(folder, setup.keys);
    const tpm = launch(folder, 'swtpm', tpmArguments(folder));
    running = [tpm];
    await listens(file('tpm.sock'), tpm);
    const machine = launch(folder, 'qemu-system-x86_64', machineArguments(folder, setup));
    running = [machine, tpm];
    await listens(file('shell.sock'), machine);
    return machine;
  };
  return {
    boot: async (setup) => {
      try {
        const machine = await switchOn(setup);
        const isGone = (): string | undefined => {
          if (!isRunning(machine)) return 'the machine has switched itself off';
          return readConsole(folder).includes('Kernel panic') ? 'the kernel has panicked' : undefined;
        };
        const console = await openConsole(file('shell.sock'), isGone);
        await console.ready(bootTimeoutMs);
        return console;
      } catch (cause) {
        await kill();
        throw new LabError(`no system came up. The console ends with:\n${tail(folder)}`, { cause });
      }
    },
    bootRefused: async (setup, words) => {
      const machine = await switchOn(setup);
      try {
        const deadline = Date.now() + bootTimeoutMs;
        for (;;) {
          const said = words.exec(readConsole(folder));
          if (said !== null) return said[0];
          if (!isRunning(machine) || Date.now() > deadline)
            throw new LabError(`nothing was refused. The console ends with:\n${tail(folder)}`);
          await sleep(100);
        }
      } finally {
        await kill();
      }
    },
    off: async () => {
      const [machine] = running;
      const deadline = Date.now() + offTimeoutMs;
      while (machine !== undefined && isRunning(machine)) {
        if (Date.now() > deadline) throw new LabError('the machine does not switch itself off');
        await sleep(50);
      }
      await kill();
    },
    kill,
  };
}

function tpmArguments(folder: string): string[] {
  const control = `type=unixio,path=${join(folder, 'tpm.sock')}`;
  const log = `file=${join(folder, 'swtpm.log')},level=1`;
  return [
    'socket',
    '--tpm2',
    '--tpmstate',
    `dir=${join(folder, 'state')}`,
    '--ctrl',
    control,
    '--log',
    log,
    '--terminate',
  ];
}

/** Emulated even where there is KVM: OVMF's Secure Boot needs System Management Mode, which not every KVM has. */
function machineArguments(folder: string, { keys, boot, system }: Setup): string[] {
  const disk = (id: string, file: string, readonly: boolean, more = ''): string[] => [
    ...['-drive', `if=none,id=${id},format=raw,readonly=${readonly ? 'on' : 'off'},file=${file}`],
    ...['-device', `virtio-blk-pci,drive=${id},serial=${id}${more}`],
  ];
  return [
    ...['-machine', 'q35,smm=on,accel=tcg', '-cpu', 'max', '-m', '512', '-smp', '1'],
    ...['-nodefaults', '-display', 'none', '-global', 'driver=cfi.pflash01,property=secure,value=on'],
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${ovmf}/OVMF_CODE_4M.secboot.fd`],
    ...['-drive', `if=pflash,unit=1,format=raw,file=${variablesFile(folder, keys)}`],
    ...['-chardev', `socket,id=tpm,path=${join(folder, 'tpm.sock')}`, '-tpmdev', 'emulator,id=tpm0,chardev=tpm'],
    ...['-device', 'tpm-tis,tpmdev=tpm0'],
    ...['-chardev', `file,id=log,path=${join(folder, 'console.log')}`, '-serial', 'chardev:log'],
    ...[
      '-chardev',
      `socket,id=shell,path=${join(folder, 'shell.sock')},server=on,wait=off`,
      '-serial',
      'chardev:shell',
    ],
    ...['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile='],
    ...disk('boot', boot, true, ',bootindex=0'),
    ...disk('system', system, true),
    ...disk('state', join(folder, 'agent-state.img'), false),
  ];
}

/** The variables of the firmware, one set of keys per file: the machine's owner changes them by choosing another. */
function variablesFile(folder: string, keys: FirmwareKeys): string {
  return join(folder, `${keys}.fd`);
}

function writeVariables(folder: string, keys: FirmwareKeys): void {
  const store = new Uint8Array(readFileSync(join(ovmf, variableStores[keys])));
  const variables = keys === 'current' ? enrolRevocations(store, readRevocations().list.digests) : store;
  writeFileSync(variablesFile(folder, keys), variables);
}

function launch(folder: string, name: string, args: readonly string[]): ChildProcess {
  const log = openSync(join(folder, `${name}.out`), 'a');
  const child = spawn(name, args, { stdio: ['ignore', log, log] });
  closeSync(log);
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  child.once('exit', () => process.off('exit', killAtExit));
  child.once('error', () => undefined);
  return child;
}

/** A socket is there a moment before anybody listens. */
async function listens(path: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!isListening(path)) {
    if (!isRunning(child) || Date.now() > deadline)
      throw new LabError(`nothing listens at ${path}: see the logs beside it`);
    await sleep(10);
  }
}

/** [LINUX net/unix/af_unix.c] /proc/net/unix shows SO_ACCEPTCON among the flags of a socket that listens. */
function isListening(path: string): boolean {
  const sockets = readFileSync('/proc/net/unix', 'utf8').split('\n');
  return sockets.some((line) => line.endsWith(` ${path}`) && line.split(' ')[3] === '00010000');
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null && child.pid !== undefined;
}

async function end(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(killer);
}

/** The last that firmware, boot loader and kernel said. */
function tail(folder: string): string {
  return readConsole(folder).slice(-600);
}

/** What they said, and what QEMU said to it, as far as it can be shown. */
function readConsole(folder: string): string {
  const files = ['console.log', 'qemu-system-x86_64.out'].map((name) => join(folder, name));
  const text = files.map((file) => (existsSync(file) ? readFileSync(file, 'latin1') : '')).join('\n');
  return stripVTControlCharacters(text)
    .replace(/[^\x20-\x7e\n]/g, '')
    .trim();
}
