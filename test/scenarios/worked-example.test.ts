// golden-measurements/ as the README of that folder tells it: a server follows the folder, and a host that boots what it
// describes is trusted. And whoever proposes what first, the verdict is the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { cli, cliJson, operatorAt, type CliWorld } from '../cli/cli-run.ts';
import { decodeBase64, encodeBase64 } from '../../src/core/encoding/index.ts';
import { encodeGoldenStatement, parseGoldenStatement } from '../../src/core/golden/index.ts';
import {
  applyPolicy,
  attest,
  authorise,
  bootLayers,
  enrol,
  paperHost,
  propose,
  trustSimulator,
  type Statement,
} from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const bootLog = (run: string): Uint8Array =>
  new Uint8Array(readFileSync(`test/fixtures/lab/boot/${run}/binary_bios_measurements`));

describe('the worked example of golden measurements, followed by a server', () => {
  let server: TestServer;
  let world: CliWorld;
  beforeEach(async () => {
    server = await startTestServer();
    world = operatorAt(server);
    await trustSimulator(server);
    await applyPolicy(server);
  });
  afterEach(() => server.close());

  it('trusts the boot it describes, and no other, once both of its signers are authorised', async () => {
    const [good, other] = [paperHost('good', { eventLog: bootLog('sb-on') }), paperHost('other', { eventLog: bootLog('kernel-cloud') })]; // prettier-ignore
    const [enrolledGood, enrolledOther] = [await enrol(server, good), await enrol(server, other)];
    const status = async () =>
      Promise.all([attest(enrolledGood, good), attest(enrolledOther, other)]).then((all) =>
        all.map(({ verdict }) => verdict.status === 'affirming'),
      );
    const add = async (name: string) => {
      const added = await cli(['signer', 'add', name, `golden-measurements/signers/lab-operator-${name}.pem`], world);
      assert.equal(added.status, 0, added.stderr);
    };
    const sync = () => cliJson(['golden', 'sync', 'golden-measurements/', '--yes'], world);
    assert.equal((await sync()).document['code'], 'CLI_SIGNATURE_UNKNOWN');
    await add('one');
    assert.equal((await sync()).document['waiting'], 6);
    assert.deepEqual(await status(), [false, false]);
    await add('two');
    const second = await sync();
    assert.deepEqual([second.status, second.document['waiting']], [0, 0], second.stdout);
    assert.deepEqual(await status(), [true, false]);
    assert.deepEqual((await sync()).document['steps'], []);
  });

  it('T32: gives one verdict for two golden measurements of one boot, whichever was proposed first', async () => {
    const host = paperHost('hv-1');
    const enrolled = await enrol(server, host);
    await attest(enrolled, host);
    const body = { layers: bootLayers };
    const { statements } = await server.operator.call('createCapture', { path: { hostId: 'hv-1' }, body });
    const pairs = statements.flatMap(({ payloadType, payload }): Statement[] => {
      const twin = { ...parseGoldenStatement(decodeBase64(payload)), description: 'the same boot, described again' };
      return [{ payloadType, payload }, { payloadType, payload: encodeBase64(encodeGoldenStatement(twin)) }]; // prettier-ignore
    });
    const verdictAfter = async (order: readonly Statement[]): Promise<object> => {
      const own = await startTestServer();
      try {
        await trustSimulator(own);
        const operators = [await authorise(own, 'alice'), await authorise(own, 'bob')];
        for (const statement of order) await propose(own, statement, operators);
        await applyPolicy(own);
        const machine = paperHost('hv-1');
        const { verdict } = await attest(await enrol(own, machine), machine);
        const { status, layers, findings } = verdict;
        return { status, layers, findings };
      } finally {
        await own.close();
      }
    };
    const expected = await verdictAfter(pairs);
    assert.equal((expected as { status: string }).status, 'affirming');
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(pairs, { minLength: pairs.length }), async (order) => {
        assert.deepEqual(await verdictAfter(order), expected);
      }),
      { numRuns: 6 },
    );
  });
});
