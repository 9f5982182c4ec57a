// What the agent does with the TPM of a kernel, which others use as well, and which quotes what it was told to.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTpmDevice, TpmDevice } from '../../../src/agent/tpm/tpm-device.ts';
import { encodeHex, encodeUnsigned } from '../../../src/core/encoding/index.ts';
import { encodeAttest, encodePublic, pcrDigestOf, type PcrSelection } from '../../../src/core/tpm/index.ts';
import { quoteClaim, softwareKey } from '../../core/tpm/software-key.ts';
import { createdAnswer, handleList, paperTpm } from './paper-tpm.ts';

const sleep = () => Promise.resolve();

describe('the TPM of a kernel', () => {
  it('is neither started nor swept: that is for its firmware and its kernel', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-device-'));
    try {
      const address = join(folder, 'tpmrm0');
      writeFileSync(address, '');
      await (await openTpmDevice({ address, sleep })).close();
      assert.equal(readFileSync(address).length, 0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is in the boot that the kernel says; of another TPM the kernel knows nothing', async () => {
    const { client } = paperTpm({});
    const boot = await new TpmDevice(client, { address: '/dev/tpmrm0', sleep }).bootId();
    assert.match(boot ?? '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal(boot, readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
    for (const address of ['tcp:127.0.0.1:2321', 'unix:/run/tpm']) {
      assert.equal(await new TpmDevice(client, { address, sleep }).bootId(), undefined);
    }
  });
});

describe('a software TPM that will not start', () => {
  it('is asked again while it is busy, then let go, and what it said is told', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-device-'));
    const answer = (code: number) => Uint8Array.from([0x80, 1, 0, 0, 0, 10, 0, 0, code >> 8, code & 0xff]);
    const [retry, failure] = [0x922, 0x101];
    const answers = [retry, retry, failure].map(answer);
    let left: Promise<unknown> | undefined;
    const server = createServer((socket) => {
      left = once(socket, 'close');
      socket.on('data', () => socket.write(answers.shift() ?? answer(failure)));
    });
    const waits: number[] = [];
    const wait = (ms: number) => Promise.resolve(void waits.push(ms));
    try {
      const path = join(folder, 'tpm');
      await once(server.listen(path), 'listening');
      const opening = openTpmDevice({ address: `unix:${path}`, sleep: wait });
      await assert.rejects(opening, { code: 'AGENT_TPM_REFUSED', message: /TPM_RC_FAILURE/ });
      assert.equal(waits.length, 2);
      await left;
    } finally {
      server.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a quote that is sent', () => {
  const key = softwareKey();
  const selections: readonly PcrSelection[] = [{ bank: 'sha256', pcrs: [0, 1] }];
  const value = (byte: number) => new Uint8Array(32).fill(byte);
  const signed = (values: readonly number[], more: Partial<Parameters<typeof quoteClaim>[1]> = {}) => {
    const pcrs = new Map([['sha256' as const, new Map(values.map((byte, pcr) => [pcr, value(byte)]))]]);
    const pcrDigest = pcrDigestOf(selections, pcrs, 'sha256') ?? new Uint8Array();
    return encodeAttest(quoteClaim(key.key, { selections, pcrDigest, ...more }));
  };
  const withSession = (parameters: string) =>
    `${encodeHex(encodeUnsigned(parameters.length / 2, 4))}${parameters}0000010000`;
  const sized = (bytes: Uint8Array) => `${encodeHex(encodeUnsigned(bytes.length, 2))}${encodeHex(bytes)}`;
  /** A TPM whose PCR 0 and 1 are read as these, in turn, and whose quotes are always the same. */
  const deviceOf = (attest: Uint8Array, ...reads: readonly (readonly [number, number])[]) => {
    const queue = [...reads];
    const waits: number[] = [];
    const { client, sent } = paperTpm({
      0x131: () => createdAnswer(0x80000007, encodePublic(key.area)),
      0x17e: () => {
        const bytes = queue.length > 1 ? queue.shift() : queue[0];
        return `0000000100000001000b0303000000000002${(bytes ?? []).map((byte) => sized(value(byte))).join('')}`;
      },
      0x158: () => withSession(`${sized(attest)}aabb`),
      0x165: () => '',
    });
    const wait = (ms: number) => Promise.resolve(void waits.push(ms));
    return { device: new TpmDevice(client, { address: '/dev/tpmrm0', sleep: wait }), sent, waits };
  };

  it('goes with the values that were signed: they are read again until they are, longer apart each time', async () => {
    const { device, waits } = deviceOf(signed([3, 4]), [1, 2], [3, 2], [3, 4]);
    const { pcrs, signature, attest } = await device.quote(value(9), selections);
    assert.deepEqual([...(pcrs.get('sha256') ?? [])], [[0, value(3)], [1, value(4)]]); // prettier-ignore
    assert.deepEqual([encodeHex(signature), attest], ['aabb', signed([3, 4])]);
    assert.deepEqual(waits, [50, 100]);
  });

  it('goes with the values of those PCRs alone that were signed', async () => {
    const only = [{ bank: 'sha256', pcrs: [1] }] as const;
    const pcrs = new Map([['sha256' as const, new Map([[1, value(4)]])]]);
    const attest = signed([], { selections: only, pcrDigest: pcrDigestOf(only, pcrs, 'sha256') ?? value(0) });
    const { device } = deviceOf(attest, [3, 4]);
    assert.deepEqual((await device.quote(value(9), selections)).pcrs, pcrs);
  });

  it('is given up after five attempts, and where the TPM signs something else', async () => {
    const { device, waits, sent } = deviceOf(signed([3, 4]), [1, 2]);
    await assert.rejects(device.quote(value(9), selections), { code: 'AGENT_PCRS_UNSTEADY' });
    assert.deepEqual([waits.length, sent.filter((command) => command.includes('00000158')).length], [5, 5]);
    const certified = encodeAttest({
      ...quoteClaim(key.key),
      type: 'certify',
      name: value(1),
      qualifiedName: value(2),
    });
    const wider = signed([3, 4], { selections: [{ bank: 'sha256', pcrs: [0, 1, 2] }] });
    const ofOther = signed([3, 4], { selections: [{ bank: 'sha384', pcrs: [0] }] });
    for (const attest of [certified, wider, ofOther])
      await assert.rejects(deviceOf(attest, [3, 4]).device.quote(value(9), selections), {
        code: 'AGENT_PCRS_UNSTEADY',
      });
  });

  it('is made with a key that is loaded once, and unloaded at the end where it is not persistent', async () => {
    const { device, sent } = deviceOf(signed([3, 4]), [3, 4]);
    await device.quote(value(9), selections);
    await device.quote(value(9), selections);
    await device.close();
    const codes = sent.map((command) => command.slice(12, 20));
    assert.equal(codes.filter((code) => code === '00000131').length, 1);
    assert.deepEqual(sent.at(-1), '80010000000e0000016580000007');
  });
});

describe('a key that the TPM failed to make', () => {
  const { area } = softwareKey();
  /** Fails once in this way, and never again. */
  const failsOnce = (failure: string | number) => {
    const failures = [failure];
    const { client, sent } = paperTpm({
      0x131: () => failures.shift() ?? createdAnswer(0x80000007, encodePublic(area)),
      0x169: () => 0x18b,
      0x17a: () => handleList(),
      0x165: () => '',
    });
    return { device: new TpmDevice(client, { address: '/dev/tpmrm0', sleep }), sent };
  };
  const made = (sent: readonly string[]) => sent.filter((command) => command.slice(12, 20) === '00000131').length;

  for (const [failure, code] of [
    ['8000', 'TPM_STRUCTURE_TRUNCATED'],
    [0x101, 'AGENT_TPM_REFUSED'],
  ] as const) {
    it(`is made when it is needed again (${code}), and once from then on`, async () => {
      for (const name of ['akPublic', 'ekPublic'] as const) {
        const { device, sent } = failsOnce(failure);
        await assert.rejects(device[name](), { code });
        const key = await device[name]();
        assert.deepEqual([await device[name](), made(sent)], [key, 2]);
        await device.close();
        assert.equal(sent.at(-1), '80010000000e0000016580000007');
      }
    });
  }

  it('leaves nothing to unload', async () => {
    const { device, sent } = failsOnce(0x101);
    const failing = device.akPublic();
    await Promise.all([assert.rejects(failing, { code: 'AGENT_TPM_REFUSED' }), device.close()]);
    assert.equal(sent.length, 1);
  });
});
