import assert from 'node:assert/strict';
import { flushContext, readHandles, shutdown, startup } from '../../../src/agent/tpm/state-commands.ts';
import { handleList, paperTpm } from './paper-tpm.ts';

describe('commands about the TPM as a whole', () => {
  it('start and shut down with a clear state', async () => {
    const { client, sent } = paperTpm({ 0x144: () => '', 0x145: () => '' });
    await startup(client);
    await shutdown(client);
    assert.deepEqual(sent, ['80010000000c000001440000', '80010000000c000001450000']);
  });

  it('take a TPM that is started already for started, and nothing else', async () => {
    await startup(paperTpm({ 0x144: () => 0x100 }).client);
    for (const code of [0x101, 0x130, 0x923]) {
      await assert.rejects(startup(paperTpm({ 0x144: () => code }).client), { code: 'AGENT_TPM_REFUSED' });
    }
    await assert.rejects(shutdown(paperTpm({ 0x145: () => 0x100 }).client), { code: 'AGENT_TPM_REFUSED' });
  });

  it('ask for the handles in use from one upwards', async () => {
    const { client, sent } = paperTpm({ 0x17a: () => handleList(0x81000001, 0x81010001) });
    assert.deepEqual(await readHandles(client, 0x81000000), [0x81000001, 0x81010001]);
    assert.deepEqual(sent, ['8001000000160000017a' + '00000001' + '81000000' + '000000fe']);
    assert.deepEqual(await readHandles(paperTpm({ 0x17a: () => handleList() }).client, 0x80000000), []);
  });

  it('unload what is named, and take what is gone already for unloaded, and nothing else', async () => {
    const { client, sent } = paperTpm({ 0x165: () => '' });
    await flushContext(client, 0x80000001);
    assert.deepEqual(sent, ['80010000000e0000016580000001']);
    for (const code of [0x18b, 0x1cb]) await flushContext(paperTpm({ 0x165: () => code }).client, 0x80000001);
    for (const code of [0x184, 0x101]) {
      await assert.rejects(flushContext(paperTpm({ 0x165: () => code }).client, 1), { code: 'AGENT_TPM_REFUSED' });
    }
  });

  it('fail where the TPM is gone', async () => {
    const gone = new Error('gone');
    const client = paperTpm({
      0x144: () => { throw gone; }, // prettier-ignore
      0x165: () => { throw gone; }, // prettier-ignore
    }).client;
    await assert.rejects(startup(client), gone);
    await assert.rejects(flushContext(client, 1), gone);
  });
});
