// Operators' sessions against a real server: from an empty server to an admitted host, by command line alone.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePem } from '../../src/core/encoding/index.ts';
import { attest, authority, enrol, paperHost, type EnrolledHost } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliAccepted, cliJson, typed, type CliWorld } from './cli-run.ts';

const layers = 'firmware,secure-boot,boot-loader,kernel,kernel-command-line,initrd';

describe('operating a server from the command line', () => {
  let server: TestServer;
  let folder = '';
  let world: CliWorld;
  let enrolled: EnrolledHost;
  /** Of the golden measurements that were proposed. */
  let ids: readonly string[] = [];
  const host = paperHost('cli-host');
  before(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'touchstone-operate-'));
    writeFileSync(join(folder, 'operator.token'), `${server.operatorToken}\n`);
    const env = { TOUCHSTONE_SERVER: server.url, TOUCHSTONE_TOKEN_FILE: join(folder, 'operator.token') };
    world = { env, now: () => server.now() };
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const accepted = (words: readonly string[]) => cliAccepted(words, world);
  const said = async (words: readonly string[]) => (await cli(words, world)).stdout;
  const refused = async (code: string, words: readonly string[]) => {
    const run = await cliJson(words, world);
    assert.equal(run.status, 1);
    assert.equal(run.document['code'], code);
    return run.document;
  };

  /** Path of a file in the folder of these tests. */
  const at = (name: string) => join(folder, name);
  const drafts = () => at('drafts');
  const filesOf = (path: string) => readdirSync(path).map((file) => join(path, file));
  const idOfQuarantine = (document: Record<string, unknown>) => (document['quarantine'] as { id: string }).id;

  it('authorises two operators, and applies a policy', async () => {
    writeFileSync(at('root.pem'), encodePem('CERTIFICATE', authority.rootCertificate));
    await accepted(typed`trust-anchor import ${at('root.pem')} --scope virtual`);
    for (const name of ['ada', 'grace']) {
      await accepted(typed`signer create ${name} --out ${folder}`);
      await accepted(typed`signer add ${name} ${at(`${name}.pub.pem`)}`);
    }
    writeFileSync(
      at('fleet.yaml'),
      `id: fleet\nlayers: [${layers}]\nrequireFacts: { secureBoot: enabled }\nhosts: { all: true }\n`,
    );
    await accepted(typed`policy apply ${at('fleet.yaml')}`);
    assert.match(await said(typed`policy show fleet`), /verdict lasts +3600 s/);
  });

  it('denies a host while nobody has said what is good', async () => {
    enrolled = await enrol(server, host);
    assert.notEqual((await attest(enrolled, host)).verdict.status, 'affirming');
    await refused('CLI_ADMISSION_DENIED', typed`admit cli-host --workload web`);
  });

  it('captures a boot, and proposes what one operator signed of it: not the statements beside it', async () => {
    await accepted(typed`golden capture cli-host --out ${drafts()} --layers ${layers}`);
    const statements = filesOf(drafts());
    assert.equal(statements.length, 6);
    await accepted([...typed`golden sign`, ...statements, ...typed`--key ${at('ada.key.pem')} --yes`]);
    const everything = filesOf(drafts());
    assert.equal(everything.length, 12);
    const proposal = await accepted([...typed`golden propose`, ...everything]);
    assert.deepEqual(
      proposal['passedOver'],
      everything.filter((file) => file.endsWith('.statement.json')),
    );
    const proposed = proposal['items'] as { id: string; state: string }[];
    assert.deepEqual(new Set(proposed.map(({ state }) => state)), new Set(['proposed']));
    ids = proposed.map(({ id }) => id);
  });

  it('stops at an envelope that no operator signed, and names those that were not sent', async () => {
    const [first = '', second = ''] = filesOf(drafts()).filter((file) => file.endsWith('.dsse.json'));
    const envelope = JSON.parse(readFileSync(first, 'utf8')) as object;
    const signatures = [{ sig: Buffer.alloc(64).toString('base64') }];
    writeFileSync(at('foreign.dsse.json'), JSON.stringify({ ...envelope, signatures }));
    const stopped = await refused(
      'GOLDEN_MEASUREMENT_SIGNER_UNKNOWN',
      typed`golden propose ${first} ${at('foreign.dsse.json')} ${second}`,
    );
    assert.deepEqual([(stopped['items'] as object[]).length, stopped['notSent']], [1, [second]]);
  });

  it('admits the host once the other operator approved', async () => {
    const approval = await accepted([...typed`golden approve`, ...ids, ...typed`--key ${at('grace.key.pem')} --yes`]);
    const approved = approval['items'] as { state: string }[];
    assert.deepEqual(new Set(approved.map(({ state }) => state)), new Set(['active']));

    assert.equal((await attest(enrolled, host)).verdict.status, 'affirming');
    assert.equal((await accepted(typed`admit cli-host --workload web --max-age 600`))['decision'], 'allow');
    assert.equal((await accepted(typed`admit cli-host --workload web --max-age 10m`))['decision'], 'allow');
    const { expiresAt } = await accepted(typed`token create a-day --role monitor --expires-in 1d`);
    assert.equal(Date.parse(String(expiresAt)), server.now().getTime() + 86_400_000);
    assert.match(await said(typed`host show cli-host`), /status +affirming/);
    assert.match(await said(typed`host list`), /cli-host +fresh +affirming/);
    assert.match(await said(typed`golden list --state active`), /kernel-command-line +active +2\/2 +ada, grace/);
    assert.match(await said(typed`golden show ${ids[0] ?? ''}`), /approved by +ada, grace/);
  });

  it('refuses a host by a condition of its policy, and explains it', async () => {
    const apply = (expression: string) => {
      writeFileSync(
        at('seen.yaml'),
        [
          'id: fleet',
          `layers: [${layers}]`,
          'conditions:',
          '  - name: no-quiet',
          '    expression: |',
          `      ${expression}`,
          '    description: Boots are seen.',
          '    remedy: Take quiet out and reboot.',
          'hosts: { names: [cli-host] }',
          '',
        ].join('\n'),
      );
      return typed`policy apply ${at('seen.yaml')}`;
    };
    await refused('APPRAISAL_CONDITION_INVALID', apply('!("quiet" in kernelCommandline)'));
    const { stderr } = await cli(typed`policy check ${at('seen.yaml')}`);
    assert.match(stderr, /conditions\[0\]\.expression: there is no fact kernelCommandline; is kernelCommandLine meant\? \(line 1, column 14\)/); // prettier-ignore
    const { stdout } = await cli(apply('!("quiet" in kernelCommandLine)'), world);
    assert.match(stdout, /condition +no-quiet: Boots are seen\.\n +!\("quiet" in kernelCommandLine\)\n/);
    await attest(enrolled, host);
    const explained = await said(typed`host explain cli-host`);
    assert.match(explained, /^error FACT_CONDITION_REFUSED$/m);
    assert.match(explained, /what +Condition no-quiet is not met: Boots are seen\.\n/);
    assert.match(explained, /expected +!\("quiet" in kernelCommandLine\)\n/);
    assert.match(explained, /observed +kernelCommandLine = \[\/boot\/vmlinuz, root=\/dev\/vda2, ro, quiet, /);
    assert.match(explained, /do +Take quiet out and reboot\.\n/);
    await accepted(typed`policy apply ${at('fleet.yaml')}`);
    await attest(enrolled, host);
  });

  it('labels a host, and asks for a place that fits the workload', async () => {
    await accepted(typed`host label cli-host zone=north rack=3`);
    const { host } = await accepted(typed`host label cli-host rack- tenant=red`);
    assert.deepEqual((host as { labels: object }).labels, { zone: 'north', tenant: 'red' });
    const place = ['--tenant', 'red', '--require-label', 'zone=north', '--require-claim', 'executables=3'];
    await accepted([...typed`admit cli-host --zone north`, ...place]);
    await refused('CLI_ADMISSION_DENIED', [...typed`admit cli-host --zone south`, ...place]);
    await refused('CLI_ADMISSION_DENIED', [...typed`admit cli-host`, ...place, ...typed`--confidential`]);
    assert.equal((await cli(typed`admit cli-host --require-claim executables`, world)).status, 2);
    assert.equal((await cli(typed`host label cli-host =`, world)).status, 2);
    await accepted(typed`host label cli-host tenant-`);
  });

  it('sets hosts aside by name and by label, shows it, and lifts it', async () => {
    const opened = await accepted(typed`quarantine open --host cli-host --reason ${'ticket 1'} --for 60`);
    await refused('CLI_ADMISSION_DENIED', typed`admit cli-host`);
    await accepted(typed`quarantine open --label zone=north --reason ${'ticket 2'}`);
    const listed = await said(typed`quarantine list`);
    assert.match(listed, /in-force +cli-host .*ticket 1/);
    assert.match(listed, /in-force +zone=north .*when lifted +ticket 2/);
    assert.match(await said(typed`host show cli-host`), /state +quarantined/);
    const { items } = await accepted(typed`quarantine list`);
    for (const { id } of items as { id: string }[]) await accepted(typed`quarantine lift ${id} --reason done`);
    await accepted(typed`admit cli-host`);
    await refused('QUARANTINE_ENDED', typed`quarantine lift ${idOfQuarantine(opened)} --reason again`);
  });

  it('shows whom a quarantine would set aside, and sets nobody aside', async () => {
    const asked = await accepted(typed`quarantine open --host cli-host --reason x --for 2h --dry-run`);
    const preview = asked['preview'] as { selected: number; trusted: number; items: { host: string; state: string }[] };
    assert.deepEqual([preview.selected, preview.items.map(({ host }) => host)], [1, ['cli-host']]);
    assert.ok(preview.trusted <= 1);
    assert.notEqual(preview.items[0]?.state, 'quarantined');
    await refused('CLI_QUARANTINE_NONE', typed`quarantine lift --label zone=north --reason ${'none is open'}`);
  });

  it('lifts every quarantine of a selection at once, and none of another', async () => {
    await accepted(typed`quarantine open --label zone=north --reason ${'ticket 3'} --for 2h`);
    const again = await accepted(typed`quarantine open --label zone=north --reason ${'ticket 4'}`);
    await accepted(typed`quarantine open --label zone=south --reason ${'ticket 5'}`);
    const { lifted } = await accepted(typed`quarantine lift --label zone=north --reason patched`);
    assert.equal((lifted as unknown[]).length, 2);
    await refused('QUARANTINE_ENDED', typed`quarantine lift ${idOfQuarantine(again)} --reason x`);
    await accepted(typed`quarantine lift --label zone=south --reason patched`);
  });

  it('takes no quarantine of nobody, of no length that it knows, or by no id', async () => {
    for (const misuse of [
      typed`quarantine open --host x --reason x --for 2w`,
      typed`quarantine open --reason nobody`,
      typed`quarantine lift x --reason x`,
    ]) {
      assert.equal((await cli(misuse, world)).status, 2, misuse.join(' '));
    }
  });

  it('adds a signature to an envelope offline, and does not count the same operator twice', async () => {
    const [file] = readdirSync(drafts()).filter((name) => name.endsWith('.dsse.json'));
    const envelope = join(drafts(), file ?? '');
    const statement = envelope.replace('.dsse.json', '.statement.json');
    const signatures = () =>
      (JSON.parse(readFileSync(envelope, 'utf8')) as { signatures: unknown[] }).signatures.length;
    await accepted(typed`golden sign ${envelope} --key ${at('grace.key.pem')} --yes`);
    assert.equal(signatures(), 2);
    await accepted(typed`golden sign ${envelope} ${statement} --key ${at('ada.key.pem')} --yes`);
    assert.equal(signatures(), 2);
    const keys = ['ada', 'grace'].map((name) => at(`${name}.pub.pem`));
    await accepted([...typed`verify golden ${envelope} --signer`, ...keys, ...typed`--quorum 2`]);
  });

  it('does not propose what nobody signed', async () => {
    const [statement] = readdirSync(drafts()).filter((name) => name.endsWith('.statement.json'));
    await refused('CLI_INPUT_UNRECOGNISED', typed`golden propose ${join(drafts(), statement ?? '')}`);
  });

  it('ends the verdict of a host when a golden measurement under it is revoked', async () => {
    const { items } = await accepted(typed`golden list --state active`);
    const kernel = (items as { id: string; layer: string }[]).find(({ layer }) => layer === 'kernel');
    await accepted(typed`golden revoke ${kernel?.id ?? ''} --reason ${'a hole'} --cve CVE-2026-12345 --yes`);
    await refused('CLI_ADMISSION_DENIED', typed`admit cli-host`);
  });

  it('makes signing keys that only their owner can read, and never replaces one', async () => {
    assert.equal(statSync(at('ada.key.pem')).mode & 0o777, 0o600);
    await refused('CLI_FILE_EXISTS', typed`signer create ada --out ${folder}`);
  });

  it('writes a token to a file that only its owner can read, and revokes it', async () => {
    const file = at('auditor.token');
    const { id } = await accepted(typed`token create audit --role auditor --out ${file}`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const auditor = typed`host list --token-file ${file}`;
    await accepted(auditor);
    await refused('AUTH_FORBIDDEN', typed`token create x --role operator --token-file ${file}`);
    await accepted(typed`token revoke ${String(id)} --yes`);
    await refused('AUTH_TOKEN_INVALID', auditor);
  });

  it('lists tokens in the order in which they were made, of one role or all, and counts them', async () => {
    const made: unknown[] = [];
    for (let index = 0; index < 12; index += 1) {
      const body = { name: `count ${index}`, role: 'orchestrator' } as const;
      made.push((await server.operator.call('createToken', { body })).id);
      server.advance(1);
    }
    const { items } = await accepted(typed`token list --role orchestrator`);
    assert.deepEqual(
      (items as { id: string }[]).map(({ id }) => id),
      made,
    );
    const text = await said(typed`token list`);
    assert.match(text, /^tok_\S+ +count 11 +orchestrator/m);
    assert.match(text, /^\d+ tokens: .*12 orchestrator/m);
    for (const id of made) await server.operator.call('revokeToken', { path: { tokenId: String(id) } });
  });

  it('makes no token whose secret it could not write', async () => {
    const file = at('taken.token');
    writeFileSync(file, '');
    const before = await accepted(typed`token list`);
    await refused('CLI_FILE_EXISTS', typed`token create twice --role auditor --out ${file}`);
    assert.deepEqual(await accepted(typed`token list`), before);
  });

  it('registers endorsement keys one by one and by list, and shows nothing of a list with a mistake', async () => {
    const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string];
    await accepted(typed`ek register ${one} --label ${'rack 3'} --host hv-9`);
    const list = at('delivery.csv');
    writeFileSync(list, `# delivery of May\n${two},serial 12\n${three},serial 13,hv-13\n`);
    await accepted(typed`ek register --list ${list}`);
    const { items } = await accepted(typed`ek list`);
    assert.deepEqual(
      (items as { ekDigest: string; label: string; hostId?: string }[]).map(({ label, hostId }) => [label, hostId]),
      [
        ['rack 3', 'hv-9'],
        ['serial 12', undefined],
        ['serial 13', 'hv-13'],
      ],
    );
    await accepted(typed`ek unregister ${one} --yes`);
    writeFileSync(list, `${one},fine\nnot a digest,x\n`);
    const wrong = await cliJson(typed`ek register --list ${list}`, world);
    assert.deepEqual([wrong.status, wrong.document['code']], [2, 'CLI_INPUT_UNRECOGNISED']);
    assert.match(String(wrong.document['message']), /delivery\.csv: line 2 /);
    assert.equal(((await accepted(typed`ek list`))['items'] as unknown[]).length, 2);
    assert.equal((await cliJson(typed`ek register ${one}`, world)).status, 2);
  });

  it('withdraws a trust anchor, and lists it as withdrawn', async () => {
    const [anchor] = (await accepted(typed`trust-anchor list`))['items'] as { id: string }[];
    const { hosts } = await accepted(typed`trust-anchor withdraw ${anchor?.id ?? ''} --reason ${'key lost'} --yes`);
    assert.equal(hosts, 1);
    const { stdout } = await cli(typed`trust-anchor list`, world);
    assert.match(stdout, /withdrawn 20/);
  });

  it('releases a host, and says what the server refuses in its own code', async () => {
    await accepted(typed`host release cli-host --reason ${'mainboard replaced'} --yes`);
    await refused('HOST_NOT_FOUND', typed`host show nobody`);
    const quarantine = `qua_${'A'.repeat(16)}`;
    for (const [code, words, message] of [
      ['HOST_NOT_FOUND', typed`host explain nobody`, 'no host nobody'],
      ['HOST_NOT_FOUND', typed`golden capture nobody --out ${at('none')}`, 'no host nobody'],
      ['HOST_NOT_FOUND', typed`host export nobody --out ${at('none.tar')}`, 'no host nobody'],
      ['DENY_LIST_NOT_FOUND', typed`deny hosts nothing`, 'no deny list nothing'],
      ['QUARANTINE_NOT_FOUND', typed`quarantine lift ${quarantine} --reason x`, `no quarantine ${quarantine}`],
      ['SIGNER_EXISTS', typed`signer add eve ${at('ada.pub.pem')}`, 'the key is that of ada already'],
    ] as const) {
      assert.equal((await refused(code, words))['message'], message);
    }
    await refused('GOLDEN_MEASUREMENT_NOT_FOUND', typed`golden show ${`sha256:${'00'.repeat(32)}`}`);
  });
});
