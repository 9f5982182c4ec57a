import { MalformedError } from '../error.ts';
import type { ClaimedGolden } from './approval.ts';
import type { GoldenStatement } from './statement.ts';

/** Reads a DSSE envelope with a golden statement; approves nothing. */
export function parseGolden(envelope: Uint8Array): ClaimedGolden {
  throw new MalformedError('GOLDEN_STATEMENT_INVALID', `${envelope.length}`);
}

/** Reads the payload of an envelope (the in-toto statement, JSON). */
export function parseGoldenStatement(payload: Uint8Array): GoldenStatement {
  throw new MalformedError('GOLDEN_STATEMENT_INVALID', `${payload.length}`);
}

/** The payload to sign: canonical JSON of the in-toto statement. */
export function encodeGoldenStatement(statement: GoldenStatement): Uint8Array {
  return new Uint8Array(statement.events.length);
}

/** `sha256:` and the hex SHA-256 of the payload. */
export function goldenIdOf(payload: Uint8Array): string {
  return `sha256:${payload.length}`;
}
