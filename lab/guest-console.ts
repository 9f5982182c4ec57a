// The lab's line into a guest: commands go in, exit status and output come back. See guest/system-init.sh.
import { connect, type Socket } from 'node:net';
import { LabError } from './lab-error.ts';

export interface CommandResult {
  readonly status: number;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

export interface GuestConsole {
  /** Resolves when a system has come up: once for each boot. */
  ready(timeoutMs: number): Promise<void>;
  /** Runs one line of shell. */
  run(command: string, timeoutMs?: number): Promise<CommandResult>;
  /** Sends a line to which no answer comes: the guest goes down. */
  send(command: string): void;
  close(): void;
}

const commandTimeoutMs = 300_000;

/** @param isGone why the guest cannot answer any more, undefined while it can */
export async function openConsole(path: string, isGone: () => string | undefined): Promise<GuestConsole> {
  const socket = await connectTo(path);
  const lines = readLines(socket);
  const next = async (marker: string, timeoutMs: number): Promise<string> => {
    const line = await lines.next(`@@ ${marker}`, timeoutMs, isGone);
    return line.slice(line.indexOf('@@ ') + 3);
  };
  return {
    ready: async (timeoutMs) => {
      await next('ready', timeoutMs);
    },
    run: async (command, timeoutMs = commandTimeoutMs) => {
      socket.write(`${command}\n`);
      return parseResult(await next('', timeoutMs));
    },
    send: (command) => void socket.write(`${command}\n`),
    close: () => void socket.destroy(),
  };
}

function connectTo(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}

function parseResult(line: string): CommandResult {
  const [, status, stdout = '', stderr = ''] = /^(\d+) ([^|]*)\|(.*)$/.exec(line) ?? [];
  if (status === undefined) throw new LabError(`the guest answered out of turn: ${line.slice(0, 200)}`);
  return {
    status: Number(status),
    stdout: new Uint8Array(Buffer.from(stdout, 'base64')),
    stderr: Buffer.from(stderr, 'base64').toString('utf8'),
  };
}

/** Firmware and boot loaders print on every serial line: only lines with a marker are the guest's. */
function readLines(socket: Socket) {
  const waiting: string[] = [];
  let rest = '';
  let wake: () => void = () => undefined;
  socket.on('data', (bytes: Buffer) => {
    const parts = (rest + bytes.toString('latin1')).split(/\r?\n/);
    rest = parts.pop() ?? '';
    waiting.push(...parts.filter((line) => line.includes('@@ ')));
    wake();
  });
  socket.on('error', () => undefined).on('close', () => wake());
  return {
    async next(marker: string, timeoutMs: number, isGone: () => string | undefined): Promise<string> {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const line = waiting.shift();
        if (line?.includes(marker) === true) return line;
        if (line !== undefined) continue;
        const reason = isGone();
        if (reason !== undefined) throw new LabError(reason);
        const left = deadline - Date.now();
        if (left <= 0) throw new LabError(`the guest did not answer within ${Math.round(timeoutMs / 1000)} s`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(left, 1000));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
  };
}
