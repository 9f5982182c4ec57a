// Rotation of the attestation CA's key, as its operators do it and as others see it, with OpenSSL in their place.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeHex, parsePem } from '../../src/core/encoding/index.ts';
import { parseCertificate, parseCrl } from '../../src/core/x509/index.ts';
import { doctor } from '../../src/server/index.ts';
import { attest, enrol, paperHost, trustSimulator, type EnrolledHost } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

interface Listed {
  readonly authorityId: string;
  readonly state: string;
  readonly lastCertificateEnds?: string;
}

describe('the key of the attestation CA, rotated by command line', () => {
  let server: TestServer;
  let folder = '';
  const host = paperHost('hv-1');
  beforeEach(async () => {
    server = await startTestServer({ fromFile: true });
    folder = mkdtempSync(join(tmpdir(), 'touchstone-rotation-'));
    await trustSimulator(server);
  });
  afterEach(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });
  const world = (): CliWorld => operatorAt(server);
  const run = (...args: string[]) => cliJson(['attestation-ca', ...args], world());
  const local = (...args: string[]) => run(...args, '--data', server.dataDirectory);
  const list = async () => (await run('list')).document['authorities'] as readonly Listed[];
  const states = async () => (await list()).map(({ state }) => state);
  const configuration = () => join(server.dataDirectory, 'touchstone.yaml');
  const again = (enrolled: EnrolledHost): EnrolledHost => {
    return { ...enrolled, client: server.client(enrolled.token, enrolled.prove) };
  };
  const save = async (name: string, ...args: string[]): Promise<string> => {
    const path = join(folder, name);
    rmSync(path, { force: true });
    assert.equal((await run(...args, '--out', path)).status, 0);
    return path;
  };
  /** `openssl verify` with the chain and the lists of all keys, at the server's time. */
  const verify = async (pem: string): Promise<string> => {
    const chain = await save('chain.pem', 'chain');
    const lists: string[] = [];
    for (const { authorityId } of await list()) {
      lists.push(readFileSync(await save('list.pem', 'crl', '--authority', authorityId), 'utf8'));
    }
    const [lists_, leaf] = [join(folder, 'lists.pem'), join(folder, 'ak.pem')];
    writeFileSync(lists_, lists.join(''));
    writeFileSync(leaf, pem);
    const at = String(server.now().getTime() / 1000);
    const files = ['-CAfile', chain, '-CRLfile', lists_, '-crl_check', '-x509_strict', '-attime', at, leaf];
    const { stdout, stderr } = spawnSync('openssl', ['verify', ...files], { encoding: 'utf8' });
    return stdout + stderr;
  };
  const revokedBy = async (authorityId: string): Promise<readonly string[]> => {
    const pem = readFileSync(await save('list.pem', 'crl', '--authority', authorityId), 'utf8');
    return [...parseCrl(parsePem(pem)[0]?.bytes ?? new Uint8Array()).revoked.keys()];
  };
  const serialOf = (pem: string): string => parseCertificate(parsePem(pem)[0]?.bytes ?? new Uint8Array()).serialHex;

  it('is published before it issues, issues, and is published until what it issued has ended', async () => {
    const enrolled = await enrol(server, host);
    const [first] = await list();
    assert.ok(first);
    assert.deepEqual(await states(), ['issuing']);

    const { document: prepared } = await local('prepare');
    await server.restart();
    assert.deepEqual(await states(), ['issuing', 'next']);
    assert.equal((await attest(again(enrolled), host)).akCertificate, undefined);
    assert.match(await verify(enrolled.akCertificate), /OK/);

    const { document: rotated } = await local('rotate', '--yes');
    assert.equal(rotated['authorityId'], prepared['authorityId']);
    await server.restart();
    assert.deepEqual(await states(), ['issuing', 'previous']);
    const entry = (await server.operator.call('listAudit', {})).items.at(-1);
    assert.deepEqual([entry?.action, entry?.subject], ['attestation-ca.rotated', prepared['authorityId']]);
    assert.equal(entry?.details['from'], first.authorityId);

    // At once, and not only at half of the old one's life.
    const { akCertificate = '' } = await attest(again(enrolled), host);
    assert.equal((await attest(again(enrolled), host)).akCertificate, undefined);
    for (const pem of [enrolled.akCertificate, akCertificate]) assert.match(await verify(pem), /OK/);
    await server.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'retired' } });
    for (const pem of [enrolled.akCertificate, akCertificate]) assert.match(await verify(pem), /certificate revoked/);
    assert.deepEqual(await revokedBy(first.authorityId), [serialOf(enrolled.akCertificate)]);
    assert.deepEqual(await revokedBy(String(prepared['authorityId'])), [serialOf(akCertificate)]);

    const old = (await list()).find(({ state }) => state === 'previous');
    const ends = new Date(server.now().getTime() + 48 * 3_600_000).toISOString();
    assert.deepEqual([old?.authorityId, old?.lastCertificateEnds], [first.authorityId, ends]);
    const unknown = await run('crl', '--authority', 'ab'.repeat(32));
    assert.deepEqual([unknown.status, unknown.document['code']], [1, 'ATTESTATION_AUTHORITY_NOT_FOUND']);
  });

  it('is missed by the doctor and at start when it was taken out too early', async () => {
    await enrol(server, host);
    const [first] = await list();
    await local('prepare');
    await local('rotate', '--yes');
    const text = readFileSync(configuration(), 'utf8');
    writeFileSync(configuration(), text.replace(/^ {2}others:(\n {4}.*)*$/m, '  others: []'));
    await server.restart();
    const strays = () => server.running.shortcomings.find(({ name }) => name === 'attestation-ca-strays');
    assert.match(strays()?.message ?? '', new RegExp(first?.authorityId ?? 'none'));
    server.advance(48 * 3600 + 1);
    await server.restart();
    assert.equal(strays(), undefined);
  });

  it('is written beside what stood in touchstone.yaml: comments, passphrases, permissions', async () => {
    const text = readFileSync(configuration(), 'utf8');
    writeFileSync(
      configuration(),
      `${text}# ours\nattestationCa: { crlUrl: 'http://pki.example/{authority}.crl' } # public\n`,
    );
    const { document: prepared } = await local('prepare');
    const { document: second } = await local('prepare');
    const unclear = await local('rotate', '--yes');
    assert.deepEqual([unclear.status, unclear.document['code']], [1, 'ATTESTATION_AUTHORITY_NOT_FOUND']);
    assert.match(String(unclear.document['message']), new RegExp(String(second['authorityId'])));
    assert.equal((await local('rotate', '--yes', '--to', String(prepared['authorityId']))).status, 0);
    const written = readFileSync(configuration(), 'utf8');
    assert.match(written, /# ours/);
    assert.match(written, /# public/);
    assert.equal(statSync(configuration()).mode & 0o777, 0o600);
    await server.restart();
    assert.deepEqual((await states()).toSorted(), ['issuing', 'next', 'previous']);
    const { akCertificate } = await enrol(server, host);
    const { stdout } = spawnSync('openssl', ['x509', '-noout', '-text'], { input: akCertificate, encoding: 'utf8' });
    assert.ok(stdout.includes(`URI:http://pki.example/${String(prepared['authorityId'])}.crl`));
  });

  it('is not made where its list would have no place of its own, and nothing is left behind', async () => {
    const text = `${readFileSync(configuration(), 'utf8')}attestationCa: { crlUrl: 'http://pki.example/ak.crl' }\n`;
    writeFileSync(configuration(), text);
    const files = () => readdirSync(join(server.dataDirectory, 'keys')).toSorted();
    const before = files();
    const refused = await local('prepare');
    assert.deepEqual([refused.status, refused.document['code']], [1, 'CONFIG_INVALID']);
    assert.match(String(refused.document['message']), /\{authority\}/);
    assert.deepEqual(files(), before);
    assert.equal(readFileSync(configuration(), 'utf8'), text);
  });

  it('is asked for before it rotates, and must be another one', async () => {
    const nobody = await local('rotate');
    assert.deepEqual([nobody.status, nobody.document['code']], [2, 'CLI_CONSENT_MISSING']);
    const none = await local('rotate', '--yes');
    assert.deepEqual([none.status, none.document['code']], [1, 'ATTESTATION_AUTHORITY_NOT_FOUND']);
    assert.match(String(none.document['message']), /^no other key .*`touchstone attestation-ca prepare` makes one$/);
    const same = { keyFile: 'keys/attestation-ca.pem', certificateFile: 'keys/attestation-ca.crt' };
    const text = readFileSync(configuration(), 'utf8');
    writeFileSync(configuration(), `${text}attestationCa: { others: [${JSON.stringify(same)}] }\n`);
    const found = (await doctor(server.dataDirectory)).find(({ name }) => name === 'keys');
    assert.match(found?.message ?? '', /KEY_FILE_INVALID: two keys .* are the same/);
  });

  it('names before it rotates which key issues and which will, and takes an id as lists show it', async () => {
    const { document: prepared } = await local('prepare');
    const to = ['--to', String(prepared['authorityId']).slice(0, 16), '--data', server.dataDirectory];
    const asked = await cli(['attestation-ca', 'rotate', ...to], { ...world(), isTTY: true, typed: 'n\n' });
    const [issuing] = await list();
    assert.ok(
      asked.stderr.includes(`now   ${issuing?.authorityId}\n  then  ${String(prepared['authorityId'])}\n`),
      asked.stderr,
    );
    const { document: rotated } = await local('rotate', '--yes', ...to.slice(0, 2));
    assert.equal(rotated['authorityId'], prepared['authorityId']);
  });

  it('is shown to people as to programs', async () => {
    const [listed] = await list();
    const { stdout } = await cli(['attestation-ca', 'list'], world());
    assert.match(stdout, new RegExp(`issuing +${listed?.authorityId.slice(0, 16)} `));
    const { stdout: pem } = await cli(['attestation-ca', 'chain'], world());
    const [certificate] = parsePem(pem);
    assert.ok(certificate);
    assert.match(encodeHex(parseCertificate(certificate.bytes).spki), /^30/);
  });
});
