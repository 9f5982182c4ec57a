// Reasons that operators wrote, as commands show them afterwards: made printable once, when they came to the server.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approveBoot, attest, authorise, enrol, paperHost, trustSimulator } from '../support/paper-story.ts';
import { startTestServer } from '../support/test-server.ts';
import { cli, cliAccepted, operatorAt } from './cli-run.ts';

describe('a reason that is empty', () => {
  it('is refused in words that name the option, and so is an empty name of a thing', async () => {
    const server = await startTestServer();
    try {
      const world = operatorAt(server);
      const said = async (...args: string[]) => (await cli(args, world)).stderr.split('\n')[0];
      assert.equal(
        await said('host', 'release', 'hv-1', '--reason', '', '--yes'),
        'error REQUEST_INVALID: --reason: must not be empty',
      );
      assert.equal(await said('host', 'show', ''), 'error REQUEST_INVALID: <host>: must not be empty');
      assert.equal(
        await said('host', 'release', '..', '--reason', 'x', '--yes'),
        'error REQUEST_INVALID: <host>: must not be ..',
      );
    } finally {
      await server.close();
    }
  });
});

describe('a reason with a backslash and a line end', () => {
  const typed = 'as CORP\\ada said\nyesterday';
  const shown = String.raw`as CORP\\ada said\u{a}yesterday`;

  it('is shown with the one escaped once, and the other never as such', async () => {
    const server = await startTestServer();
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-reasons-'));
    const file = join(folder, 'hv-1.evidence');
    try {
      await trustSimulator(server);
      const host = paperHost('hv-1');
      await attest(await enrol(server, host), host);
      const operators = [await authorise(server, 'alice'), await authorise(server, 'bob')];
      const [goldenId = ''] = await approveBoot(server, 'hv-1', operators);
      const world = operatorAt(server);
      const run = async (...args: string[]) => (await cli(args, world)).stdout;
      await cliAccepted(['quarantine', 'open', '--host', 'hv-1', '--reason', typed], world);
      await cliAccepted(['golden', 'retire', goldenId, '--reason', typed, '--yes'], world);
      for (const text of [await run('quarantine', 'list'), await run('golden', 'show', goldenId)])
        assert.ok(text.includes(shown), text);
      await run('host', 'export', 'hv-1', '--out', file);
      const views = [
        await run('host', 'show', 'hv-1'),
        await run('host', 'explain', 'hv-1'),
        await run('admit', 'hv-1', '--workload', 'web'),
        (await cli(['admit', 'hv-1'], world)).stderr,
        await run('verify', 'evidence', file),
      ];
      for (const text of views) assert.ok(text.includes(shown), text);
    } finally {
      await server.close();
      rmSync(folder, { recursive: true });
    }
  });
});
