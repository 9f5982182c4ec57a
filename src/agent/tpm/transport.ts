// Bytes to a TPM and back: the kernel's resource manager, or a software TPM's socket. One command at a time.
import { open, type FileHandle } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { systemReason } from '../../files/index.ts';
import { AgentError } from '../errors.ts';

/** Sends one whole command and resolves to one whole response. Callers serialise: a TPM answers one at a time. */
export interface TpmTransport {
  transmit(command: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** No TPM answers with more: the TSS allows no larger response (TPM2_MAX_RESPONSE_SIZE). */
const maximumResponse = 4096;
const headerSize = 10;
const answerTimeoutMs = 120_000;

/** Opens `/dev/tpmrm0` (or another device path), `tcp:HOST:PORT` or `unix:PATH`.
 * @throws AgentError AGENT_TPM_MISSING, AGENT_TPM_ADDRESS_INVALID */
export async function openTransport(address: string): Promise<TpmTransport> {
  const tcp = /^tcp:(?<host>[^:]+|\[[0-9a-f:]+\]):(?<port>\d{1,5})$/.exec(address)?.groups;
  const port = Number(tcp?.['port']);
  if (port > 0 && port < 65_536) return openSocket(connect(port, tcp?.['host']?.replace(/^\[|\]$/g, '')), address);
  if (address.startsWith('unix:')) return openSocket(connect(address.slice('unix:'.length)), address);
  if (address.startsWith('/')) return openDevice(address);
  throw new AgentError('AGENT_TPM_ADDRESS_INVALID', `not a device path, tcp:HOST:PORT or unix:PATH: ${address}`);
}

async function openDevice(path: string): Promise<TpmTransport> {
  let file: FileHandle;
  try {
    file = await open(path, 'r+');
  } catch (cause) {
    throw new AgentError('AGENT_TPM_MISSING', `${path} cannot be opened (${systemReason(cause)})`, { cause });
  }
  return {
    // The kernel takes one write as one command, and gives one read as one response.
    async transmit(command) {
      const buffer = new Uint8Array(maximumResponse);
      try {
        await file.write(command);
        const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
        return buffer.subarray(0, bytesRead);
      } catch (cause) {
        throw new AgentError('AGENT_TPM_CONNECTION_LOST', `${path} fails (${systemReason(cause)})`, { cause });
      }
    },
    close: () => file.close(),
  };
}

async function openSocket(socket: Socket, address: string): Promise<TpmTransport> {
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (cause) => {
      reject(new AgentError('AGENT_TPM_MISSING', `no TPM answers at ${address}`, { cause }));
    });
  });
  socket.setNoDelay(true);
  // Without a listener an error on an idle socket would end the process; the next command reports it.
  socket.on('error', () => undefined);
  return {
    transmit: (command) => exchange(socket, command),
    close: () =>
      new Promise((resolve) => {
        if (socket.closed) resolve();
        else socket.once('close', () => resolve()).destroy();
      }),
  };
}

/** Writes a command and collects bytes until the length that the response's header states. */
function exchange(socket: Socket, command: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      socket.off('data', onData).off('error', onEnd).off('close', onEnd);
      settle();
    };
    const fail = (message: string): void =>
      finish(() => {
        socket.destroy();
        reject(new AgentError('AGENT_TPM_CONNECTION_LOST', message));
      });
    const onEnd = (): void => fail('the TPM closed the connection');
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      if (received.length < headerSize) return;
      const announced = received.readUInt32BE(2);
      if (announced < headerSize || announced > maximumResponse || received.length > announced) {
        fail('the TPM sent a response of impossible length');
      } else if (received.length === announced) {
        finish(() => resolve(new Uint8Array(received)));
      }
    };
    const timer = setTimeout(() => fail('the TPM did not answer in time'), answerTimeoutMs);
    if (socket.destroyed) {
      onEnd();
      return;
    }
    socket.on('data', onData).on('error', onEnd).on('close', onEnd);
    socket.write(command);
  });
}
