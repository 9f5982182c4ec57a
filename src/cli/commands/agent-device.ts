// What the commands of `touchstone agent` share: the options that name a TPM and its logs, and the device behind them.
import { type Command, Option } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { openTpmDevice } from '../../agent/index.ts';
import type { Session } from '../session.ts';
import { sleepUnless } from '../signals.ts';

export interface TpmOptions {
  readonly json?: boolean;
  readonly tpm: string;
  readonly state: string;
  readonly ca?: string;
}

export interface DeviceOptions extends TpmOptions {
  readonly eventLog?: string;
  readonly imaLog?: string;
  readonly userspaceLog?: string;
}

export function withDevice(command: Command): Command {
  return withTpm(command)
    .addOption(
      new Option('--event-log <file>', 'firmware log, or none; that of the kernel unless told').env(
        'TOUCHSTONE_EVENT_LOG',
      ),
    )
    .addOption(
      new Option('--ima-log <file>', 'IMA list, or none; that of the kernel unless told').env('TOUCHSTONE_IMA_LOG'),
    )
    .addOption(
      new Option('--userspace-log <file>', 'what systemd measured, or none; its own log unless told').env(
        'TOUCHSTONE_USERSPACE_LOG',
      ),
    );
}

/** Without logs: for what reads none. */
export function withTpm(command: Command): Command {
  return command
    .addOption(
      new Option('--tpm <address>', 'device path, tcp:HOST:PORT or unix:PATH')
        .env('TOUCHSTONE_TPM')
        .default('/dev/tpmrm0'),
    )
    .addOption(
      new Option('--state <dir>', 'where the enrolment is kept')
        .env('TOUCHSTONE_STATE')
        .default('/var/lib/touchstone-agent'),
    )
    .option('--ca <file>', 'certificate authority of the server, PEM (or TOUCHSTONE_CA)');
}

export function openDevice({ tpm, eventLog, imaLog, userspaceLog }: DeviceOptions) {
  const logs = { eventLogPath: eventLog, imaLogPath: imaLog, userspaceLogPath: userspaceLog };
  return openTpmDevice({ address: tpm, ...logs, sleep: (ms) => sleep(ms) });
}

/** Waits as a busy server asks, and says so to people. Whoever has no signal of its own is ended by one while it waits. */
export function patience(
  session: Session,
  { json }: { readonly json?: boolean },
  signal: AbortSignal = new AbortController().signal,
) {
  return {
    signal,
    sleep: (ms: number) => sleepUnless(ms, signal),
    random: () => Math.random(),
    onWait: (waitMs: number) => {
      if (json !== true) session.stderr.write(`The server is busy. Trying again in ${Math.ceil(waitMs / 1000)} s.\n`);
    },
  };
}
