import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TpmClient, passwordSession } from '../../../src/agent/tpm/client.ts';
import type { TpmTransport } from '../../../src/agent/tpm/transport.ts';
import { readPublic } from '../../../src/agent/tpm/key-commands.ts';
import { nvRead, nvSize } from '../../../src/agent/tpm/nv-commands.ts';
import { pcrRead } from '../../../src/agent/tpm/pcr-commands.ts';
import { AgentError } from '../../../src/agent/index.ts';
import { AttestationError } from '../../../src/core/error.ts';
import { decodeHex, encodeHex } from '../../../src/core/encoding/index.ts';
import { getRandom } from '../../support/get-random.ts';

/** A transport that answers from a list and remembers what it was sent. */
function scripted(...responses: readonly string[]) {
  const sent: string[] = [];
  const waits: number[] = [];
  const queue = [...responses];
  const transport: TpmTransport = {
    transmit: (command) => {
      sent.push(encodeHex(command));
      return Promise.resolve(decodeHex(queue.shift() ?? ''));
    },
    close: () => Promise.resolve(),
  };
  const sleep = (ms: number) => {
    waits.push(ms);
    return Promise.resolve();
  };
  return { client: new TpmClient(transport, { sleep }), sent, waits };
}

const fourBytes = '80010000001000000000' + '0004' + '01020304';
const refusal = (code: string) => `80010000000a${code}`;

describe('the TPM client', () => {
  it('frames a command without sessions', async () => {
    const { client, sent } = scripted(fourBytes);
    assert.deepEqual(await getRandom(client, 4), Uint8Array.of(1, 2, 3, 4));
    assert.deepEqual(sent, ['80010000000c0000017b0004']);
  });

  it('frames handles and password sessions, and reads handles and parameters back', async () => {
    const { client, sent } = scripted('800200000018000000008000000000000002abcd0000010000'.slice(0, 48));
    const { handles, parameters } = await client.execute({
      code: 0x131,
      handles: [0x4000000b],
      sessions: [passwordSession],
      parameters: Uint8Array.of(0xff),
      responseHandles: 1,
    });
    assert.deepEqual(handles, [0x80000000]);
    assert.equal(parameters.u16('value'), 0xabcd);
    parameters.end('parameters');
    assert.deepEqual(sent, ['80020000001c000001314000000b00000009' + '400000090000000000' + 'ff']);
  });

  it('frames a policy session so that it goes on after the command', async () => {
    const { client, sent } = scripted('80020000001300000000' + '00000000' + '0000010000');
    await client.execute({ code: 0x131, handles: [0x4000000b], sessions: [0x03000001] });
    assert.deepEqual(sent, ['80020000001b00000131' + '4000000b' + '00000009' + '03000001' + '0000' + '01' + '0000']);
  });

  for (const [name, code] of Object.entries({ RETRY: '00000922', YIELDED: '00000908', TESTING: '0000090a' })) {
    it(`sends the same bytes again after TPM_RC_${name}`, async () => {
      const { client, sent, waits } = scripted(refusal(code), refusal(code), fourBytes);
      assert.equal((await getRandom(client, 4)).length, 4);
      assert.equal(sent.length, 3);
      assert.equal(new Set(sent).size, 1);
      assert.deepEqual(waits, [5, 10]);
    });
  }

  it('gives up on a TPM that is busy for ever', async () => {
    const { client, sent, waits } = scripted(...Array.from({ length: 100 }, () => refusal('00000922')));
    await assert.rejects(getRandom(client, 4), { code: 'AGENT_TPM_BUSY' });
    assert.equal(sent.length, 12);
    assert.ok(Math.max(...waits) <= 2000);
  });

  it('waits before it asks again, and closes behind what was asked', async () => {
    const told: string[] = [];
    const later = (what: string) => new Promise<void>((resolve) => setImmediate(() => resolve(void told.push(what))));
    const answers = [refusal('00000922'), fourBytes];
    const transport: TpmTransport = {
      transmit: async () => {
        await later('answered');
        return decodeHex(answers.shift() ?? '');
      },
      close: () => later('closed'),
    };
    const client = new TpmClient(transport, { sleep: () => later('waited') });
    const asked = getRandom(client, 4);
    await client.close();
    assert.deepEqual(told, ['answered', 'waited', 'answered', 'closed']);
    assert.equal((await asked).length, 4);
  });

  it('names the response code of a refusal', async () => {
    const { client } = scripted(refusal('00000902'), refusal('0000028b'), refusal('000009a2'));
    await assert.rejects(getRandom(client, 4), { code: 'AGENT_TPM_REFUSED', message: /TPM_RC_OBJECT_MEMORY/ });
    await assert.rejects(getRandom(client, 4), { message: /TPM_RC_HANDLE \(handle 2\)/ });
    await assert.rejects(getRandom(client, 4), { message: /TPM_RC_BAD_AUTH \(session 1\)/ });
  });

  it('goes on with the next command after one that failed', async () => {
    const { client } = scripted(refusal('00000902'), fourBytes);
    const [first, second] = await Promise.allSettled([getRandom(client, 4), getRandom(client, 4)]);
    assert.equal(first.status, 'rejected');
    assert.equal(second.status, 'fulfilled');
  });

  it('refuses a response whose length is not the one it states', async () => {
    const { client } = scripted('80010000001100000000' + '0004' + '01020304');
    await assert.rejects(getRandom(client, 4), { code: 'AGENT_TPM_CONNECTION_LOST' });
    // What /dev/null and its like answer.
    for (const short of ['', '8001', '800100000009000000']) {
      const other = scripted(short);
      const isNone = { code: 'AGENT_TPM_CONNECTION_LOST', message: /^what answers is no TPM: \d bytes/ };
      await assert.rejects(getRandom(other.client, 4), isNone);
    }
  });

  it('ends the reading of PCRs when the TPM returns none', async () => {
    const { client, sent } = scripted(`80010000001c000000000000000100000001000b0300000000000000`);
    const values = await pcrRead(client, [{ bank: 'sha256', pcrs: [0] }]);
    assert.equal(values.get('sha256')?.size, 0);
    assert.equal(sent.length, 1);
  });

  it('reads more PCRs than a TPM returns at once', async () => {
    const digest = (byte: string) => `0020${byte.repeat(32)}`;
    const answer = (bitmap: string, byte: string) =>
      `80010000003e000000000000000100000001000b03${bitmap}00000001${digest(byte)}`;
    const { client, sent } = scripted(answer('010000', 'aa'), answer('020000', 'bb'));
    const values = await pcrRead(client, [{ bank: 'sha256', pcrs: [0, 1] }]);
    assert.deepEqual(values.get('sha256')?.get(1), new Uint8Array(32).fill(0xbb));
    assert.equal(sent.length, 2);
  });

  it('takes each digest for the PCR that the TPM says it is of, and no more of them than it sent', async () => {
    const digest = (byte: string) => `0020${byte.repeat(32)}`;
    const answer = (bitmap: string, byte: string) =>
      `80010000003e000000000000000100000001000b03${bitmap}00000001${digest(byte)}`;
    const { client } = scripted(answer('020000', 'bb'), answer('010000', 'aa'));
    const turned = await pcrRead(client, [{ bank: 'sha256', pcrs: [0, 1] }]);
    assert.deepEqual(turned.get('sha256')?.get(1), new Uint8Array(32).fill(0xbb));
    const promised = scripted(answer('030000', 'aa'), answer('020000', 'bb'));
    const values = await pcrRead(promised.client, [{ bank: 'sha256', pcrs: [0, 1] }]);
    assert.deepEqual(
      [...(values.get('sha256')?.values() ?? [])].map(([byte]) => byte),
      [0xaa, 0xbb],
    );
  });

  it('takes for absent what the TPM says that it does not have, and for a failure whatever else it says', async () => {
    const [absent, other] = [refusal('0000018b'), refusal('00000101')];
    const { client } = scripted(absent, absent, other, other);
    assert.deepEqual([await readPublic(client, 0x81010001), await nvSize(client, 0x01c00002)], [undefined, undefined]);
    await assert.rejects(readPublic(client, 0x81010001), { message: /TPM_RC_FAILURE/ });
    await assert.rejects(nvSize(client, 0x01c00002), { message: /TPM_RC_FAILURE/ });
  });

  const area = (size: string) => `80010000001c00000000${'000e' + '01c00002' + '000b' + '00000000' + '0000' + size}0000`;
  const content = (bytes: string) => {
    const sized = `${(bytes.length / 2).toString(16).padStart(4, '0')}${bytes}`;
    const parameters = `${(sized.length / 2).toString(16).padStart(8, '0')}${sized}0000010000`;
    return `8002${(10 + parameters.length / 2).toString(16).padStart(8, '0')}00000000${parameters}`;
  };
  const readAs = (authority: string, length: string, offset: string) =>
    `8002000000230000014e${authority}01c00002` + `00000009` + `400000090000000000` + length + offset;

  it('reads what is stored piece by piece, each where the one before it ended', async () => {
    const { client, sent } = scripted(area('0201'), content('aa'.repeat(512)), content('bb'));
    const stored = await nvRead(client, 0x01c00002);
    assert.equal(encodeHex(stored ?? new Uint8Array()), 'aa'.repeat(512) + 'bb');
    assert.deepEqual(sent.slice(1), [readAs('40000001', '0200', '0000'), readAs('40000001', '0001', '0200')]);
  });

  it('reads what is stored as its own index allows, where the owner may not, and fails where something else does', async () => {
    const { client, sent } = scripted(area('0001'), refusal('0000014b'), content('aa'));
    assert.deepEqual(await nvRead(client, 0x01c00002), Uint8Array.of(0xaa));
    assert.equal(sent[2], readAs('01c00002', '0001', '0000'));
    const failing = scripted(area('0001'), refusal('00000101'), content('aa'));
    await assert.rejects(nvRead(failing.client, 0x01c00002), { message: /TPM_RC_FAILURE/ });
  });

  it('gives a result or a typed error for any response', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (bytes) => {
        const client = new TpmClient(
          { transmit: () => Promise.resolve(bytes), close: () => Promise.resolve() },
          { sleep: () => Promise.resolve() },
        );
        try {
          await getRandom(client, 4);
        } catch (error) {
          assert.ok(error instanceof AgentError || error instanceof AttestationError, String(error));
        }
      }),
    );
  });
});
