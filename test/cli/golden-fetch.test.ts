// A folder for `golden sync`, begun from what a server holds: sync has nothing to do then, and nothing of the folder is lost unasked.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli, cliAccepted, cliJson } from './cli-run.ts';
import { openOperatorsWorld, type OperatorsWorld } from './operators-world.ts';

interface Listed {
  readonly id: string;
  readonly layer: string;
  readonly state: string;
}

describe('a folder from a server that runs', () => {
  let operators: OperatorsWorld;
  let folder = '';
  beforeEach(async () => {
    operators = await openOperatorsWorld();
    folder = operators.at('golden');
  });
  afterEach(() => operators.close());

  const accepted = (...args: string[]) => cliAccepted(args, operators.world);
  const fetch = (...more: string[]) => accepted('golden', 'fetch', folder, ...more);
  const outcomes = (document: Record<string, unknown>) => {
    const files = document['files'] as readonly { readonly file: string; readonly outcome: string }[];
    return [...new Set(files.map(({ outcome }) => outcome))].sort();
  };
  const stepsOf = async (): Promise<readonly string[]> => {
    const { steps, conflicts, unknown } = await accepted('golden', 'sync', folder, '--dry-run');
    assert.deepEqual([conflicts, unknown], [[], []]);
    return (steps as { action: string }[]).map(({ action }) => action);
  };
  const goldens = async () => (await accepted('golden', 'list'))['items'] as readonly Listed[];
  const idOf = async (layer: string) => (await goldens()).find((golden) => golden.layer === layer)?.id ?? '';
  const end = (verb: string, id: string, ...more: string[]) =>
    accepted('golden', verb, id, '--reason', 'no longer: "in use"', '--yes', ...more);
  const refused = async (code: string, ...args: string[]) => {
    const run = await cliJson(args, operators.world);
    assert.deepEqual([run.status, run.document['code']], [1, code]);
    return String(run.document['message']);
  };
  const envelopes = () => readdirSync(folder).filter((name) => name.endsWith('.dsse.json'));

  it('has every envelope as it was signed, what ended and why, and leaves sync nothing to do', async () => {
    await end('retire', await idOf('initrd'));
    await end('revoke', await idOf('boot-loader'), '--cve', 'CVE-2023-40547');
    const before = await goldens();
    assert.deepEqual(outcomes(await fetch()), ['written']);
    assert.equal(envelopes().length, before.length - 2);
    for (const file of envelopes()) {
      const id = `sha256:${/-([0-9a-f]{64})\./.exec(file)?.[1]}`;
      const { golden } = await accepted('golden', 'show', id);
      assert.deepEqual(
        JSON.parse(readFileSync(join(folder, file), 'utf8')),
        (golden as { readonly envelope: object }).envelope,
      );
    }
    const ended = readFileSync(join(folder, 'ended.yaml'), 'utf8');
    assert.match(ended, /state: revoked\n {2}reason: '?no longer: "in use"'?\n {2}cve: CVE-2023-40547\n/);
    assert.deepEqual(await stepsOf(), []);
    assert.match((await cli(['golden', 'sync', folder, '--dry-run', '--retire-missing'], operators.world)).stdout, /the server is as the folder says/); // prettier-ignore
    assert.deepEqual(await goldens(), before);
    const again = await cli(['golden', 'fetch', folder], operators.world);
    assert.match(
      again.stdout,
      /: 0 files written, \d+ said it already\nended.yaml lists 2 golden measurements that the/,
    );
  });

  it('knows files by what they hold, completes the folder, and names what the server does not have', async () => {
    await fetch();
    const [one = '', other = '', ...rest] = envelopes();
    mkdirSync(join(folder, 'racks'));
    renameSync(join(folder, one), join(folder, 'racks/ours.dsse.json'));
    rmSync(join(folder, other));
    writeFileSync(join(folder, 'theirs.dsse.json'), readFileSync('golden-measurements/lab-sb-on/kernel.dsse.json'));
    const { files, further } = await fetch();
    const written = (files as { file: string; outcome: string }[]).filter(({ outcome }) => outcome === 'written');
    assert.deepEqual([written.map(({ file }) => file), further], [[other], ['theirs.dsse.json']]);
    assert.deepEqual(envelopes().sort(), [other, ...rest, 'theirs.dsse.json'].sort());
  });

  it('overwrites nothing that says something else unless it is told to, and then writes nothing at all', async () => {
    await fetch();
    const [one = '', other = ''] = envelopes();
    const whole = readFileSync(join(folder, one), 'utf8');
    const envelope = JSON.parse(whole) as { readonly signatures: readonly object[] };
    const less = JSON.stringify({ ...envelope, signatures: envelope.signatures.slice(1) });
    writeFileSync(join(folder, one), less);
    const ended = [
      `- { id: "${await idOf('initrd')}", state: retired, reason: ours }`,
      `- { id: "sha256:${'0'.repeat(64)}", state: revoked, reason: ours }`,
      '',
    ].join('\n');
    writeFileSync(join(folder, 'ended.yaml'), ended);
    rmSync(join(folder, other));
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');

    const message = await refused('CLI_FILE_EXISTS', 'golden', 'fetch', folder);
    assert.match(message, /ended\.yaml say something else than the server: nothing was written$/);
    assert.ok(message.includes(one));
    assert.deepEqual([read(one), read('ended.yaml')], [less, ended]);
    assert.ok(!envelopes().includes(other));

    assert.deepEqual(outcomes(await fetch('--overwrite')), ['replaced', 'same', 'written']);
    assert.equal(read(one), whole);
    assert.match(read('ended.yaml'), /^- id: sha256:0{64}\n {2}state: revoked\n {2}reason: ours\n$/);
    writeFileSync(join(folder, one), 'no envelope');
    await refused('CLI_INPUT_UNRECOGNISED', 'golden', 'fetch', folder, '--overwrite');
    assert.equal((await cliJson(['golden', 'fetch', join(folder, other)], operators.world)).status, 2);
  });

  it('has what lapsed with every signature, also those that count no more, and sync sends none of them again', async () => {
    await accepted('signer', 'remove', 'alice', '--reason', 'stolen', '--yes');
    assert.deepEqual([...new Set((await goldens()).map(({ state }) => state))], ['proposed']);
    await fetch();
    assert.deepEqual(await stepsOf(), []);
  });
});
