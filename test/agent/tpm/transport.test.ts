import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTransport, type TpmTransport } from '../../../src/agent/tpm/transport.ts';
import { decodeHex } from '../../../src/core/encoding/index.ts';

const command = decodeHex('80010000000c0000017b0004');
const response = '80010000000e000000000002abcd';

describe('the way to a TPM', () => {
  let folder: string;
  let server: Server;
  let opened: TpmTransport | undefined;
  let behave: (socket: Socket) => void;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ts-tr-'));
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => behave(socket));
    });
  });
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });

  it('talks over TCP, by name and by IPv6 address', async () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      behave = (socket) => socket.write(decodeHex(response));
      await new Promise<void>((resolve) => server.listen(0, host, resolve));
      opened = await openTransport(`tcp:${host}:${(server.address() as AddressInfo).port}`);
      assert.deepEqual(await opened.transmit(command), decodeHex(response));
      await opened.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('puts a response together that arrives byte by byte', async () => {
    behave = (socket) => {
      socket.setNoDelay(true);
      for (const byte of decodeHex(response)) socket.write(Uint8Array.of(byte));
    };
    assert.deepEqual(await (await openUnix()).transmit(command), decodeHex(response));
  });

  it('takes as long a response as a TPM sends', async () => {
    const longest = new Uint8Array(4096);
    longest.set(decodeHex('80010000100000000000'));
    behave = (socket) => socket.write(longest);
    assert.deepEqual(await (await openUnix()).transmit(command), longest);
  });

  it('takes one write as a command and one read as its response on a device', async () => {
    const path = join(folder, 'device');
    writeFileSync(path, Buffer.concat([command, Buffer.from(response, 'hex')]));
    opened = await openTransport(path);
    assert.deepEqual(await opened.transmit(command), decodeHex(response));
  });

  // What Linux has that takes no write: a device that fails, as a TPM that has gone does.
  it('says of a device that fails that it was lost, and why', async () => {
    opened = await openTransport('/dev/full');
    await assert.rejects(opened.transmit(command), {
      code: 'AGENT_TPM_CONNECTION_LOST',
      message: '/dev/full fails (ENOSPC)',
    });
  });

  const faults: Readonly<Record<string, (socket: Socket) => void>> = {
    'closes the connection': (socket) => socket.destroy(),
    'closes it in the middle of a response': (socket) => socket.end(decodeHex(response.slice(0, 20))),
    'announces less than a header': (socket) => socket.write(decodeHex('80010000000900000000')),
    'announces more than any TPM sends': (socket) => socket.write(decodeHex('80010000100100000000')),
    'sends more than it announced': (socket) => socket.write(decodeHex(`${response}00`)),
  };
  for (const [name, fault] of Object.entries(faults)) {
    it(`gives up when the TPM ${name}, and stays given up`, async () => {
      behave = fault;
      const transport = await openUnix();
      await assert.rejects(transport.transmit(command), { code: 'AGENT_TPM_CONNECTION_LOST' });
      await assert.rejects(transport.transmit(command), { code: 'AGENT_TPM_CONNECTION_LOST' });
    });
  }

  for (const address of ['unix:/nowhere/at/all', 'tcp:127.0.0.1:1', 'tcp:127.0.0.1:65535', '/nowhere/tpmrm0']) {
    it(`says that there is no TPM at ${address}`, async () => {
      await assert.rejects(openTransport(address), { code: 'AGENT_TPM_MISSING' });
    });
  }

  for (const address of [
    '',
    'tpmrm0',
    'tcp:host',
    'tcp:host:port',
    'tcp:127.0.0.1:65536',
    'tcp:127.0.0.1:99999',
    'tcp:127.0.0.1:0',
  ]) {
    it(`refuses the address "${address}"`, async () => {
      await assert.rejects(openTransport(address), { code: 'AGENT_TPM_ADDRESS_INVALID' });
    });
  }

  it('may be closed twice', async () => {
    const transport = await openUnix();
    await transport.close();
    await transport.close();
  });

  async function openUnix(): Promise<TpmTransport> {
    const path = join(folder, 's');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    opened = await openTransport(`unix:${path}`);
    return opened;
  }
});
