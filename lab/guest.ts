// A host of the lab as the site knows it: its machine, its TPM with a certificate, and our agent inside the running guest.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WireVerdict } from '../src/api/index.ts';
import { manufactureTpm } from '../src/cli/demo/swtpm.ts';
import { decodeUtf8 } from '../src/core/encoding/index.ts';
import { makeExt4 } from './disks.ts';
import type { GuestConsole } from './guest-console.ts';
import { LabError } from './lab-error.ts';
import { bootTimeoutMs, createMachine, type Machine, type Setup } from './machine.ts';
import type { Site } from './site.ts';

export interface Guest {
  readonly name: string;
  readonly machine: Machine;
  /** Boots, does `work`, and switches off. */
  during<T>(setup: Setup, work: (running: RunningGuest) => Promise<T>): Promise<T>;
}

export interface RunningGuest {
  /** `touchstone agent enrol`. */
  enrol(): Promise<void>;
  /** `touchstone agent attest`, and the verdict that the server holds then, of which the agent was told. */
  attest(): Promise<WireVerdict>;
  /** Restarts the machine: firmware, boot loader and all. The TPM counts a reset. */
  reboot(): Promise<void>;
  /** Suspends to memory and wakes up by the clock: firmware restores what it saved. The TPM counts a restart. */
  suspend(): Promise<void>;
  /** Runs a command that must end well. */
  command(line: string): Promise<Uint8Array>;
}

/** Where the agent keeps its enrolment: a disk of its own that stays from boot to boot. */
export const stateFolder = '/var/lib/touchstone-agent';
const mebibytes = 16;
const secondsAsleep = 5;
const leave = `sync; umount ${stateFolder}`;

/** Manufactures a machine with a TPM of its own, whose maker the site trusts. */
export async function createGuest(folder: string, name: string, site: Site): Promise<Guest> {
  mkdirSync(folder, { recursive: true });
  const { root, intermediate } = manufactureTpm(folder, name);
  await site.trustTpmMaker(`maker of ${name}`, root);
  const seed = join(folder, 'seed');
  mkdirSync(seed);
  writeFileSync(join(seed, 'ek-chain.pem'), intermediate);
  writeFileSync(join(seed, 'join.token'), await site.joinToken());
  await makeExt4(join(folder, 'agent-state.img'), seed, mebibytes);
  const machine = createMachine(folder);
  return {
    name,
    machine,
    during: async (setup, work) => {
      const console = await machine.boot(setup);
      try {
        const result = await work(runningGuest(name, console, site));
        console.send(`${leave}; poweroff -f`);
        await machine.off();
        return result;
      } finally {
        console.close();
        await machine.kill();
      }
    },
  };
}

function runningGuest(name: string, console: GuestConsole, site: Site): RunningGuest {
  const command = async (line: string): Promise<Uint8Array> => {
    const { status, stdout, stderr } = await console.run(line);
    if (status !== 0) throw new LabError(`in ${name}, \`${line}\` ended with ${status}: ${stderr.trim()}`);
    return stdout;
  };
  return {
    command,
    enrol: async () => {
      const server = `--server ${site.urlForGuests} --name ${name}`;
      const material = `--token-file ${stateFolder}/join.token --ek-chain ${stateFolder}/ek-chain.pem`;
      await command(`touchstone agent enrol ${server} ${material}`);
    },
    attest: async () => {
      const { status, stdout, stderr } = await console.run('touchstone agent attest --json');
      if (stdout.length === 0) throw new LabError(`in ${name}, the agent was told nothing: ${stderr.trim()}`);
      const verdict = await site.recordAttestation(name);
      const told = (JSON.parse(decodeUtf8(stdout)) as { readonly verdict?: unknown }).verdict;
      assert.deepEqual(told, verdict, `what the agent of ${name} was told is not what the server holds: ${stderr}`);
      assert.equal(status, verdict.status === 'affirming' ? 0 : 1, 'exit status of the agent');
      return verdict;
    },
    reboot: async () => {
      console.send(`${leave}; reboot -f`);
      await console.ready(bootTimeoutMs);
    },
    suspend: async () => {
      const clock = '/sys/class/rtc/rtc0/wakealarm';
      await command(`echo +${secondsAsleep} > ${clock} && echo mem > /sys/power/state`);
    },
  };
}
