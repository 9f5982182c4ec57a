// `--accept-revoked ID --reason TEXT`: what signers say who accept again, knowingly, what was revoked.
import type { Command } from 'commander';
import type { AcceptedRevocation } from '../../core/golden/index.ts';
import { collectFile } from '../command-line.ts';
import { misuse } from '../errors.ts';

export interface AcceptRevokedOptions {
  readonly acceptRevoked?: readonly string[];
  readonly reason?: string;
}

export function withAcceptRevoked(command: Command): Command {
  return command
    .option(
      '--accept-revoked <id>',
      'accept again what this revoked golden measurement accepted: it is written into the statement, for all signers to see',
      collectFile,
    )
    .option('--reason <text>', 'with --accept-revoked: why');
}

/** @throws CliError CLI_USAGE_INVALID */
export function readAccepted({ acceptRevoked = [], reason }: AcceptRevokedOptions): readonly AcceptedRevocation[] {
  if (acceptRevoked.length > 0 === (reason === undefined)) {
    throw misuse('--accept-revoked and --reason belong together');
  }
  return acceptRevoked.map((id) => ({ id, reason: reason ?? '' }));
}
