// The refusals again with evidence that none of our code made: tpm2-tools create the keys, open the credential, extend the
// PCRs and quote, against a software TPM. Only the API is ours.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProver } from '../../src/agent/index.ts';
import type { AttestationRequest, AttestationResult, Challenge } from '../../src/api/index.ts';
import { concatBytes, decodeBase64, encodeBase64, encodeHex, parsePem } from '../../src/core/encoding/index.ts';
import { parseEventLog } from '../../src/core/event-log/index.ts';
import { parsePcrFile } from '../../src/core/tpm/index.ts';
import { approveBoot, authorise, bootLayers, wirePcrs, type EnrolledHost } from '../support/paper-story.ts';
import { refuses } from '../support/problems.ts';
import { startTestTpm, type TestTpm } from '../support/swtpm.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cliJson } from '../cli/cli-run.ts';

const akHandle = '0x81010020';
const ekCertificateIndex = '0x01C00002';

/** Mirrors a host whose software is a shell script around tpm2-tools. */
class ToolHost {
  readonly tpm: TestTpm;
  eventLog: Uint8Array = new Uint8Array();

  constructor(tpm: TestTpm) {
    this.tpm = tpm;
  }

  file(name: string): Uint8Array {
    return new Uint8Array(readFileSync(join(this.tpm.directory, name)));
  }

  /** Endorsement key by the default template, and a restricted signing key below it. */
  createKeys(): void {
    this.run('tpm2_nvread', '-C', 'o', ekCertificateIndex, '-o', 'ek.crt');
    this.run('tpm2_createek', '-c', 'ek.ctx', '-G', 'rsa', '-u', 'ek.pub');
    const ak = ['-c', 'ak.ctx', '-u', 'ak.pub', '-n', 'ak.name'];
    this.run('tpm2_createak', '-C', 'ek.ctx', '-G', 'ecc', '-g', 'sha256', '-s', 'ecdsa', ...ak);
    this.run('tpm2_evictcontrol', '-C', 'o', '-c', 'ak.ctx', akHandle);
  }

  /** A signing key of the same TPM that signs whatever it is given. */
  createUnrestrictedKey(): void {
    this.run('tpm2_createprimary', '-C', 'e', '-c', 'parent.ctx');
    const attributes = 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign';
    const files = ['-u', 'free.pub', '-r', 'free.priv'];
    this.run('tpm2_create', '-C', 'parent.ctx', '-G', 'ecc:ecdsa-sha256', '-a', attributes, ...files);
  }

  enrolmentBody(hostName: string, akFile = 'ak.pub') {
    const [intermediate] = parsePem(this.tpm.authority.intermediate);
    return {
      hostName,
      ekPublic: encodeBase64(this.file('ek.pub')),
      akPublic: encodeBase64(this.file(akFile)),
      ekCertificate: encodeBase64(this.file('ek.crt')),
      ekCertificateChain: [encodeBase64(intermediate?.bytes ?? new Uint8Array())],
    };
  }

  /** tpm2-tools keep both parts in a file of their own: magic, version, TPM2B_ID_OBJECT, TPM2B_ENCRYPTED_SECRET. */
  activate(credentialBlob: Uint8Array, encryptedSecret: Uint8Array): Uint8Array {
    const header = Uint8Array.of(0xba, 0xdc, 0xc0, 0xde, 0, 0, 0, 1);
    writeFileSync(join(this.tpm.directory, 'credential'), concatBytes(header, credentialBlob, encryptedSecret));
    this.tpm.tool('tpm2_startauthsession', '--policy-session', '-S', 'session');
    this.tpm.tool('tpm2_policysecret', '-S', 'session', '-c', 'e');
    const keys = ['-c', akHandle, '-C', 'ek.ctx', '-P', 'session:session'];
    this.tpm.tool('tpm2_activatecredential', ...keys, '-i', 'credential', '-o', 'secret');
    this.tpm.flush();
    return this.file('secret');
  }

  /** An orderly reboot (a power cut would count as an attack on the keys), and the measurements of a captured boot. */
  async boot(capture: string): Promise<void> {
    this.tpm.tool('tpm2_shutdown', '-c');
    await this.tpm.powerCycle();
    this.tpm.tool('tpm2_startup', '-c');
    this.eventLog = new Uint8Array(readFileSync(`test/fixtures/lab/boot/${capture}/binary_bios_measurements`));
    const events = parseEventLog(this.eventLog).events.filter(({ untrustedType }) => untrustedType !== 3);
    const extensions = events.map(({ pcr, digests }) => {
      return `${pcr}:${[...digests].map(([bank, digest]) => `${bank}=${encodeHex(digest)}`).join(',')}`;
    });
    this.tpm.tool('tpm2_pcrextend', ...extensions);
  }

  evidence(challenge: Challenge): AttestationRequest {
    const selection = challenge.pcrSelection.map(({ bank, pcrs }) => `${bank}:${pcrs.join(',')}`).join('+');
    const nonce = encodeHex(decodeBase64(challenge.qualifyingData));
    const output = ['-m', 'quote.msg', '-s', 'quote.sig', '-o', 'quote.pcrs'];
    this.run('tpm2_quote', '-c', akHandle, '-l', selection, '-q', nonce, '-g', 'sha256', ...output);
    return {
      challengeId: challenge.challengeId,
      attest: encodeBase64(this.file('quote.msg')),
      signature: encodeBase64(this.file('quote.sig')),
      pcrs: wirePcrs(parsePcrFile(this.file('quote.pcrs')).pcrs),
      eventLog: encodeBase64(this.eventLog),
    };
  }

  getTime(qualifyingData: Uint8Array) {
    const output = ['--attestation', 'time.msg', '-o', 'time.sig'];
    this.run('tpm2_gettime', '-c', akHandle, '-q', encodeHex(qualifyingData), '-g', 'sha256', ...output);
    return Promise.resolve({ attest: this.file('time.msg'), signature: this.file('time.sig') });
  }

  private run(name: string, ...args: readonly string[]): void {
    this.tpm.tool(name, ...args);
    this.tpm.flush();
  }
}

describe('evidence made by tpm2-tools', function () {
  this.timeout(120_000);
  let server: TestServer;
  let host: ToolHost;
  let enrolled: EnrolledHost;

  const challenge = () => enrolled.client.call('createChallenge', { path: { hostId: enrolled.hostId }, body: {} });
  const submit = (body: AttestationRequest): Promise<AttestationResult> =>
    enrolled.client.call('createAttestation', { path: { hostId: enrolled.hostId }, body });
  const attest = async () => (await submit(host.evidence(await challenge()))).verdict;
  const admit = async () => {
    const body = { host: enrolled.hostId, minimumStatus: 'affirming' as const };
    return (await server.operator.call('createAdmissionDecision', { body })).decision;
  };

  before(async () => {
    host = new ToolHost(await startTestTpm({ name: 'tool-host' }));
    server = await startTestServer({ at: new Date() });
    const pem = host.tpm.authority.root;
    await server.operator.call('createTrustAnchor', { body: { name: 'tools', pem, scope: 'virtual' } });
    const policy = { layers: bootLayers, bank: 'sha256' as const, verdictSeconds: 3600, hosts: { all: true as const } };
    await server.operator.call('putPolicy', {
      path: { policyId: 'fleet' },
      body: { ...policy, requireFacts: { secureBoot: 'enabled' } },
    });
    await host.boot('sb-on');
    host.createKeys();
  });
  after(async () => {
    await host.tpm.stop();
    await server.close();
  });

  it('enrols, and is trusted once two operators signed what it booted', async () => {
    const { enrollmentId, credentialBlob, encryptedSecret } = await server.operator.call('createEnrollment', {
      body: host.enrolmentBody('tool-host'),
    });
    const secret = host.activate(decodeBase64(credentialBlob), decodeBase64(encryptedSecret));
    const activation = await server.operator.call('activateEnrollment', {
      path: { enrollmentId },
      body: { secret: encodeBase64(secret) },
    });
    const { hostId, serverId, hostToken, akCertificate = '' } = activation;
    const akName = encodeHex(host.file('ak.name'));
    const prove = createProver(host, { hostId, serverId, akName });
    enrolled = { hostId, token: hostToken, akCertificate, prove, client: server.client(hostToken, prove) };
    assert.notEqual((await attest()).status, 'affirming');
    await approveBoot(server, hostId, [await authorise(server, 'ada'), await authorise(server, 'grace')]);
    const verdict = await attest();
    assert.equal(verdict.status, 'affirming', JSON.stringify(verdict.findings));
    assert.equal(await admit(), 'allow');
  });

  it('is proved by `touchstone verify quote` from the files as the tools wrote them', async () => {
    const fresh = await challenge();
    host.evidence(fresh);
    const path = (name: string) => join(host.tpm.directory, name);
    const log = path('log');
    writeFileSync(log, host.eventLog);
    const { document, status } = await cliJson(
      ['verify', 'quote', '--attest', path('quote.msg'), '--signature', path('quote.sig'), '--public', path('ak.pub')]
        .concat(['--nonce', encodeHex(decodeBase64(fresh.qualifyingData)), '--pcrs', path('quote.pcrs')])
        .concat(['--event-log', log]),
    );
    assert.equal(status, 0);
    assert.equal(document['verdict'], 'accepted');
  });

  it('is refused after a boot with another kernel command line, and the layer is named', async () => {
    await host.boot('cfg-tampered');
    const { status, findings } = await attest();
    assert.equal(status, 'contraindicated');
    const errors = findings.filter(({ severity }) => severity === 'error');
    assert.deepEqual(new Set(errors.map(({ layer }) => layer)), new Set(['kernel-command-line']));
    assert.equal(await admit(), 'deny');
  });

  it('is refused after a boot with Secure Boot switched off', async () => {
    await host.boot('sb-off');
    const { status, findings } = await attest();
    assert.equal(status, 'contraindicated');
    assert.ok(findings.some(({ layer, pcr }) => layer === 'secure-boot' && pcr === 7));
    assert.equal(await admit(), 'deny');
  });

  it('is refused when it sends an old quote again, to the old challenge and to a new one', async () => {
    await host.boot('sb-on');
    const evidence = host.evidence(await challenge());
    assert.equal((await submit(evidence)).verdict.status, 'affirming');
    await refuses(submit(evidence), 'CHALLENGE_NOT_FOUND');
    const { verdict } = await submit({ ...evidence, challengeId: (await challenge()).challengeId });
    assert.notEqual(verdict.status, 'affirming');
    assert.ok(verdict.findings.some(({ code }) => code === 'TPM_QUALIFYING_DATA_MISMATCH'));
    assert.equal(await admit(), 'deny');
  });

  it('is refused with a key that is not restricted', async () => {
    host.createUnrestrictedKey();
    const body = host.enrolmentBody('tool-host', 'free.pub');
    await refuses(server.operator.call('createEnrollment', { body }), 'TPM_KEY_ATTRIBUTES_REFUSED');
  });

  it('is refused under a second name when its TPM is cloned', async () => {
    const clone = new ToolHost(await host.tpm.clone());
    try {
      const body = clone.enrolmentBody('tool-host-2');
      await refuses(server.operator.call('createEnrollment', { body }), 'HOST_EK_ALREADY_ENROLLED');
    } finally {
      await clone.tpm.stop();
    }
  });
});
