// What the agent remembers: one file, 0600, replaced as a whole. It holds no key: the TPM derives those anew.
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AttestationError } from '../core/error.ts';
import { encodeUtf8, isJsonObject, parseJsonStrict, type JsonValue } from '../core/encoding/index.ts';
import { makeFolder, systemReason } from '../files/index.ts';
import { AgentError } from './errors.ts';

export interface EnrolmentState {
  /** Base URL of the server. */
  readonly server: string;
  /** The name the server challenges under: pinned here, never taken from a challenge. */
  readonly serverId: string;
  readonly hostId: string;
  /** Complete name of the enrolled attestation key, hexadecimal. */
  readonly akName: string;
  /** Bearer token for this host's own routes. */
  readonly hostToken: string;
  /** PEM. Absent until the server's CA could sign one. */
  readonly akCertificate?: string | undefined;
}

const fileName = 'agent.json';
const version = 1;

/** Undefined when there is no enrolment yet.
 * @throws AgentError AGENT_STATE_* */
export async function loadEnrolment(directory: string): Promise<EnrolmentState | undefined> {
  const path = join(directory, fileName);
  let bytes: Uint8Array;
  try {
    await checkPrivate(path);
    bytes = new Uint8Array(await readFile(path));
  } catch (cause) {
    if (cause instanceof AgentError) throw cause;
    if (systemReason(cause) === 'ENOENT') return undefined;
    throw new AgentError('AGENT_STATE_UNWRITABLE', `${path} cannot be read (${systemReason(cause)})`, { cause });
  }
  return parseState(bytes, path);
}

/** Writes, syncs and renames: after a power cut there is the old enrolment or the new one.
 * @throws AgentError AGENT_STATE_UNWRITABLE */
export async function saveEnrolment(directory: string, state: EnrolmentState): Promise<void> {
  const path = join(directory, fileName);
  const temporary = `${path}.new`;
  try {
    makeFolder(directory, 0o700);
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(encodeUtf8(`${JSON.stringify({ version, ...state }, undefined, 2)}\n`));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    throw new AgentError('AGENT_STATE_UNWRITABLE', `${path} cannot be written (${systemReason(cause)})`, { cause });
  }
}

async function checkPrivate(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    throw new AgentError('AGENT_STATE_EXPOSED', `${path} has mode 0${(mode & 0o777).toString(8)}`);
  }
}

function parseState(bytes: Uint8Array, path: string): EnrolmentState {
  const invalid = (cause?: unknown) => new AgentError('AGENT_STATE_INVALID', `${path} is no enrolment`, { cause });
  let value: JsonValue;
  try {
    value = parseJsonStrict(bytes);
  } catch (error) {
    throw error instanceof AttestationError ? invalid(error) : error;
  }
  if (!isJsonObject(value) || value['version'] !== version) throw invalid();
  const read = (name: keyof EnrolmentState): string => {
    const field = value[name];
    if (typeof field !== 'string' || field === '') throw invalid();
    return field;
  };
  return {
    server: read('server'),
    serverId: read('serverId'),
    hostId: read('hostId'),
    akName: read('akName'),
    hostToken: read('hostToken'),
    ...(value['akCertificate'] === undefined ? {} : { akCertificate: read('akCertificate') }),
  };
}
