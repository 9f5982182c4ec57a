import assert from 'node:assert/strict';
import { encodeHex } from '../../src/core/encoding/index.ts';
import { parseEventLog, replayEventLog } from '../../src/core/event-log/index.ts';
import { createFleet, createSimulatorAuthority, type PaperHost } from '../../src/simulator/index.ts';
import { at, attest, enrol } from './proof.ts';

const authority = createSimulatorAuthority({ at });

describe('a fleet of paper hosts', () => {
  it('is the same fleet for the same seed', async () => {
    const fingerprint = async (hosts: Iterable<PaperHost>) =>
      Promise.all([...hosts].map(async (host) => [host.name, encodeHex(host.akName), await host.eventLog()]));
    const options = { size: 5, authority, kernelBuilds: 3 };
    const fleet = await fingerprint(createFleet({ seed: 'one', ...options }));
    assert.deepEqual(await fingerprint(createFleet({ seed: 'one', ...options })), fleet);
    assert.notDeepEqual(await fingerprint(createFleet({ seed: 'two', ...options })), fleet);
  });

  it('gives each host its own TPM and name', () => {
    const hosts = [...createFleet({ seed: 'fleet', size: 20, authority })];
    assert.equal(new Set(hosts.map(({ akName }) => encodeHex(akName))).size, 20);
    assert.equal(new Set(hosts.map(({ name }) => name)).size, 20);
    assert.equal(hosts[0]?.name, 'paper-0001');
  });

  it('spreads builds over the hosts', async () => {
    const firmware = new Set<string>();
    for (const host of createFleet({ seed: 'fleet', size: 40, authority, firmwareBuilds: 4 })) {
      const log = parseEventLog((await host.eventLog()) ?? new Uint8Array());
      firmware.add(encodeHex(replayEventLog(log, 'sha256').get(0) ?? new Uint8Array()));
    }
    assert.equal(firmware.size, 4);
  });

  it('enrols and attests', async () => {
    for (const host of createFleet({ seed: 'fleet', size: 3, authority })) {
      const { key } = await enrol(host, authority);
      const { log } = await attest(host, key, new Uint8Array(32).fill(3));
      assert.equal(log.pcrs.get(0), 'bound');
    }
  });

  it('has no hosts when it has no size', () => {
    assert.deepEqual([...createFleet({ seed: 'fleet', size: 0, authority })], []);
  });
});
