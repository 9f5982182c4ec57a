// Deny lists as operators live with them, over a real capture: a boot loader that the whole fleet trusts turns out to be bad.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { ApiProblem } from '../../../src/api/index.ts';
import { encodeDenyList, denyPayloadType, type Denied, type DenyList } from '../../../src/core/deny/index.ts';
import {
  decodeBase64,
  decodeUtf8,
  encodeBase64,
  encodeHex,
  encodeUtf8,
  parsePem,
} from '../../../src/core/encoding/index.ts';
import { appraiseBundle, openEvidenceBundle } from '../../../src/core/evidence-bundle/index.ts';
import { goldenPayloadType } from '../../../src/core/golden/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import { parseEventLog } from '../../../src/core/event-log/index.ts';
import { parseCertificate, parseCrl } from '../../../src/core/x509/index.ts';
import {
  attest,
  authority,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  propose,
  signStatement,
  submit,
  trustedWorld,
  type EnrolledHost,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { exportBundle } from '../../support/export.ts';
import { malleated } from '../../support/malleated.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, testStart, type TestServer } from '../../support/test-server.ts';
import type { PaperHost } from '../../../src/simulator/index.ts';

const capture = new Uint8Array(
  readFileSync(new URL('../../fixtures/lab/boot/sb-on/binary_bios_measurements', import.meta.url)),
);

/** Shim, as firmware measured it into PCR 4 of a real guest: the first image it ran. */
const shim = (() => {
  const image = parseEventLog(capture).events.find(
    ({ pcr, untrustedType }) => pcr === 4 && untrustedType === 0x80000003,
  );
  const digest = image?.digests.get('sha256');
  assert.ok(digest);
  return digest;
})();

const deniesShim: Denied = { kind: 'measurement', digests: new Map([['sha256', shim]]) };

async function linesOf<Line>(lines: AsyncIterable<Line>): Promise<Line[]> {
  const all: Line[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe('deny lists', () => {
  let server: TestServer;
  let world: TrustedWorld;
  let real: { host: PaperHost; enrolled: EnrolledHost };
  beforeEach(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
    const host = paperHost('hv-real', { eventLog: capture });
    const enrolled = await enrol(server, host);
    await attest(enrolled, host);
    const { statements } = await server.operator.call('createCapture', {
      path: { hostId: 'hv-real' },
      body: { layers: ['firmware', 'secure-boot', 'boot-loader', 'kernel', 'kernel-command-line', 'initrd'] },
    });
    for (const statement of statements) await propose(server, statement, world.operators);
    assert.equal((await attest(enrolled, host)).verdict.status, 'affirming');
    real = { host, enrolled };
  });
  afterEach(() => server.close());

  const listOf = (denies: readonly Denied[], more: Partial<DenyList> = {}): DenyList => ({
    name: 'fleet',
    version: 1,
    issuedAt: testStart,
    ...more,
    entries: denies.map((each, index) => ({
      id: `e-${index}`,
      reason: 'BootHole',
      cves: ['CVE-2020-10713'],
      denies: each,
    })),
  });
  const payloadOf = (list: DenyList) => encodeBase64(encodeDenyList(list));
  const importList = async (list: DenyList, operators = world.operators.slice()) => {
    const document = { payloadType: denyPayloadType, payload: payloadOf(list) };
    const signatures = operators.map((operator) => ({ sig: signStatement(operator, document) }));
    return server.operator.call('importDenyList', { body: { envelope: { ...document, signatures } } });
  };
  const decide = async (host: string) => {
    const { decision, reasons } = await server.operator.call('createAdmissionDecision', { body: { host } });
    return [decision, ...reasons.map(({ code }) => code)];
  };
  const remove = async (name = 'fleet') =>
    server.operator.call('removeDenyList', {
      path: { denyListName: name },
      body: { reason: 'it was the wrong digest' },
    });
  const audit = async () => (await server.operator.call('listAudit', { query: { limit: 1000 } })).items;

  it('has a draft stand in the place of the list of its name, and takes no two drafts of one', async () => {
    await importList(listOf([deniesShim]));
    assert.equal((await attest(real.enrolled, real.host)).verdict.status, 'contraindicated');
    const other = listOf([{ kind: 'measurement', digests: new Map([['sha256', hash('sha256', shim)]]) }], {
      version: 2,
    });
    const ask = (...lists: readonly DenyList[]) =>
      server.operator.call('askWhatIf', { body: { deny: lists.map(payloadOf) } });
    assert.deepEqual((await ask(other)).groups.find(({ kind }) => kind === 'gained')?.hosts, ['hv-real']);
    await refuses(ask(other, listOf([deniesShim], { version: 3 })), 'REQUEST_INVALID');
  });

  it('ends the trust in a boot loader at once, for exactly the hosts that what-if named', async () => {
    // Refused for something else: no list says anything of it.
    const odd = paperHost('hv-odd', { tampering: ['changed-kernel'] });
    assert.equal((await attest(await enrol(server, odd), odd)).verdict.status, 'contraindicated');
    const list = listOf([deniesShim]);
    const asked = await server.operator.call('findDeniedHosts', { body: { list: payloadOf(list) } });
    assert.deepEqual([asked.hosts, asked.denied, asked.items.map(({ host }) => host)], [3, 1, ['hv-real']]);
    assert.deepEqual(
      asked.groups.map(({ count, finding }) => [count, finding.code, finding.pcr]),
      [[1, 'DENIED_BY_LIST', 4]],
    );
    const predicted = await server.operator.call('askWhatIf', { body: { deny: [payloadOf(list)] } });
    const lost = predicted.groups.filter(({ kind }) => kind === 'lost');
    assert.deepEqual(
      lost.map(({ hosts, reason }) => [hosts, reason?.code]),
      [[['hv-real'], 'DENIED_BY_LIST']],
    );
    assert.deepEqual(await decide('hv-real'), ['allow'], 'nothing was changed by asking');

    const imported = await importList(list);
    assert.deepEqual([imported.hosts, imported.state, imported.entries], [1, 'in-force', 1]);
    assert.deepEqual(await decide('hv-real'), ['deny', 'VERDICT_VOIDED']);
    assert.deepEqual(await decide('hv-1'), ['allow']);

    const { reasons } = await server.operator.call('getVerdict', { path: { hostId: 'hv-real' } });
    assert.match(reasons[0]?.message ?? '', /BootHole/);
    const { verdict } = await attest(real.enrolled, real.host);
    assert.equal(verdict.status, 'contraindicated');
    const denied = verdict.findings.filter(({ check }) => check === 'denied');
    assert.match(denied[0]?.message ?? '', /BootHole \(CVE-2020-10713\)/);
    assert.ok(verdict.layers['boot-loader'], 'the golden measurement still matches: deny wins over it');
    const explained = await server.operator.call('explainHost', { path: { hostId: 'hv-real' } });
    assert.equal(explained.findings[0]?.finding.code, 'DENIED_BY_LIST');
    assert.equal((await attest(world.enrolled, world.host)).verdict.status, 'affirming');

    const told = (await audit()).filter(({ action }) => action.startsWith('deny-list.') || action === 'verdict.voided');
    assert.deepEqual(
      told.map(({ action, subject }) => [action, subject]),
      [
        ['deny-list.imported', 'fleet'],
        ['verdict.voided', 'hv-real'],
      ],
    );
  });

  it('says line by line how many hosts it looked at, and at last what came of it', async () => {
    const list = listOf([deniesShim]);
    const all = { done: 2, total: 2 };
    const asked = await linesOf(server.operator.callLines('findDeniedHosts', { body: { list: payloadOf(list) } }));
    assert.deepEqual([asked.at(-2)?.progress, asked.at(-1)?.result?.denied], [all, 1]);

    const document = { payloadType: denyPayloadType, payload: payloadOf(list) };
    const signatures = world.operators.map((operator) => ({ sig: signStatement(operator, document) }));
    const importLines = (query: { readonly maxFlips?: number }) =>
      linesOf(server.operator.callLines('importDenyList', { query, body: { envelope: { ...document, signatures } } }));
    const refused = await importLines({ maxFlips: 0 }).catch((error: unknown) => [
      { problem: (error as ApiProblem).problem },
    ]);
    assert.equal(refused.at(-1)?.problem?.code, 'CHANGE_FLIPS_TOO_MANY');
    assert.deepEqual(await decide('hv-real'), ['allow'], 'a refusal in the last line changed nothing');
    const imported = await importLines({});
    assert.deepEqual([imported.at(-2)?.progress, imported.at(-1)?.result?.hosts], [all, 1]);
    assert.deepEqual(await decide('hv-real'), ['deny', 'VERDICT_VOIDED']);
    await refuses(importLines({}), 'DENY_LIST_OUTDATED', 409);
  });

  it('brings trust back by a new attestation only, after the list is removed', async () => {
    await importList(listOf([deniesShim]));
    assert.equal((await remove()).state, 'removed');
    assert.deepEqual(await decide('hv-real'), ['deny', 'VERDICT_VOIDED']);
    assert.equal((await attest(real.enrolled, real.host)).verdict.status, 'affirming');
    assert.deepEqual(await decide('hv-real'), ['allow']);
    await refuses(remove(), 'DENY_LIST_REMOVED', 409);
    await refuses(importList(listOf([deniesShim])), 'DENY_LIST_OUTDATED', 409);
    assert.equal((await importList(listOf([deniesShim], { version: 2 }))).hosts, 1);
  });

  it('never goes back to an older issue, and takes each issue whole', async () => {
    await importList(listOf([deniesShim], { version: 7 }));
    await refuses(importList(listOf([], { version: 6 })), 'DENY_LIST_OUTDATED', 409);
    await refuses(importList(listOf([], { version: 7 })), 'DENY_LIST_OUTDATED', 409);
    assert.equal((await importList(listOf([], { version: 8 }))).entries, 0);
    assert.deepEqual(await decide('hv-real'), ['deny', 'VERDICT_VOIDED']);
    assert.equal((await attest(real.enrolled, real.host)).verdict.status, 'affirming');
  });

  it('takes nothing that a quorum did not sign, nor from the future', async () => {
    await refuses(importList(listOf([deniesShim]), [world.operators[0]]), 'DENY_LIST_QUORUM_NOT_REACHED', 422);
    const later = new Date(testStart.getTime() + 3_600_000);
    await refuses(importList(listOf([deniesShim], { issuedAt: later })), 'DENY_LIST_FROM_THE_FUTURE', 422);
    assert.deepEqual((await server.operator.call('listDenyLists', {})).items, []);
    assert.deepEqual(await decide('hv-real'), ['allow']);
  });

  it('denies also an answer that was under way', async () => {
    const evidence = await evidenceFor(real.host, await challengeFor(real.enrolled, real.host));
    await importList(listOf([deniesShim]));
    assert.equal((await submit(real.enrolled, evidence)).verdict.status, 'contraindicated');
  });

  it('denies by golden measurement, by its subject, and by who vouches for the TPM', async () => {
    const { layers } = (await attest(real.enrolled, real.host)).verdict;
    const id = layers['boot-loader'] ?? '';
    // Captures of one layer have one name, until somebody drafts another.
    const statement = (await server.operator.call('getGoldenMeasurement', { path: { goldenId: id } })).name;
    const root = encodeHex(hash('sha256', authority.rootCertificate));
    const cases: readonly [Denied, readonly string[]][] = [
      [{ kind: 'golden', id }, ['hv-real']],
      [{ kind: 'golden-subject', layer: 'boot-loader', name: statement }, ['hv-1', 'hv-real']],
      [{ kind: 'golden-subject', layer: 'kernel', name: statement }, []],
      [{ kind: 'endorsement', sha256: root }, ['hv-1', 'hv-real']],
      [{ kind: 'endorsement', sha256: '00'.repeat(32) }, []],
    ];
    for (const [index, [denied, hosts]] of cases.entries()) {
      const list = listOf([denied], { version: index + 1 });
      const { items } = await server.operator.call('findDeniedHosts', { body: { list: payloadOf(list) } });
      assert.deepEqual(
        items.map(({ host }) => host),
        hosts,
        JSON.stringify(denied.kind),
      );
      const imported = await importList(list);
      assert.equal(imported.hosts, hosts.length, denied.kind);
      for (const host of hosts) assert.match((await decide(host)).join(), /^deny,VERDICT_VOIDED$/);
      await remove();
      await attest(real.enrolled, real.host);
      await attest(world.enrolled, world.host);
    }
  });

  it('are weighed by what-if for the one of two hosts that booted alike whose TPM they name', async () => {
    const host = paperHost('hv-2');
    const enrolled = await enrol(server, host);
    await attest(enrolled, host);
    const { certificate } = await host.ekCertificates();
    assert.ok(certificate);
    const kindsUnder = async (list: DenyList) => {
      const { groups } = await server.operator.call('askWhatIf', { body: { deny: [payloadOf(list)] } });
      return groups.map(({ kind, hosts }) => [kind, hosts]);
    };
    const list = listOf([{ kind: 'endorsement', sha256: encodeHex(hash('sha256', certificate)) }]);
    const others = ['still-trusted', ['hv-1', 'hv-real']];
    assert.deepEqual(await kindsUnder(list), [['lost', ['hv-2']], others]);
    await importList(list);
    await attest(enrolled, host);
    const lifted = listOf([{ kind: 'endorsement', sha256: '00'.repeat(32) }], { version: 2 });
    assert.deepEqual(await kindsUnder(lifted), [['gained', ['hv-2']], others]);
  });

  it('goes on to deny by a golden measurement that is in force no more, though another accepts the same boot', async () => {
    const items = await Promise.all(
      world.goldens.map((goldenId) => server.operator.call('getGoldenMeasurement', { path: { goldenId } })),
    );
    const kernel = items.find(({ layer }) => layer === 'kernel');
    assert.ok(kernel?.envelope);
    const { payload } = kernel.envelope;
    const statement = JSON.parse(decodeUtf8(decodeBase64(payload))) as { predicate: object };
    const other = { ...statement, predicate: { ...statement.predicate, description: 'the same once more' } };
    await propose(
      server,
      { payloadType: goldenPayloadType, payload: encodeBase64(encodeUtf8(JSON.stringify(other))) },
      world.operators,
    );
    const subject = (statement as unknown as { subject: [{ name: string }] }).subject[0].name;
    const said = async () => {
      const { status, findings } = (await attest(world.enrolled, world.host)).verdict;
      return [status, ...findings.filter(({ check }) => check === 'denied').map(({ golden }) => golden)];
    };
    const denies: readonly Denied[] = [
      { kind: 'golden', id: kernel.id },
      { kind: 'golden-subject', layer: 'kernel', name: subject },
    ];
    await importList(listOf(denies.slice(0, 1)));
    assert.deepEqual(await said(), ['contraindicated', kernel.id]);
    const path = { goldenId: kernel.id };
    await server.operator.call('retireGoldenMeasurement', { path, body: { reason: 'no host needs it' } });
    assert.deepEqual(await said(), ['contraindicated', kernel.id]);
    const bundle = await openEvidenceBundle(await exportBundle(server));
    assert.deepEqual(appraiseBundle(bundle, bundle.attestation.at).differences, []);
    await server.operator.call('revokeGoldenMeasurement', { path, body: { reason: 'bad' } });
    await importList(listOf(denies.slice(1), { version: 2 }));
    assert.ok((await said()).includes(kernel.id));
    await remove();
    assert.deepEqual(await said(), ['affirming']);
  });

  it('finds who vouches for a TPM by its EK, its certificate or its anchor', async () => {
    await importList(listOf([{ kind: 'endorsement', sha256: encodeHex(hash('sha256', authority.rootCertificate)) }]));
    const { verdict } = await attest(real.enrolled, real.host);
    assert.equal(verdict.vector.hardware, 97);
    assert.deepEqual(
      verdict.findings.filter(({ check }) => check === 'denied').map(({ code }) => code),
      ['DENIED_ENDORSER'],
    );
  });

  it('finds them also where the host shows its certificates with the other signature that each of them has', async () => {
    const { certificate, chain } = await world.host.ekCertificates();
    assert.ok(certificate);
    const shown = { certificate: malleated(certificate), chain: chain.map((der) => malleated(der)) };
    const other = { ...world.host, ekCertificates: () => Promise.resolve(shown) };
    for (const [index, der] of [certificate, ...chain].entries()) {
      const denies: Denied = { kind: 'endorsement', sha256: encodeHex(hash('sha256', der)) };
      await importList(listOf([denies], { version: index + 1 }));
      const again = await enrol(server, other);
      assert.equal(again.akCertificate, '');
      const { findings } = (await attest(again, other)).verdict;
      assert.ok(
        findings.some(({ code }) => code === 'DENIED_ENDORSER'),
        `number ${index}`,
      );
      assert.equal((await decide('hv-1'))[0], 'deny');
    }
  });

  it('revokes the AK certificates of whose TPM nobody may vouch for, and gives them none, until it is removed', async () => {
    const silent = await enrol(server, paperHost('hv-silent'));
    const body = async () =>
      (await server.client().callRaw('getAttestationCaCrl', { headers: { accept: 'application/pkix-crl' } })).body;
    const revoked = async () => new Set(parseCrl(await body()).revoked.keys());
    const serialOf = (pem: string) => parseCertificate(parsePem(pem)[0]?.bytes ?? new Uint8Array()).serialHex;
    const held = [world.enrolled, real.enrolled, silent].map(({ akCertificate }) => serialOf(akCertificate));
    await importList(listOf([deniesShim]));
    assert.equal((await revoked()).size, 0, 'what booted is the matter of verdicts');
    await importList(
      listOf([{ kind: 'endorsement', sha256: encodeHex(hash('sha256', authority.rootCertificate)) }], { version: 2 }),
    );
    assert.deepEqual(await revoked(), new Set(held), 'also where the host never attested');
    assert.equal((await attest(real.enrolled, real.host)).akCertificate, undefined);
    assert.equal((await enrol(server, paperHost('hv-late'))).akCertificate, '');
    await remove();
    assert.ok((await attest(real.enrolled, real.host)).akCertificate);
    assert.deepEqual(await revoked(), new Set(held));
  });

  it('ends the trust in a host that cannot be held against it', async () => {
    const database = new Database(join(server.dataDirectory, 'touchstone.db'));
    database.exec("UPDATE attestations SET pcrs = 'damaged' WHERE host_id = 'hv-real'");
    database.close();
    const denies: Denied = { kind: 'measurement', digests: new Map([['sha256', new Uint8Array(32)]]) };
    assert.equal((await importList(listOf([denies]))).hosts, 1);
    assert.deepEqual(await decide('hv-real'), ['deny', 'VERDICT_VOIDED']);
    assert.deepEqual(await decide('hv-1'), ['allow']);
  });

  it('does not trust a host that sends no log, while a measurement is denied', async () => {
    await importList(listOf([{ kind: 'measurement', digests: new Map([['sha256', new Uint8Array(32)]]) }]));
    assert.deepEqual(await decide('hv-real'), ['allow'], 'its log shows that it never ran it');
    real.host.tamper('no-log');
    const { verdict } = await attest(real.enrolled, real.host);
    assert.ok(verdict.findings.some(({ code }) => code === 'DENIED_UNPROVEN'));
    assert.notEqual(verdict.status, 'affirming');
  });

  it('pages hosts and entries', async () => {
    const anchor: Denied = { kind: 'endorsement', sha256: encodeHex(hash('sha256', authority.rootCertificate)) };
    const list = payloadOf(listOf([anchor, deniesShim]));
    const first = await server.operator.call('findDeniedHosts', { body: { list, limit: 1 } });
    assert.deepEqual([first.items.map(({ host }) => host), first.next], [['hv-1'], 'hv-1']);
    const second = await server.operator.call('findDeniedHosts', { body: { list, limit: 1, after: 'hv-1' } });
    assert.deepEqual([second.items.map(({ host }) => host), second.next, second.denied], [['hv-real'], undefined, 2]);
    await importList(listOf([anchor, deniesShim]));
    const path = { denyListName: 'fleet' };
    const page = await server.operator.call('getDenyList', { path, query: { limit: 1 } });
    assert.deepEqual([page.items.map(({ id }) => id), page.next], [['e-0'], 'e-0']);
    const rest = await server.operator.call('getDenyList', { path, query: { after: 'e-0' } });
    assert.deepEqual(
      [rest.items.map(({ kind, what }) => [kind, what]), rest.next],
      [[['measurement', `sha256:${encodeHex(shim)}`]], undefined],
    );
    const byName = await server.operator.call('findDeniedHosts', { body: { name: 'fleet' } });
    assert.equal(byName.denied, 2);
    await refuses(server.operator.call('findDeniedHosts', { body: { name: 'other' } }), 'DENY_LIST_NOT_FOUND', 404);
  });
});
