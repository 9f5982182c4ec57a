// One command, one response: framing, authorisations, retries. [TPM2-P1 §18, TPM2-P3 §5]
import { concatBytes, Cursor, encodeUnsigned } from '../../core/encoding/index.ts';
import { encodeSized } from '../../core/tpm/index.ts';
import { AgentError, TpmResponseError } from '../errors.ts';
import { baseCode, isRetry } from './response-code.ts';
import type { TpmTransport } from './transport.ts';

export interface TpmCommand {
  readonly code: number;
  readonly handles?: readonly number[];
  /** One session per handle that needs authorisation, in order: `passwordSession`, or a policy session's handle. */
  readonly sessions?: readonly number[];
  readonly parameters?: Uint8Array;
  /** How many handles the response starts with. */
  readonly responseHandles?: number;
}

export interface TpmResponse {
  readonly handles: readonly number[];
  /** The response's parameters, big-endian. */
  readonly parameters: Cursor;
}

/** TPM_RS_PW: authorisation by an empty password. */
export const passwordSession = 0x40000009;

const tags = { noSessions: 0x8001, sessions: 0x8002 } as const;
const continueSession = 0x01;

export interface TpmClientOptions {
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** How often a busy TPM is asked again, and how long the waits grow: about ten seconds altogether. */
const retries = { attempts: 12, firstMs: 5, longestMs: 2000 } as const;

/** Serialises commands over a transport. Owns the transport: `close()` closes it. */
export class TpmClient {
  readonly #transport: TpmTransport;
  readonly #sleep: TpmClientOptions['sleep'];
  #last: Promise<unknown> = Promise.resolve();

  constructor(transport: TpmTransport, options: TpmClientOptions) {
    this.#transport = transport;
    this.#sleep = options.sleep;
  }

  /** @throws TpmResponseError AGENT_TPM_REFUSED with the TPM's code; AgentError AGENT_TPM_BUSY, AGENT_TPM_* */
  execute(command: TpmCommand): Promise<TpmResponse> {
    const turn = this.#last.then(() => this.#attempt(command));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#transport.close();
  }

  async #attempt(command: TpmCommand): Promise<TpmResponse> {
    const bytes = encodeCommand(command);
    let wait: number = retries.firstMs;
    for (let attempt = 0; attempt < retries.attempts; attempt += 1) {
      const response = await this.#transport.transmit(bytes);
      const code = responseCode(response);
      if (code === 0) return parseResponse(response, command.responseHandles ?? 0);
      if (!isRetry(code)) throw new TpmResponseError(command.code, code);
      await this.#sleep(wait);
      wait = Math.min(wait * 2, retries.longestMs);
    }
    throw new AgentError('AGENT_TPM_BUSY', 'the TPM asked for a retry again and again');
  }
}

function encodeCommand({ code, handles = [], sessions = [], parameters = new Uint8Array() }: TpmCommand): Uint8Array {
  const area = concatBytes(...sessions.map(encodeSession));
  const body = concatBytes(
    encodeUnsigned(code, 4),
    ...handles.map((handle) => encodeUnsigned(handle, 4)),
    ...(sessions.length > 0 ? [encodeUnsigned(area.length, 4), area] : []),
    parameters,
  );
  const tag = sessions.length > 0 ? tags.sessions : tags.noSessions;
  return concatBytes(encodeUnsigned(tag, 2), encodeUnsigned(6 + body.length, 4), body);
}

/** TPMS_AUTH_COMMAND with no nonce and an empty HMAC or password. [TPM2-P2 §10.13.2] */
function encodeSession(session: number): Uint8Array {
  const attributes = session === passwordSession ? 0 : continueSession;
  const empty = encodeSized(new Uint8Array());
  return concatBytes(encodeUnsigned(session, 4), empty, Uint8Array.of(attributes), empty);
}

const headerSize = 10;

function responseCode(response: Uint8Array): number {
  if (response.length < headerSize) {
    throw new AgentError(
      'AGENT_TPM_CONNECTION_LOST',
      `what answers is no TPM: ${response.length} bytes came as a response`,
    );
  }
  const cursor = cursorOf(response);
  cursor.u16('response tag');
  if (cursor.u32('response size') !== response.length) {
    throw new AgentError('AGENT_TPM_CONNECTION_LOST', 'the TPM sent a response of another length than it states');
  }
  return cursor.u32('response code');
}

function parseResponse(response: Uint8Array, handleCount: number): TpmResponse {
  const cursor = cursorOf(response);
  const tag = cursor.u16('response tag');
  cursor.bytes(8, 'response header');
  const handles = Array.from({ length: handleCount }, () => cursor.u32('response handle'));
  if (tag !== tags.sessions) return { handles, parameters: cursor };
  return { handles, parameters: cursor.sub(cursor.u32('parameter size'), 'response parameters') };
}

function cursorOf(bytes: Uint8Array): Cursor {
  return new Cursor(bytes, {
    endianness: 'big',
    truncated: 'TPM_STRUCTURE_TRUNCATED',
    trailing: 'TPM_STRUCTURE_TRAILING',
  });
}

const handleUnknown = 0x8b;

/** Whether the TPM refused a handle because nothing is there under it. */
export function isHandleUnknown(error: unknown): boolean {
  return error instanceof TpmResponseError && baseCode(error.responseCode) === handleUnknown;
}

/** The next TPM2B of a response, as a copy. */
export function readSized(cursor: Cursor): Uint8Array {
  return Uint8Array.from(cursor.bytes(cursor.u16('size'), 'sized value'));
}
