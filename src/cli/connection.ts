// The server a command talks to: named by options, then by the environment. Without either the command was misused.
import { createApiClient, isSafeAddress, type ApiClient, type CallOptions, type OperationId } from '../api/index.ts';
import { parsePem, printable } from '../core/encoding/index.ts';
import { CliError, misuse } from './errors.ts';
import { naming, readTextInput } from './files.ts';
import type { Session } from './session.ts';

export interface ServerOptions {
  readonly json?: boolean;
  readonly server?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
}

/** The JSON body of a request. */
export type RequestBody<Op extends OperationId> = NonNullable<CallOptions<Op>['body']>;

/** A client for the server of a command.
 * @throws CliError CLI_SERVER_MISSING, CLI_TOKEN_MISSING, CLI_USAGE_INVALID, CLI_FILE_UNREADABLE */
export function connect(session: Session, options: ServerOptions): ApiClient {
  const baseUrl = readSafeUrl(session, options);
  const token = readToken(session, options);
  if (token === undefined) {
    throw new CliError('CLI_TOKEN_MISSING', 'no access token was given', { misuse: true });
  }
  const ca = readCa(session, options);
  return createApiClient({ baseUrl, token, ...(ca === undefined ? {} : { ca }) });
}

/** @throws CliError CLI_SERVER_MISSING, CLI_USAGE_INVALID */
export function readServerUrl({ env }: Pick<Session, 'env'>, options: ServerOptions): string {
  const text = options.server ?? env['TOUCHSTONE_SERVER'];
  if (text === undefined || text === '') {
    throw new CliError('CLI_SERVER_MISSING', 'no server was named', { misuse: true });
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw misuse(`${printable(text)} is no http or https address`);
  }
  return text;
}

/** For whoever presents a token of an operator or an orchestrator, and acts upon the answers: who reads along would have the one, and who
 * stands between could write the other.
 * @throws as readServerUrl */
export function readSafeUrl(session: Pick<Session, 'env'>, options: ServerOptions): string {
  const text = readServerUrl(session, options);
  if (isSafeAddress(text)) return text;
  throw misuse(`${printable(text)} needs https: a token is sent there, and http is for this machine alone`);
}

export function readToken({ env }: Pick<Session, 'env'>, options: ServerOptions): string | undefined {
  const file = options.tokenFile ?? (options.token === undefined ? env['TOUCHSTONE_TOKEN_FILE'] : undefined);
  const token = options.token ?? (file === undefined ? env['TOUCHSTONE_TOKEN'] : readTextInput(file).trim());
  return token === '' ? undefined : token;
}

/** @throws CliError CLI_FILE_*, CLI_INPUT_UNRECOGNISED; MalformedError ENCODING_* */
export function readCa({ env }: Pick<Session, 'env'>, options: Pick<ServerOptions, 'ca'>): string | undefined {
  const file = options.ca ?? env['TOUCHSTONE_CA'];
  if (file === undefined || file === '') return undefined;
  const pem = readTextInput(file);
  // TLS passes over what is no certificate in silence, and trusts nobody.
  if (naming(file, () => parsePem(pem)).every(({ label }) => !label.endsWith('CERTIFICATE')))
    throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(file)} holds no certificate in PEM`, { misuse: true });
  return pem;
}
