import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attest, describeFailure, enrol, loadEnrolment, openTpmDevice } from '../../src/agent/index.ts';
import { encodeHex } from '../../src/core/encoding/index.ts';
import { appraiseBundle, openEvidenceBundle } from '../../src/core/evidence-bundle/index.ts';
import { saveEnrolment } from '../../src/agent/enrolment-state.ts';
import { createPaperHost, createSimulatorAuthority, type PaperHostOptions } from '../../src/simulator/index.ts';
import { startTestTpm } from '../support/swtpm.ts';
import { rootPem, startTestServer, type TestServer } from './real-server.ts';
import { listenOnLoopback } from '../support/loopback.ts';

const authority = createSimulatorAuthority({ at: new Date() });

describe('enrolment from the host, against a real server', () => {
  let server: TestServer;

  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  it('tells the operator which root is missing, and how to add it', async () => {
    const failure = await failureOf(enrolPaper('first'));
    assert.equal(failure?.code, 'AGENT_EK_ROOT_UNKNOWN');
    assert.match(failure.message, /Touchstone simulator root/);
    assert.match(failure.message, /SHA-256 [0-9a-f]{64}/);
    assert.match(failure.remedy ?? '', /touchstone trust-anchor import/);
  });

  describe('that trusts the authority', () => {
    before(() => server.trust(rootPem(authority)));

    it('enrols a paper host and keeps the enrolment for its owner alone', async () => {
      const state = await enrolPaper('paper-1');
      assert.equal(state.hostId, 'paper-1');
      assert.equal(state.serverId, 'server.test');
      assert.match(state.akCertificate ?? '', /BEGIN CERTIFICATE/);
      assert.deepEqual(await loadEnrolment(folderOf('paper-1')), state);
      assert.equal(statSync(join(folderOf('paper-1'), 'agent.json')).mode & 0o777, 0o600);
      assert.equal(statSync(folderOf('paper-1')).mode & 0o777, 0o700);
    });

    it('renews the enrolment of the same host', async () => {
      const first = await enrolPaper('paper-2');
      const again = await enrolPaper('paper-2');
      assert.equal(again.akName, first.akName);
    });

    it('attests once enrolled, and is told why it is not trusted yet', async () => {
      await enrolPaper('paper-3');
      const { verdict, nextAttestationSeconds } = await attest({
        device: paper('paper-3'),
        stateDirectory: folderOf('paper-3'),
      });
      assert.notEqual(verdict.status, 'affirming');
      assert.ok(verdict.findings.length > 0);
      assert.ok(nextAttestationSeconds > 0);
    });

    it('needs no log a second time when the server holds it', async () => {
      await enrolPaper('paper-4');
      const device = paper('paper-4');
      const options = { device, stateDirectory: folderOf('paper-4') };
      const [first, second] = [await attest(options), await attest(options)];
      assert.equal(first.verdict.eventLogDigest, second.verdict.eventLogDigest);
    });

    it('T12: a cloned TPM under a second name is refused', async () => {
      const original = paper('paper-5');
      await enrolDevice('paper-5', original);
      const failure = await failureOf(enrolDevice('paper-5b', original.cloneAs('paper-5b')));
      assert.equal(failure?.code, 'HOST_EK_ALREADY_ENROLLED');
    });

    it('a name that is taken is refused', async () => {
      await enrolPaper('paper-6');
      const other = paper('paper-6', { seed: 'another machine' });
      const failure = await failureOf(enrolDevice('paper-6', other, folderOf('paper-6-other')));
      assert.equal(failure?.code, 'HOST_NAME_TAKEN');
      assert.ok(failure.remedy);
    });

    it('an AK that is not restricted is refused', async () => {
      const failure = await failureOf(enrolPaper('paper-7', { tampering: ['unrestricted-ak'] }));
      assert.equal(failure?.code, 'TPM_KEY_ATTRIBUTES_REFUSED');
    });

    it('a TPM without EK certificate is refused with its remedy', async () => {
      const failure = await failureOf(enrolPaper('paper-8', { tampering: ['no-ek-certificate'] }));
      assert.equal(failure?.code, 'AGENT_EK_CERTIFICATE_MISSING');
    });

    it('a TPM that cannot open the secret says so', async () => {
      const host = paper('paper-9');
      const device = { ...host, akPublic: () => paper('somebody else').akPublic() };
      const failure = await failureOf(enrolDevice('paper-9', device));
      assert.equal(failure?.code, 'AGENT_ACTIVATION_FAILED');
    });

    it('a wrong join token is refused', async () => {
      const options = { device: paper('paper-10'), stateDirectory: folderOf('paper-10'), hostName: 'paper-10' };
      const failure = await failureOf(enrol({ server: { baseUrl: server.url }, token: 'nonsense', ...options }));
      assert.equal(failure?.code, 'AUTH_TOKEN_INVALID');
    });

    it('does not replace the enrolment of another host or server', async () => {
      await enrolPaper('paper-11');
      const renamed = await failureOf(enrolDevice('paper-11b', paper('paper-11'), folderOf('paper-11')));
      assert.equal(renamed?.code, 'AGENT_ENROLLED_ELSEWHERE');
      const options = { device: paper('paper-11'), stateDirectory: folderOf('paper-11'), hostName: 'paper-11' };
      const elsewhere = await failureOf(enrol({ server: { baseUrl: 'http://127.0.0.1:9' }, ...options }));
      assert.equal(elsewhere?.code, 'AGENT_ENROLLED_ELSEWHERE');
    });

    it('does not attest with another key than the one enrolled', async () => {
      await enrolPaper('paper-12');
      const device = paper('paper-12', { seed: 'new mainboard' });
      const failure = await failureOf(attest({ device, stateDirectory: folderOf('paper-12') }));
      assert.equal(failure?.code, 'AGENT_KEY_CHANGED');
    });

    it('is refused by a server of another name, which says so', async () => {
      await enrolPaper('paper-13');
      const path = join(folderOf('paper-13'), 'agent.json');
      writeFileSync(path, readFileSync(path, 'utf8').replace('"server.test"', '"other.test"'));
      const failure = await failureOf(attest({ device: paper('paper-13'), stateDirectory: folderOf('paper-13') }));
      assert.equal(failure?.code, 'AUTH_PROOF_INVALID');
      assert.match(failure.message, /this server is server\.test/);
    });

    it('does not quote for a server of another name', async () => {
      await enrolPaper('paper-13b');
      const want = { pcrs: true, eventLog: false, imaLog: false, userspaceLog: false };
      const named = { challengeId: 'chl_a', serverId: 'other.test', nonce: '', qualifyingData: '', expiresAt: '' };
      const challenge = { ...named, want, pcrSelection: [] };
      const answers = createServer((_, response) => response.writeHead(201).end(JSON.stringify(challenge)));
      const other = await listenOnLoopback(answers);
      const server = { baseUrl: other.url };
      const device = paper('paper-13b');
      const failure = await failureOf(attest({ server, device, stateDirectory: folderOf('paper-13b') }));
      await other.close();
      assert.equal(failure?.code, 'AGENT_SERVER_CHANGED');
    });

    it('says which bank is missing in the TPM', async () => {
      const device = paper('paper-14', { banks: ['sha1'] });
      await enrolDevice('paper-14', device);
      const failure = await failureOf(attest({ device, stateDirectory: folderOf('paper-14') }));
      assert.equal(failure?.code, 'AGENT_PCRS_UNAVAILABLE');
      assert.match(failure.message, /sha256/);
    });

    it('a replayed quote becomes a refusal with a reason, not a verdict of trust', async () => {
      const device = paper('paper-15');
      await enrolDevice('paper-15', device);
      const options = { device, stateDirectory: folderOf('paper-15') };
      await attest(options);
      device.tamper('replayed-quote');
      const { verdict } = await attest(options);
      assert.equal(verdict.status, 'contraindicated');
      assert.ok(
        verdict.findings.some(({ code }) => code === 'TPM_QUALIFYING_DATA_MISMATCH'),
        JSON.stringify(verdict),
      );
    });

    it('enrols and attests a software TPM, end to end', async () => {
      const tpm = await startTestTpm({ name: 'end-to-end' });
      try {
        await server.trust(tpm.authority.root, tpm.authority.intermediate);
        const log = 'test/fixtures/lab/boot/sb-on/binary_bios_measurements';
        const logs = { eventLogPath: log, imaLogPath: 'none', userspaceLogPath: 'none' };
        const device = await openTpmDevice({ address: tpm.address, ...logs, sleep: (ms) => sleep(ms) });
        const state = await enrolDevice('end-to-end', device);
        assert.match(state.akName, /^000b/);
        const { verdict } = await attest({ device, stateDirectory: folderOf('end-to-end') });
        assert.equal(verdict.boot?.epoch, 'first');
        await verifyExported('end-to-end', verdict);
        await device.close();
      } finally {
        await tpm.stop();
      }
    });
  });

  /** A third party comes to the same verdict from the file alone. */
  async function verifyExported(hostId: string, given: object): Promise<void> {
    const headers = { accept: 'application/x-tar' };
    const bundle = await openEvidenceBundle(
      (await server.operator.callRaw('exportHost', { path: { hostId }, headers })).body,
    );
    const { verdict, differences } = appraiseBundle(bundle, bundle.attestation.at);
    assert.deepEqual([JSON.parse(JSON.stringify(verdict)), differences], [given, []]);
  }

  function paper(name: string, options: Partial<PaperHostOptions> = {}) {
    return createPaperHost({ name, authority, ...options });
  }

  function enrolPaper(name: string, options: Partial<PaperHostOptions> = {}) {
    return enrolDevice(name, paper(name, options));
  }

  async function enrolDevice(
    hostName: string,
    device: Parameters<typeof enrol>[0]['device'],
    stateDirectory = folderOf(hostName),
  ) {
    return enrol({
      server: { baseUrl: server.url },
      token: await server.joinToken(),
      device,
      stateDirectory,
      hostName,
    });
  }

  function folderOf(name: string): string {
    return join(server.folder, name);
  }
});

describe('the enrolment that an agent keeps', () => {
  let server: TestServer;
  const good = {
    version: 1,
    server: 'http://127.0.0.1:1',
    serverId: 's',
    hostId: 'h',
    akName: '000b',
    hostToken: 't',
    akCertificate: 'c',
  };

  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  it('is nothing where there is no file', async () => {
    assert.equal(await loadEnrolment(join(server.folder, 'absent')), undefined);
    const options = {
      device: createPaperHost({ name: 'h', authority }),
      stateDirectory: join(server.folder, 'absent'),
    };
    assert.equal((await failureOf(attest(options)))?.code, 'AGENT_NOT_ENROLLED');
  });

  it('is refused when others may read it', async () => {
    const folder = write('exposed', JSON.stringify(good));
    chmodSync(join(folder, 'agent.json'), 0o640);
    const failure = await failureOf(loadEnrolment(folder));
    assert.equal(failure?.code, 'AGENT_STATE_EXPOSED');
    assert.match(failure.message, /agent\.json has mode 0640/);
  });

  for (const [fault, text] of Object.entries({
    'not JSON': '{',
    'no object': '[]',
    'another version': JSON.stringify({ ...good, version: 2 }),
    'a missing field': JSON.stringify({ ...good, hostToken: undefined }),
    'an empty field': JSON.stringify({ ...good, hostId: '' }),
    'a field of another type': JSON.stringify({ ...good, serverId: 7 }),
    'a field twice': JSON.stringify(good).replace('"hostId"', '"hostId":"x","hostId"'),
    nothing: '',
  })) {
    it(`is refused with ${fault}`, async () => {
      const folder = write(encodeHex(new TextEncoder().encode(fault)), text);
      assert.equal((await failureOf(loadEnrolment(folder)))?.code, 'AGENT_STATE_INVALID');
    });
  }

  it('is refused where the file is a folder', async () => {
    const folder = join(server.folder, 'folder');
    mkdirSync(join(folder, 'agent.json'), { recursive: true, mode: 0o700 });
    assert.equal((await failureOf(loadEnrolment(folder)))?.code, 'AGENT_STATE_UNWRITABLE');
  });

  it('is kept in a folder that is made for it, with those above it, or the refusal says that none can be', async () => {
    const folder = join(server.folder, 'deep', 'state');
    await saveEnrolment(folder, good);
    assert.equal((await loadEnrolment(folder))?.hostId, good.hostId);
    assert.equal(statSync(join(server.folder, 'deep')).mode & 0o777, 0o700);
    assert.equal((await failureOf(saveEnrolment('/proc/no/state', good)))?.code, 'AGENT_STATE_UNWRITABLE');
  });

  function write(name: string, text: string): string {
    const folder = join(server.folder, name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'agent.json'), text, { mode: 0o600 });
    return folder;
  }
});

async function failureOf(work: Promise<unknown>) {
  try {
    await work;
    return undefined;
  } catch (error) {
    const failure = describeFailure(error);
    if (failure === undefined) throw error;
    return failure;
  }
}
