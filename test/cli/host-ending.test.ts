import assert from 'node:assert/strict';
import { enrol, paperHost, trustSimulator } from '../support/paper-story.ts';
import { refuses } from '../support/problems.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

describe('the end of a binding from the command line', () => {
  let server: TestServer;
  let world: CliWorld;
  before(async () => {
    server = await startTestServer();
    await trustSimulator(server);
    world = operatorAt(server);
    for (const name of ['hv-1', 'hv-2', 'hv-3']) await enrol(server, paperHost(name));
  });
  after(() => server.close());

  it('replaces a TPM with consent and a reason, and shows until when the new one is expected', async () => {
    const replace = ['host', 'replace-tpm', 'hv-1', '--reason', 'ticket 4711'];
    assert.equal((await cliJson(replace, world)).document['code'], 'CLI_CONSENT_MISSING');
    assert.equal((await cli(replace.slice(0, 3), world)).status, 2);
    const { status, stdout } = await cli([...replace, '--for', '3600', '--yes'], world);
    assert.equal(status, 0);
    assert.equal(stdout, 'hv-1 waits for its new TPM until 2026-11-25T13:00:00.000Z; the old one never enrols again\n');
    const shown = await cli(['host', 'show', 'hv-1'], world);
    assert.match(shown.stdout, /state +replacing/);
    assert.match(shown.stdout, /new TPM +expected until 2026-11-25T13/);
  });

  it('retires a host once', async () => {
    const retire = ['host', 'retire', 'hv-2', '--reason', 'sold', '--yes'];
    assert.equal((await cli(retire, world)).stdout, 'hv-2 is retired\n');
    const again = await cliJson(retire, world);
    assert.deepEqual([again.status, again.document['code']], [1, 'HOST_RETIRED']);
  });

  it('releases a host', async () => {
    const { stdout } = await cli(['host', 'release', 'hv-3', '--reason', 'moved', '--yes'], world);
    assert.equal(stdout, 'hv-3 is released: its next enrolment binds it anew\n');
  });

  it('lists who claimed the identity of another', async () => {
    assert.equal((await cli(['host', 'conflicts'], world)).stdout, 'no identity was ever claimed twice\n');
    await refuses(enrol(server, paperHost('hv-2')), 'HOST_EK_RETIRED');
    const { stdout } = await cli(['host', 'conflicts'], world);
    assert.match(stdout, /^name asked for +what was wrong/);
    assert.match(stdout, /hv-2 +HOST_EK_RETIRED +1 +2026-11-25T12:00/);
    const { document } = await cliJson(['host', 'conflicts'], world);
    assert.equal((document['items'] as object[]).length, 1);
  });
});
