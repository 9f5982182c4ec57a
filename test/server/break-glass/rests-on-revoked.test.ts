import assert from 'node:assert/strict';
import { hashHex } from '../../../src/core/crypto/index.ts';
import { createRevocationReader } from '../../../src/server/break-glass/rests-on-revoked.ts';
import { createHeavyMemory } from '../../../src/server/memory.ts';
import { openReader, type EvidenceRecord, type Store } from '../../../src/server/storage/index.ts';
import { attest, enrol, paperHost, trustedWorld } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const eventLog = Uint8Array.of(1, 2, 3);
const boot = { hostId: 'hv-1', eventLog: hashHex('sha256', eventLog), revision: 7 };

/** What a reader says of the boot, one time after the other, where this is stored of the host. */
async function ask(evidence: Partial<EvidenceRecord> | undefined): Promise<readonly (boolean | 'unread')[]> {
  const store = {
    findEvidence: () => Promise.resolve(evidence as EvidenceRecord | undefined),
    listGoldenHeads: () => Promise.resolve([]),
    findGolden: () => Promise.resolve(undefined),
  };
  const isRevoked = createRevocationReader({ store, memory: { ended: createHeavyMemory(0) } });
  const one = () => isRevoked(boot).catch(() => 'unread' as const);
  return [await one(), await one()];
}

describe('whether a boot is one that was revoked', () => {
  it('is taken for granted where the log of that boot is not there: none, without a log, or the log of another', async () => {
    assert.deepEqual(await ask(undefined), [true, true]);
    assert.deepEqual(await ask({ eventLog: undefined }), [true, true]);
    assert.deepEqual(await ask({ eventLog: Uint8Array.of(1, 2, 4) }), [true, true]);
  });

  it('is never answered from a log that no quote proves', async () => {
    assert.deepEqual(await ask({ eventLog }), ['unread', 'unread']);
  });
});

describe('golden measurements that were revoked', () => {
  let server: TestServer;
  let reader: Store;
  let kernel: string;
  before(async () => {
    server = await startTestServer();
    await trustedWorld(server);
    for (const name of ['hv-2', 'hv-3']) {
      const host = paperHost(name, { tampering: ['changed-kernel'] });
      await attest(await enrol(server, host), host);
    }
    const { items } = await server.operator.call('listGoldenMeasurements', {});
    kernel = items.find(({ layer }) => layer === 'kernel')?.id ?? '';
    const body = { reason: 'CVE' };
    await server.operator.call('revokeGoldenMeasurement', { path: { goldenId: kernel }, body });
    reader = await openReader({ dataDirectory: server.dataDirectory, storage: 'sqlite' });
  });
  after(async () => {
    await reader.close();
    await server.close();
  });

  /** What is said of the boots of these hosts, under one revision and under the next; and how often a payload was read. */
  async function askTwice(hosts: readonly string[], heaviest: number) {
    const read: string[] = [];
    const store: Store = {
      ...reader,
      listGoldensByState: () => Promise.reject(new Error('all of them at once')),
      findGolden: (id) => {
        read.push(id);
        return reader.findGolden(id);
      },
    };
    const isRevoked = createRevocationReader({ store, memory: { ended: createHeavyMemory(heaviest) } });
    const boots = await Promise.all(
      hosts.map(async (hostId) => {
        const log = (await reader.findEvidence(hostId))?.eventLog ?? new Uint8Array();
        return { hostId, eventLog: hashHex('sha256', log) };
      }),
    );
    const answers: boolean[] = [];
    for (const revision of [1, 2]) {
      for (const one of boots) answers.push(await isRevoked({ ...one, revision }));
    }
    return { answers, read };
  }

  it('are read once, whatever hosts are asked about and whatever else changed meanwhile', async () => {
    const { answers, read } = await askTwice(['hv-1', 'hv-2', 'hv-3'], 1_000_000);
    assert.deepEqual(answers, [true, false, false, true, false, false]);
    assert.deepEqual(read, [kernel]);
  });

  it('are read again where they are too heavy to be kept, and say the same', async () => {
    const { answers, read } = await askTwice(['hv-1', 'hv-2'], 0);
    assert.deepEqual(answers, [true, false, true, false]);
    assert.equal(read.length, 4);
  });

  it('are looked at in turns that others have some between', async () => {
    let turns = 0;
    let isWatching = true;
    const watch = (): void => {
      turns += 1;
      if (isWatching) setImmediate(watch);
    };
    setImmediate(watch);
    await askTwice(['hv-2'], 1_000_000);
    isWatching = false;
    assert.ok(turns >= 3, `${turns} turns`);
  });
});
