import assert from 'node:assert/strict';
import { readId, type IdKind } from '../../../src/cli/inputs/short-id.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { trustedWorld, type TrustedWorld } from '../../support/paper-story.ts';
import { cliAccepted, cliJson, operatorAt, type CliWorld } from '../cli-run.ts';

const idOf = (beginning: string): string => `sha256:${beginning.padEnd(64, '0')}`;
const known = ['4f1d9c02aa', '4f1d9c02bb', '77ab77ab77'].map(idOf);
const kind: IdKind = {
  what: 'golden measurement',
  scheme: 'sha256:',
  listing: 'touchstone golden list',
  list: () => Promise.resolve(known),
};

describe('an id that is not typed whole', () => {
  it('is the one that begins so, however it is written', async () => {
    for (const typed of ['sha256:77ab77ab', '77ab77ab', '77AB77AB77', 'sha256:77ab77ab77…', 'sha256:77ab77ab77...'])
      assert.equal(await readId(typed, kind), known[2]);
    assert.equal(await readId('4f1d9c02b', kind), known[1]);
  });

  it('is asked of nobody where it is whole', async () => {
    const list = () => Promise.reject(new TypeError('asked'));
    assert.equal(await readId(known[0] ?? '', { ...kind, list }), known[0]);
    assert.equal(await readId('ab'.repeat(32), { ...kind, scheme: '', list }), 'ab'.repeat(32));
  });

  it('is refused where several begin so, and they are named', async () => {
    await assert.rejects(readId('sha256:4f1d9c02', kind), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'CLI_ID_AMBIGUOUS');
      assert.ok(error.message.includes(known[0] ?? '?') && error.message.includes(known[1] ?? '?'));
      return true;
    });
    const many = Array.from({ length: 9 }, (_, index) => idOf(`4f1d9c02${index}`));
    const all = { ...kind, list: () => Promise.resolve(many) };
    await assert.rejects(readId('4f1d9c02', all), { message: / and 4 more$/ });
  });

  it('is refused where none begins so, and where it is no id at all, with an example', async () => {
    await assert.rejects(readId('sha256:00000000', kind), {
      code: 'CLI_ID_UNKNOWN',
      message: /`touchstone golden list`/,
    });
    for (const typed of [
      'sha256:4f1d9c',
      '',
      'kernel',
      'sha256:',
      'xyz01234',
      `sha256:${'a'.repeat(65)}`,
      'sha512:4f1d9c02',
    ]) {
      await assert.rejects(readId(typed, kind), {
        code: 'CLI_USAGE_INVALID',
        message: /first 8 or more .*sha256:4f1d4f1d/,
      });
    }
  });

  describe('at a server', () => {
    let server: TestServer;
    let trusted: TrustedWorld;
    let world: CliWorld;
    before(async () => {
      server = await startTestServer();
      trusted = await trustedWorld(server);
      world = operatorAt(server);
    });
    after(() => server.close());
    const short = (id: string): string => id.slice(0, 'sha256:'.length + 16);

    it('names golden measurements in every command that takes one', async () => {
      const [first = '', second = '', third = ''] = trusted.goldens;
      const shown = (await cliAccepted(['golden', 'show', short(first)], world))['golden'] as { id: string };
      assert.equal(shown.id, first);
      for (const option of ['--retire', '--revoke', '--activate']) {
        await cliAccepted(['what-if', option, `${short(first)}…`], world);
      }
      await cliAccepted(['deny', 'hosts', '--golden', short(first)], world);
      await cliAccepted(['golden', 'retire', short(second), '--reason', 'over', '--yes'], world);
      await cliAccepted(
        ['golden', 'revoke', short(third), '--reason', 'bad', '--cve', 'CVE-2026-1234', '--yes'],
        world,
      );
      const { items } = await server.operator.call('listGoldenMeasurements', {});
      const ended = items.flatMap(({ id, state }) => (state === 'active' ? [] : [`${state} ${id}`]));
      assert.deepEqual(ended.sort(), [`retired ${second}`, `revoked ${third}`]);
    });

    it('is refused in words, as a CVE is that is none', async () => {
      const unknown = await cliJson(['golden', 'show', 'sha256:00000000'], world);
      assert.deepEqual([unknown.status, unknown.document['code']], [1, 'CLI_ID_UNKNOWN']);
      const wrong = await cliJson(['golden', 'revoke', 'kernel', '--reason', 'x', '--yes'], world);
      assert.deepEqual([wrong.status, wrong.document['code']], [2, 'CLI_USAGE_INVALID']);
      const revoke = ['golden', 'revoke', short(trusted.goldens[0] ?? ''), '--reason', 'x', '--yes'];
      const cve = await cliJson([...revoke, '--cve', '2026-1'], world);
      assert.deepEqual(
        [cve.status, cve.document['message']],
        [2, "option '--cve <id>' argument '2026-1' is invalid. a CVE is expected, as CVE-2023-40547"],
      );
    });

    it('names trust anchors', async () => {
      const [anchor] = (await server.operator.call('listTrustAnchors', {})).items;
      assert.ok(anchor);
      const withdraw = ['trust-anchor', 'withdraw', anchor.id.slice(0, 8), '--reason', 'compromised', '--yes'];
      assert.equal((await cliAccepted(withdraw, world))['anchorId'], anchor.id);
    });
  });
});
