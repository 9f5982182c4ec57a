// A signer's key is stolen: what it signed counts without it, and who signs again with another key brings it back.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyPolicy, attest, bootLayers, enrol, paperHost, trustSimulator } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

describe('a signer whose key is stolen', () => {
  let server: TestServer;
  let folder = '';
  let world: CliWorld;
  const at = (name: string): string => join(folder, name);
  const accepted = (...args: string[]) => cliAccepted(args, world);
  const refused = async (code: string, ...args: string[]) => {
    const run = await cliJson(args, world);
    assert.equal(run.document['code'], code, run.stdout);
    return String(run.document['message']);
  };
  const stateOf = async (): Promise<readonly string[]> => {
    const { items } = await accepted('golden', 'list');
    return [...new Set((items as { state: string }[]).map(({ state }) => state))];
  };
  const idsOf = async (): Promise<readonly string[]> => {
    const { items } = await accepted('golden', 'list');
    return (items as { id: string }[]).map(({ id }) => id).sort();
  };
  const kindsTold = async (): Promise<readonly string[]> => {
    const { items } = await accepted('events', '--kind', 'golden.signed,golden.activated');
    return (items as { type: string }[]).map(({ type }) => type.slice(type.indexOf('golden.')));
  };
  const key = (name: string) => ['--key', at(`keys/${name}.key.pem`), '--yes'];
  const authorise = async (name: string, person = name) => {
    await accepted('signer', 'create', name, '--out', at('keys'));
    await accepted('signer', 'add', person, at(`keys/${name}.pub.pem`));
  };
  const host = paperHost('hv-1');
  let again: () => Promise<string>;

  before(async () => {
    server = await startTestServer({ settings: { lockout: { protected: [{ names: ['hv-1'] }] } } });
    folder = mkdtempSync(join(tmpdir(), 'touchstone-signer-'));
    world = operatorAt(server);
    await trustSimulator(server);
    await applyPolicy(server);
    const enrolled = await enrol(server, host);
    again = async () => (await attest(enrolled, host)).verdict.status;
    await again();
    for (const name of ['ada', 'grace']) await authorise(name);
    await accepted('golden', 'capture', 'hv-1', '--out', at('golden'), '--layers', bootLayers.join(','));
    const files = readdirSync(at('golden')).map((file) => at(`golden/${file}`));
    await accepted('golden', 'sign', ...files, ...key('ada'));
    await accepted('golden', 'propose', ...files.map((file) => file.replace('.statement.json', '.dsse.json')));
    await accepted('golden', 'approve', '--proposed', ...key('grace'));
    assert.equal(await again(), 'affirming');
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  it('loses no protected host by accident, nor more hosts than were expected', async () => {
    await refused('CHANGE_LOSES_PROTECTED', 'signer', 'remove', 'ada', '--reason', 'stolen', '--yes');
    await refused(
      'CHANGE_FLIPS_TOO_MANY',
      'signer',
      'remove',
      'ada',
      '--reason',
      'stolen',
      '--max-flips',
      '0',
      '--yes',
    );
    await refused('CLI_ID_UNKNOWN', 'signer', 'remove', 'nobody', '--reason', 'stolen', '--yes');
    assert.deepEqual(await stateOf(), ['active']);
  });

  it('takes what it alone carried out of force, which waits for signatures again', async () => {
    const removal = await accepted('signer', 'remove', 'ada', '--reason', 'stolen', '--include-protected', '--yes');
    assert.deepEqual([...(removal['lapsed'] as string[])].sort(), await idsOf());
    assert.deepEqual(await stateOf(), ['proposed']);
    assert.equal(await again(), 'none');
    await refused('SIGNER_REMOVED', 'signer', 'add', 'ada', at('keys/ada.pub.pem'));
    await refused('GOLDEN_MEASUREMENT_SIGNER_UNKNOWN', 'golden', 'approve', '--proposed', ...key('ada'));
  });

  it('is replaced by another key of the same person, which is told as what it is: they are in force again', async () => {
    await authorise('ada-2', 'ada');
    const told = await kindsTold();
    await accepted('golden', 'approve', '--proposed', ...key('ada-2'));
    assert.deepEqual(await stateOf(), ['active']);
    assert.deepEqual(
      (await kindsTold()).slice(told.length),
      bootLayers.map(() => 'golden.activated'),
    );
    assert.equal(await again(), 'affirming');
  });

  it('costs no host its trust where another key has signed first', async () => {
    await authorise('ada-3', 'ada');
    assert.match(
      await refused('CLI_ID_AMBIGUOUS', 'signer', 'remove', 'ada', '--reason', 'x', '--yes'),
      /several keys/,
    );
    const told = await kindsTold();
    await accepted('golden', 'approve', ...(await idsOf()), ...key('ada-3'));
    assert.deepEqual(
      (await kindsTold()).slice(told.length),
      bootLayers.map(() => 'golden.signed'),
    );
    const { items } = await accepted('signer', 'list');
    const [old] = (items as { name: string; keyid: string }[]).filter(({ name }) => name === 'ada');
    const keys = (items as { keyid: string }[]).map(({ keyid }) => keyid);
    const run = await cli(
      ['signer', 'remove', old?.keyid ?? '', '--reason', 'new key', '--max-flips', '0', '--yes'],
      world,
    );
    assert.equal(run.status, 0, run.stderr);
    assert.match(run.stdout, /enough signatures without it/);
    assert.deepEqual(await stateOf(), ['active']);
    const left = (await accepted('signer', 'list'))['items'] as { keyid: string }[];
    assert.deepEqual(left.map(({ keyid }) => keyid), keys.filter((each) => each !== old?.keyid)); // prettier-ignore
    assert.equal(await again(), 'affirming');
  });
});
