// A golden measurement as a server holds it, with its statement.
import type { ApiClient, JsonAnswerOf } from '../../api/index.ts';
import { decodeBase64, printable } from '../../core/encoding/index.ts';
import { documentIdOf, parseGoldenStatement, type GoldenStatement } from '../../core/golden/index.ts';
import { CliError } from '../errors.ts';

type Golden = JsonAnswerOf<'getGoldenMeasurement'>;

export interface HeldGolden {
  readonly golden: Golden;
  readonly envelope: NonNullable<Golden['envelope']>;
  /** The bytes that signatures are over. */
  readonly payload: Uint8Array;
  readonly statement: GoldenStatement;
}

/** An id is the digest of the statement: what comes back under it is taken only if it is that statement.
 * @throws CliError CLI_INPUT_UNRECOGNISED where it is another; ApiProblem; MalformedError GOLDEN_* */
export async function fetchHeldGolden(client: ApiClient, id: string): Promise<HeldGolden> {
  const golden = await client.call('getGoldenMeasurement', { path: { goldenId: id } });
  const { envelope } = golden;
  const payload = decodeBase64(envelope?.payload ?? '');
  if (envelope === undefined || documentIdOf(payload) !== id) {
    const problem = `what the server holds under ${printable(id)} has another digest: nothing was done`;
    throw new CliError('CLI_INPUT_UNRECOGNISED', problem);
  }
  return { golden, envelope, payload, statement: parseGoldenStatement(payload) };
}
