// The gate that a hypervisor waits behind: it says what is missing and how long it waits, and lets through nothing but a good verdict.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTpmDevice, pcrExtend } from '../../src/agent/index.ts';
import { capturePath, readCapture } from '../../src/cli/demo/machine.ts';
import { eventTypes, parseEventLog } from '../../src/core/event-log/index.ts';
import { applyPolicy, approveBoot, authorise } from '../support/paper-story.ts';
import { startTestTpm, type TestTpm } from '../support/swtpm.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson } from './cli-run.ts';

describe('touchstone agent run --until-trusted', () => {
  let folder = '';
  before(() => (folder = mkdtempSync(join(tmpdir(), 'touchstone-gate-'))));
  after(() => rmSync(folder, { recursive: true }));
  const gate = ['agent', 'run', '--until-trusted'];

  it('says all at once what is missing, how long it waits, and why it ends; and lets nobody through', async () => {
    const nowhere = ['--tpm', join(folder, 'no-tpm'), '--state', join(folder, 'no-state')];
    const { status, stderr } = await cli([...gate, ...nowhere, '--wait-at-most', '1']);
    assert.equal(status, 1);
    const [first, second, third] = stderr.split('\n');
    assert.equal(first, 'waits for a verdict that is affirming: 1 s at most, and ends with status 1 then');
    assert.match(second ?? '', /^missing: AGENT_TPM_MISSING: .*no-tpm cannot be opened \(ENOENT\)\. /);
    assert.match(third ?? '', /^missing: AGENT_NOT_ENROLLED: .*no-state holds no enrolment\. /);
    assert.match(stderr, /^AGENT_TPM_MISSING: .* \(again in 1 s\)$/m);
    assert.match(
      stderr,
      /^error AGENT_TPM_MISSING: not trusted: waited 1 s, and no verdict was good enough: .*no-tpm/m,
    );
    assert.match(stderr, /^hint: Enable the TPM/m);
  });

  it('takes a limit for its own wait alone', async () => {
    const { status, document } = await cliJson(['agent', 'run', '--wait-at-most', '1']);
    assert.deepEqual([status, document['code']], [2, 'CLI_USAGE_INVALID']);
    assert.equal((await cliJson([...gate, '--wait-at-most', '0'])).status, 2);
  });

  describe('on a software TPM', () => {
    let server: TestServer;
    let tpm: TestTpm;
    let device: string[] = [];
    before(async () => {
      tpm = await startTestTpm();
      server = await startTestServer({ at: new Date() });
      const pem = tpm.authority.root;
      await server.operator.call('createTrustAnchor', { body: { name: 'test', pem, scope: 'virtual' } });
      await applyPolicy(server);
      const log = capturePath('good');
      const none = ['--ima-log', 'none', '--userspace-log', 'none'];
      const place = ['--tpm', tpm.address, '--state', join(folder, 'state')];
      device = [...place, '--event-log', log, ...none];
      const booting = await openTpmDevice({
        address: tpm.address,
        eventLogPath: log,
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      });
      for (const event of parseEventLog(readCapture('good')).events) {
        if (event.untrustedType !== eventTypes.EV_NO_ACTION) await pcrExtend(booting.client, event.pcr, event.digests);
      }
      await booting.close();
      const [joinToken, chain] = [join(folder, 'join.token'), join(folder, 'chain.pem')];
      writeFileSync(joinToken, await server.token('joiner'));
      writeFileSync(chain, tpm.authority.intermediate);
      const to = ['--server', server.url, '--token-file', joinToken, '--ek-chain', chain];
      await cliAccepted(['agent', 'enrol', ...to, '--name', 'gate-host', ...place]);
    });
    after(async () => {
      await tpm.stop();
      await server.close();
    });

    it('ends with 1 and the finding where the time is over before somebody has signed what is good', async () => {
      const { status, document, stderr } = await cliJson([...gate, ...device, '--wait-at-most', '2']);
      assert.equal(status, 1);
      assert.equal(document['ok'], false);
      assert.equal(document['code'], 'LAYER_GOLDEN_NONE');
      assert.match(String(document['message']), /^not trusted: waited 2 s, and no verdict was good enough: /);
      assert.doesNotMatch(stderr, /missing/);
    });

    it('ends with 0 and the verdict once it is good', async () => {
      const operators = [await authorise(server, 'ada'), await authorise(server, 'grace')];
      await approveBoot(server, 'gate-host', operators);
      const { status, document } = await cliJson([...gate, ...device, '--wait-at-most', '60']);
      assert.equal(status, 0, JSON.stringify(document));
      assert.equal((document['verdict'] as { status: string }).status, 'affirming');
    });
  });
});
