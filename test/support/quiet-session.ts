// A run of the CLI that nobody reads: for tests that look at its commands alone.
import { Readable } from 'node:stream';
import type { Session } from '../../src/cli/session.ts';

export function createQuietSession(): Session {
  const quiet = { write: () => true };
  return { stdin: Readable.from([]), stdout: quiet, stderr: quiet, env: {}, now: () => new Date(0), exitCode: 0 };
}
