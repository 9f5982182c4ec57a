// Changes that protected hosts are looked at for, where that takes long: who waits hears how far it is, and who hangs up changes nothing.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { components } from '../../../src/api/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import type { Store } from '../../../src/server/storage/index.ts';
import { authority } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { bootFleet, type Fleet } from './fleet.ts';

interface Line {
  readonly progress?: components['schemas']['FleetProgress'];
  readonly result?: object;
  readonly problem?: components['schemas']['Problem'];
}

interface Change {
  readonly inLines: () => AsyncIterable<Line>;
  readonly inOne: () => Promise<object>;
  /** Why it loses `old-1`, and that alone. */
  readonly code: string;
}

const body = { reason: 'test' };
const anchorId = encodeHex(hash('sha256', authority.rootCertificate));
const isProgress = ({ progress }: Line): boolean => progress !== undefined && progress.done < progress.total;

describe('the look at protected hosts before a change', () => {
  let server: TestServer;
  let fleet: Fleet;
  let kernel: string;
  const protect = async (...names: readonly string[]) => {
    const lockout = { protected: [{ names }] };
    writeFileSync(join(server.dataDirectory, 'touchstone.yaml'), JSON.stringify({ serverId: 'test.example', lockout }));
    await server.restart({ wrapStore: slowly });
  };
  // What comes after the first host waits until `goOn`.
  let looks = 0;
  let goOn: () => void = () => undefined;
  let until = Promise.resolve();
  const hold = (): void => {
    looks = 0;
    until = new Promise((resolve) => (goOn = resolve));
  };
  const slowly = (store: Store): Store => ({
    ...store,
    findFleetHost: async (name) => {
      looks += 1;
      if (looks > 1) await until;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return store.findFleetHost(name);
    },
  });
  before(async () => {
    server = await startTestServer({ fromFile: true });
    fleet = await bootFleet(server, { old: 1, new: 1 });
    kernel = fleet.goldens[3] ?? '';
  });
  after(() => server.close());

  const quarantine = { hosts: { names: ['old-1'] }, ...body };
  const changes: Readonly<Record<string, Change>> = {
    'open a quarantine': {
      inLines: () => server.operator.callLines('createQuarantine', { body: quarantine }),
      inOne: () => server.operator.call('createQuarantine', { body: quarantine }),
      code: 'HOST_QUARANTINED',
    },
    'retire a golden measurement': {
      inLines: () => server.operator.callLines('retireGoldenMeasurement', { path: { goldenId: kernel }, body }),
      inOne: () => server.operator.call('retireGoldenMeasurement', { path: { goldenId: kernel }, body }),
      code: 'LAYER_GOLDEN_NONE',
    },
    'withdraw a trust anchor': {
      inLines: () => server.operator.callLines('withdrawTrustAnchor', { path: { anchorId }, body }),
      inOne: () => server.operator.call('withdrawTrustAnchor', { path: { anchorId }, body }),
      code: 'ENDORSEMENT_MISSING',
    },
  };
  const audited = async () => (await server.operator.call('listAudit', { query: { limit: 1000 } })).items.length;
  const linesOf = async ({ inLines }: Change): Promise<Line[]> => {
    const all: Line[] = [];
    hold();
    for await (const line of inLines()) {
      all.push(line);
      goOn();
    }
    return all;
  };

  for (const [name, change] of Object.entries(changes)) {
    it(`says how far it is, and refuses by the last line as it does by the status: ${name}`, async () => {
      await protect('mute-1', 'old-1', 'new-1');
      const before = await audited();
      const lines = await linesOf(change);
      assert.ok(lines[0] !== undefined && isProgress(lines[0]), JSON.stringify(lines));
      const { code, protectedHosts } = lines.at(-1)?.problem ?? {};
      const document = await refuses(change.inOne(), 'CHANGE_LOSES_PROTECTED', 409);
      assert.deepEqual([code, protectedHosts], [document.problem.code, document.problem.protectedHosts]);
      assert.deepEqual(
        protectedHosts?.map((one) => `${one.host} ${one.code}`),
        [`old-1 ${change.code}`],
      );
      assert.equal(await audited(), before);
    });

    it(`changes nothing where who asked hangs up meanwhile, and keeps nobody waiting: ${name}`, async () => {
      await protect('mute-1', 'new-1', 'bad-1');
      const before = await audited();
      hold();
      for await (const line of change.inLines()) {
        assert.ok(isProgress(line), JSON.stringify(line));
        break;
      }
      goOn();
      // Those who ask for this are looked at one change after another: the next is told of nothing before the first is over.
      const ghost = { path: { goldenId: `sha256:${'0'.repeat(64)}` }, body };
      await refuses(server.operator.call('retireGoldenMeasurement', ghost), 'GOLDEN_MEASUREMENT_NOT_FOUND', 404);
      assert.equal(await audited(), before);
    });
  }

  // The anchor last: without it nobody is vouched for.
  for (const [name, change] of Object.entries(changes)) {
    it(`makes the change when nobody is lost, and answers as without lines: ${name}`, async () => {
      await protect('mute-1', 'new-1', 'bad-1');
      const before = await audited();
      const lines = await linesOf(change);
      assert.ok(lines[0] !== undefined && isProgress(lines[0]), JSON.stringify(lines));
      assert.ok(lines.at(-1)?.result !== undefined, JSON.stringify(lines));
      assert.ok((await audited()) > before);
    });
  }

  it('says at once what is wrong with the change where nobody is protected, by the status of its answer', async () => {
    const none = { serverId: 'test.example' };
    writeFileSync(join(server.dataDirectory, 'touchstone.yaml'), JSON.stringify(none));
    await server.restart();
    const lines = server.operator.callLines('withdrawTrustAnchor', { path: { anchorId: '0'.repeat(64) }, body });
    await refuses((async () => { for await (const line of lines) assert.fail(JSON.stringify(line)); })(), 'TRUST_ANCHOR_NOT_FOUND', 404); // prettier-ignore
  });
});
