// A TPM that says what a test has written down for it: what no software TPM can be brought to say.
import { TpmClient } from '../../../src/agent/tpm/client.ts';
import { concatBytes, decodeHex, encodeHex, encodeUnsigned } from '../../../src/core/encoding/index.ts';
import { encodeSized } from '../../../src/core/tpm/index.ts';

/** Hexadecimal, without the header; or a response code. */
type Answer = string | number;

export interface PaperTpm {
  readonly client: TpmClient;
  /** Commands as they were sent, in hexadecimal. */
  readonly sent: string[];
}

/** `answers`: by command code, told what follows it in the command. */
export function paperTpm(answers: Readonly<Record<number, (body: string) => Answer>>): PaperTpm {
  const sent: string[] = [];
  const transmit = (command: Uint8Array): Promise<Uint8Array> => {
    const text = encodeHex(command);
    sent.push(text);
    const answer = answers[Number.parseInt(text.slice(12, 20), 16)]?.(text.slice(20)) ?? 0x143;
    return Promise.resolve(
      typeof answer === 'number' ? respond('8001', answer, '') : respond(text.slice(0, 4), 0, answer),
    );
  };
  const client = new TpmClient({ transmit, close: () => Promise.resolve() }, { sleep: () => Promise.resolve() });
  return { client, sent };
}

function respond(tag: string, code: number, body: string): Uint8Array {
  const bytes = decodeHex(body);
  return concatBytes(decodeHex(tag), encodeUnsigned(10 + bytes.length, 4), encodeUnsigned(code, 4), bytes);
}

const number = (value: number, size: number): string => encodeHex(encodeUnsigned(value, size));
const sized = (bytes: Uint8Array): string => encodeHex(encodeSized(bytes));

/** The list of TPM2_GetCapability(TPM_CAP_HANDLES). */
export function handleList(...handles: readonly number[]): string {
  return `00${number(1, 4)}${number(handles.length, 4)}${handles.map((handle) => number(handle, 4)).join('')}`;
}

/** What TPM2_ReadPublic says of a key: its public area, and names that nobody reads. */
export function publicAnswer(area: Uint8Array): string {
  return `${sized(area)}00000000`;
}

/** What TPM2_CreatePrimary says, authorised by a password. */
export function createdAnswer(handle: number, area: Uint8Array): string {
  const parameters = sized(area);
  return `${number(handle, 4)}${number(parameters.length / 2, 4)}${parameters}0000010000`;
}

/** NV indices and what they hold: answers of TPM2_NV_ReadPublic and TPM2_NV_Read. */
export function nvAnswers(stored: ReadonlyMap<number, Uint8Array>): Readonly<Record<number, (body: string) => Answer>> {
  const at = (body: string, position: number, digits: number) =>
    Number.parseInt(body.slice(position, position + digits), 16);
  return {
    0x169: (body) => {
      const bytes = stored.get(at(body, 0, 8));
      if (bytes === undefined) return 0x18b;
      return `000e${body.slice(0, 8)}000b000000000000${number(bytes.length, 2)}0000`;
    },
    // Authority and index, the session and its size, then length and offset.
    0x14e: (body) => {
      const [length, offset] = [at(body, 42, 4), at(body, 46, 4)];
      const parameters = sized((stored.get(at(body, 8, 8)) ?? new Uint8Array()).subarray(offset, offset + length));
      return `${number(parameters.length / 2, 4)}${parameters}0000010000`;
    },
  };
}
