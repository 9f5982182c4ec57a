// `touchstone host token`: the verdict of a host as a signed token, for a relying party that verifies it by itself.
import { Option, type Command } from 'commander';
import { encodeBase64url, encodeHex, decodeHex } from '../../core/encoding/index.ts';
import { ApiUnreachable } from '../../api/index.ts';
import type { EarGeneration } from '../../core/verdict/index.ts';
import { parseHexOption, withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { writeOutput } from '../files.ts';
import { readToken, readUntrustedEar } from '../inputs/token-input.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';

interface TokenOptions extends ServerOptions {
  readonly format: 'jwt' | 'cwt';
  readonly generation?: EarGeneration;
  readonly audience?: string;
  readonly nonce?: string;
  readonly out?: string;
}

export function addHostTokenCommand(host: Command, session: Session): void {
  const command = host
    .command('token')
    .description(
      'Fetch the verdict of a host as an EAR, signed. `touchstone verify token` and any EAR library verify it with the keys of the ' +
        'server (/.well-known/jwks.json).',
    )
    .argument('<host>', 'host id')
    .addOption(new Option('--format <format>', 'JSON or CBOR').choices(['jwt', 'cwt']).default('jwt'))
    .addOption(
      new Option(
        '--generation <generation>',
        'which generation of EAR; as the server is configured unless told',
      ).choices(['veraison-2023', 'draft-2025', 'draft-2026']),
    )
    .option('--audience <name>', 'whom it is for; without it, anyone may be shown it')
    .option('--nonce <hex>', 'nonce of your own, 8 to 64 bytes: proves that the token is new', parseHexOption)
    .option('--out <file>', 'write it to this new file')
    .action((id: string, options: TokenOptions) => answer(session, options, () => fetchToken(session, id, options)));
  withExamples(
    withServer(command),
    'touchstone host token hv-17.rack3 --audience billing.example --out verdict.jwt',
    'touchstone host token hv-17.rack3 --format cwt --generation draft-2026 --nonce 00112233445566778899aabbccddeeff --out verdict.cwt',
  );
}

async function fetchToken(session: Session, hostId: string, options: TokenOptions): Promise<Report> {
  const { format, generation, audience, nonce, out } = options;
  const { body } = await connect(session, options).callRaw('getVerdict', {
    path: { hostId },
    query: { generation, audience, nonce: nonce === undefined ? undefined : encodeBase64url(decodeHex(nonce)) },
    headers: { accept: `application/eat+${format}` },
  });
  const token = readOwnToken(hostId, format, body);
  if (out === undefined) return { data: { token }, lines: () => [token] };
  writeOutput(out, body);
  return { data: { file: out }, lines: () => [`wrote ${out}`] };
}

/** As it is shown. Something between that mixes up answers hands out genuine tokens, too: of another host. The signature is for
 * `verify token`.
 * @throws ApiUnreachable API_ANSWER_OF_OTHER, API_ANSWER_UNREADABLE */
function readOwnToken(hostId: string, format: TokenOptions['format'], body: Uint8Array): string {
  const unreadable = (cause?: unknown) =>
    new ApiUnreachable('API_ANSWER_UNREADABLE', 'the answer is no token of a verdict', cause);
  try {
    const token = readToken(body);
    if ((token.kind === 'jwt') !== (format === 'jwt')) throw unreadable();
    const { subject = 'nobody' } = readUntrustedEar(token).ear;
    if (subject === hostId) return token.kind === 'jwt' ? token.text : encodeHex(body);
    throw new ApiUnreachable('API_ANSWER_OF_OTHER', `asked about ${hostId}, the token is about ${subject}`);
  } catch (cause) {
    throw cause instanceof ApiUnreachable ? cause : unreadable(cause);
  }
}
