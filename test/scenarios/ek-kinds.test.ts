// A TPM is known by whichever endorsement key its maker certified: every kind that swtpm can have, end to end, with the
// certificates that swtpm's own tools make. Attestation keys of both kinds.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { attest, enrol, openTpmDevice, type EnrolmentState } from '../../src/agent/index.ts';
import { parsePem } from '../../src/core/encoding/index.ts';
import { akTemplate, parseTpm2bPublic } from '../../src/core/tpm/index.ts';
import { refuses } from '../support/problems.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { startTestTpm, type TestTpm } from '../support/swtpm.ts';

const certificateIndices = { rsa: '0x01C00002', p256: '0x01C0000A', p384: '0x01C00016' } as const;

interface Kind {
  readonly name: string;
  readonly template: string;
  readonly key: RegExp;
  readonly rsaKeySize?: 3072;
  /** Leaves the TPM with a certificate of this kind of key first. */
  readonly prepare: (tpm: TestTpm) => void;
}

/** Makers certify a P-256 key; this version of swtpm does not, so its certificate tool is asked by hand. */
function certifyP256(tpm: TestTpm): void {
  tpm.tool('tpm2_createek', '-c', 'ek_ecc.ctx', '-G', 'ecc', '-u', 'ek_ecc.pub');
  tpm.flush();
  const area = parseTpm2bPublic(new Uint8Array(readFileSync(join(tpm.directory, 'ek_ecc.pub'))));
  assert.ok(area.type === 'ecc');
  const [x, y] = [area.x, area.y].map((value) => Buffer.from(value).toString('hex').padStart(64, '0'));
  const spec = ['--tpm-spec-family', '2.0', '--tpm-spec-level', '0', '--tpm-spec-revision', '164', '--tpm2'];
  const maker = ['--tpm-manufacturer', 'id:00001014', '--tpm-model', 'swtpm', '--tpm-version', 'id:20191023'];
  const configuration = ['--configfile', 'localca.conf', '--optsfile', 'localca.options'];
  const what = ['--type', 'ek', '--ek', `x=${x},y=${y},id=secp256r1`, '--dir', '.', '--vmid', 'by-hand'];
  execFileSync('swtpm_localca', [...what, ...spec, ...maker, ...configuration], { cwd: tpm.directory, stdio: 'pipe' });
  const size = String(statSync(join(tpm.directory, 'ek.cert')).size);
  const attributes = 'ppwrite|writedefine|ppread|ownerread|authread|no_da|platformcreate';
  tpm.tool('tpm2_nvdefine', '-C', 'p', '-s', size, '-a', attributes, certificateIndices.p256);
  tpm.tool('tpm2_nvwrite', '-C', 'p', '-i', 'ek.cert', certificateIndices.p256);
}

const withoutRsa = (tpm: TestTpm): string => tpm.tool('tpm2_nvundefine', '-C', 'p', certificateIndices.rsa);

const kinds: readonly Kind[] = [
  { name: 'RSA-2048 of the low range', template: 'L-1', key: /^rsa 2048$/, prepare: () => undefined },
  {
    name: 'P-256 of the low range, certified by hand',
    template: 'L-2',
    key: /^ecc P-256$/,
    prepare: (tpm) => {
      certifyP256(tpm);
      withoutRsa(tpm);
    },
  },
  {
    name: 'RSA-3072 of the high range',
    template: 'H-6',
    key: /^rsa 3072$/,
    rsaKeySize: 3072,
    prepare: (tpm) => tpm.tool('tpm2_nvundefine', '-C', 'p', certificateIndices.p384),
  },
  { name: 'P-384 of the high range, with its PolicyOR', template: 'H-3', key: /^ecc P-384$/, prepare: withoutRsa },
];

describe('the kinds of endorsement and attestation keys', function () {
  this.timeout(120_000);
  let server: TestServer;
  let folder: string;
  before(async () => {
    // The certificates are made after the server's clock was stopped.
    server = await startTestServer({ at: new Date(Date.now() + 120_000) });
    folder = mkdtempSync(join(tmpdir(), 'touchstone-kinds-'));
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  const open = (tpm: TestTpm, ak: 'rsa' | 'ecc') =>
    openTpmDevice({
      address: tpm.address,
      akTemplate: akTemplate(ak),
      eventLogPath: 'test/fixtures/lab/boot/sb-on/binary_bios_measurements',
      imaLogPath: 'none',
      userspaceLogPath: 'none',
      sleep: (ms) => sleep(ms),
    });

  /** Enrols as the agent does, and has one attestation answered: its requests are proved by the attestation key. */
  async function enrolAndAttest(tpm: TestTpm, hostName: string, ak: 'rsa' | 'ecc'): Promise<EnrolmentState> {
    const device = await open(tpm, ak);
    try {
      const chain = parsePem(tpm.authority.intermediate).map(({ bytes }) => bytes);
      const [baseUrl, token, stateDirectory] = [server.url, await server.token('joiner'), join(folder, hostName)];
      const options = { server: { baseUrl }, token, device, stateDirectory, hostName, ekCertificateChain: chain };
      const state = await enrol(options);
      const { verdict } = await attest({ device, stateDirectory });
      assert.ok(!verdict.findings.some(({ code }) => code.startsWith('TPM_')), JSON.stringify(verdict.findings));
      return state;
    } finally {
      await device.close();
    }
  }

  for (const { name, template, key, rsaKeySize, prepare } of kinds) {
    it(`EK ${name}: enrols with its certificate, attests with ECC and RSA keys, and a clone is refused`, async () => {
      const tpm = await startTestTpm({ name, ...(rsaKeySize === undefined ? {} : { rsaKeySize }) });
      let clone: TestTpm | undefined;
      try {
        const pem = tpm.authority.root;
        const anchor = { name: `root for ${template}`, pem, scope: 'virtual' as const };
        await server.operator.call('createTrustAnchor', { body: anchor });
        prepare(tpm);
        const device = await open(tpm, 'ecc');
        const area = parseTpm2bPublic(await device.ekPublic());
        await device.close();
        assert.match(`${area.type} ${area.type === 'rsa' ? area.keyBits : area.curve}`, key);

        const hostName = `ek-${template.toLowerCase()}`;
        const { hostId } = await enrolAndAttest(tpm, hostName, 'ecc');
        const host = await server.operator.call('getHost', { path: { hostId } });
        assert.deepEqual([host.ekVerified, host.ekAnchor], [true, anchor.name]);
        // Another attestation key is another identity: an operator has to end the first.
        await refuses(enrolAndAttest(tpm, `${hostName}-rsa`, 'rsa'), 'HOST_EK_ALREADY_ENROLLED', 409);
        await server.operator.call('releaseHost', { path: { hostId }, body: { reason: 'another key' } });
        rmSync(join(folder, hostName), { recursive: true });
        await enrolAndAttest(tpm, hostName, 'rsa');

        clone = await tpm.clone();
        await refuses(enrolAndAttest(clone, `${hostName}-clone`, 'rsa'), 'HOST_EK_ALREADY_ENROLLED', 409);
        const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
        const refused = items.filter(({ action, subject }) => {
          return action === 'identity.conflict' && subject === `${hostName}-clone`;
        });
        assert.equal(refused.length, 1);
      } finally {
        await clone?.stop();
        await tpm.stop();
      }
    });
  }

  it('T12: a copied TPM under the same name locks the original out, and is refused once both have attested', async () => {
    const tpm = await startTestTpm({ name: 'copied' });
    const pem = tpm.authority.root;
    await server.operator.call('createTrustAnchor', { body: { name: 'copied', pem, scope: 'virtual' } });
    const clone = await tpm.clone();
    try {
      const verdictOf = async (of: TestTpm) => {
        const device = await open(of, 'ecc');
        try {
          return (await attest({ device, stateDirectory: join(folder, 'copied') })).verdict;
        } finally {
          await device.close();
        }
      };
      await enrolAndAttest(tpm, 'copied', 'ecc');
      // Key and name are the same, so nothing tells the two apart here; only one of them has the token afterwards.
      const stolen = await enrolAndAttest(clone, 'copied', 'ecc');
      await clone.powerCycle();
      assert.equal((await verdictOf(clone)).boot?.epoch, 'rebooted');
      const again = await enrolAndAttest(tpm, 'copied', 'ecc');
      assert.notEqual(again.hostToken, stolen.hostToken);
      const { status, findings } = await verdictOf(tpm);
      assert.notEqual(status, 'affirming');
      assert.ok(
        findings.some(({ code }) => code === 'BOOT_ROLLED_BACK'),
        JSON.stringify(findings),
      );
    } finally {
      await clone.stop();
      await tpm.stop();
    }
  });
});
