// A server that runs: what it says of itself when it starts, and how it ends.
import process from 'node:process';
import type { ServerConfig } from './config/config.ts';
import type { Check } from './doctor/check.ts';
import { standardError } from './telemetry/standard-error.ts';

export interface RunningServer {
  readonly url: string;
  /** Where admission has an address of its own. */
  readonly admissionUrl?: string;
  /** What keeps hosts from being trusted, or weakens what trust means. */
  readonly shortcomings: readonly Check[];
  /** Rejects when the disk failed so that nobody knows what is on it. Everything is refused from then on: who runs the server ends the
   * process, and another one reads what is there. */
  readonly failed: Promise<never>;
  /** Finishes what was begun (up to 10 s unless told), then closes everything. */
  close(graceMs?: number): Promise<void>;
}

/** Closes the server on SIGTERM or SIGINT, then lets the process end. Where its disk failed the process ends at once. */
export function closeOnSignals(server: RunningServer): void {
  server.failed.catch(() => process.exit(1));
  const stop = (): void => {
    void server.close();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

type Started = Pick<RunningServer, 'url' | 'admissionUrl' | 'shortcomings'> & { readonly config: ServerConfig };

/** The banner, line by line. */
export function announceStart(
  { url, admissionUrl, config, shortcomings }: Started,
  announce: (line: string) => void = say,
): void {
  const { serverId, workers } = config;
  const lines = [
    `touchstone ${serverId} listens on ${url}${workers > 1 ? `, with ${workers} workers` : ''}`,
    ...(admissionUrl === undefined ? [] : [`  admission is answered on ${admissionUrl}, too`]),
    ...shortcomings.map(({ message, remedy }) => `  ! ${message}. ${remedy}`),
  ];
  lines.forEach((line) => announce(line));
}

function say(line: string): void {
  standardError.write(`${line}\n`);
}
