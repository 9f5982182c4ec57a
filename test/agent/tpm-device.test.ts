import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TpmDevice } from '../../src/agent/index.ts';
import { openTpmDevice, pcrExtend } from '../../src/agent/index.ts';
import { loadEk, ekPolicyOf } from '../../src/agent/tpm/endorsement-key.ts';
import { policyBranches, withEkPolicy } from '../../src/agent/tpm/ek-policy.ts';
import { activateCredential, createPrimary } from '../../src/agent/tpm/key-commands.ts';
import { pcrRead } from '../../src/agent/tpm/pcr-commands.ts';
import { flushContext, readHandles, shutdown } from '../../src/agent/tpm/state-commands.ts';
import { concatBytes, decodeHex, encodeHex, encodeUnsigned } from '../../src/core/encoding/index.ts';
import { encodeSpki, hash } from '../../src/core/crypto/index.ts';
import {
  akTemplate,
  attributeBits,
  compareBoot,
  credentialSizes,
  ekTemplates,
  hierarchyHandles,
  makeCredential,
  nameOf,
  parseTpm2bPublic,
  verifyAttestationKey,
  verifyEndorsementKey,
  verifyPcrs,
  verifyQuote,
  type PcrSelection,
} from '../../src/core/tpm/index.ts';
import { parseCertificate, parseTrustAnchors, verifyEkCertificate } from '../../src/core/x509/index.ts';
import { getRandom } from '../support/get-random.ts';
import { startTestTpm, type TestTpm } from '../support/swtpm.ts';

const selections: readonly PcrSelection[] = [{ bank: 'sha256', pcrs: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 16] }];
const nonce = new Uint8Array(32).fill(9);
const secret = new Uint8Array(32).fill(0x42);

describe('a TPM, driven directly (software TPM)', () => {
  let tpm: TestTpm;
  let device: TpmDevice;

  before(async () => {
    tpm = await startTestTpm({ name: 'device-test' });
  });
  after(() => tpm.stop());
  beforeEach(async () => {
    device = await open();
  });
  afterEach(() => device.close());

  it('reads the EK certificate, which an anchor vouches for and which is of its EK', async () => {
    const { certificate, chain } = await device.ekCertificates();
    const trusted = verifyEkCertificate({
      certificate: parseCertificate(certificate ?? new Uint8Array()),
      ekPublic: verifyEndorsementKey(await device.ekPublic()),
      intermediates: [...chain.map(parseCertificate), ...pemCertificates(tpm.authority.intermediate)],
      anchors: parseTrustAnchors(new TextEncoder().encode(tpm.authority.root), 'swtpm', 'virtual'),
      at: new Date(),
    });
    assert.equal(trusted.tpm?.model, 'swtpm');
  });

  it('has an AK that a verifier accepts, named as tpm2-tools name it', async () => {
    const area = await device.akPublic();
    const { name } = verifyAttestationKey(area);
    await device.close();
    writeFileSync(join(tpm.directory, 'ak.pub'), area);
    tpm.tool('tpm2_loadexternal', '-C', 'o', '-u', 'ak.pub', '-c', 'ak.ctx', '-n', 'ak.name');
    tpm.flush();
    assert.equal(encodeHex(name), readFileSync(join(tpm.directory, 'ak.name')).toString('hex'));
  });

  it('has the EK that tpm2-tools create', async () => {
    const area = await device.ekPublic();
    await device.close();
    tpm.tool('tpm2_createek', '-c', 'ek.ctx', '-G', 'rsa', '-u', 'ek.pub');
    tpm.flush();
    assert.deepEqual(area, new Uint8Array(readFileSync(join(tpm.directory, 'ek.pub'))));
  });

  it('keeps its AK across restarts, with nothing stored', async () => {
    const before = await device.akPublic();
    await device.close();
    await tpm.restart();
    device = await open();
    assert.deepEqual(await device.akPublic(), before);
  });

  it('opens a credential of our own makeCredential', async () => {
    const ek = verifyEndorsementKey(await device.ekPublic());
    const sizes = credentialSizes(ek);
    const made = makeCredential({
      ek,
      akName: nameOf(parseTpm2bPublic(await device.akPublic())),
      credential: secret,
      seed: randomBytes(sizes.seed),
      randomness: randomBytes(sizes.randomness),
    });
    assert.deepEqual(await device.activate(made.credentialBlob, made.encryptedSecret), secret);
  });

  it('opens a credential of tpm2_makecredential', async () => {
    const [ek, ak] = [parseTpm2bPublic(await device.ekPublic()), parseTpm2bPublic(await device.akPublic())];
    writeFileSync(join(tpm.directory, 'ek.pem'), toPem(encodeSpki(ek.publicKey)));
    writeFileSync(join(tpm.directory, 'secret'), secret);
    const name = encodeHex(nameOf(ak));
    tpm.tool(
      'tpm2_makecredential',
      '-T',
      'none',
      '-G',
      'rsa',
      '-u',
      'ek.pem',
      '-s',
      'secret',
      '-n',
      name,
      '-o',
      'cred',
    );
    // Magic and version, then the two sized structures. [tpm2-tools]
    const file = new Uint8Array(readFileSync(join(tpm.directory, 'cred'))).subarray(8);
    const blobSize = 2 + ((file[0] ?? 0) << 8) + (file[1] ?? 0);
    assert.deepEqual(await device.activate(file.subarray(0, blobSize), file.subarray(blobSize)), secret);
  });

  it('does not open a credential for another name, and says so by the TPM code', async () => {
    const ek = verifyEndorsementKey(await device.ekPublic());
    const made = makeCredential({
      ek,
      akName: concatBytes(decodeHex('000b'), new Uint8Array(32)),
      credential: secret,
      seed: randomBytes(32),
      randomness: randomBytes(32),
    });
    await assert.rejects(device.activate(made.credentialBlob, made.encryptedSecret), {
      code: 'AGENT_TPM_REFUSED',
      message: /TPM_RC_INTEGRITY/,
    });
    // The session is ended in failure too: the next activations have room.
    assert.deepEqual(await readHandles(device.client, 0x02000000), []);
  });

  for (const template of ekTemplates.filter(({ id }) => ['L-2', 'H-1', 'H-2', 'H-3'].includes(id))) {
    it(`satisfies the policy of an EK of template ${template.id}`, async () => {
      const ek = await loadEk(device.client, template);
      const verified = verifyEndorsementKey(ek.publicArea);
      const ak = await createPrimary(device.client, hierarchyHandles.endorsement, akTemplate('ecc'));
      const sizes = credentialSizes(verified);
      const made = makeCredential({
        ek: verified,
        akName: nameOf(parseTpm2bPublic(ak.publicArea)),
        credential: secret,
        seed: randomBytes(sizes.seed),
        randomness: randomBytes(sizes.randomness),
      });
      const policy = ekPolicyOf(template);
      const opened = await activateCredential(device.client, {
        ak: ak.handle,
        ek: { handle: ek.handle, policy, nameAlg: template.area.nameAlg },
        ...made,
      });
      assert.deepEqual(opened, secret);
      for (const { handle } of [ek, ak]) if (handle >>> 24 === 0x80) await flushContext(device.client, handle);
    });
  }

  it('quotes what a verifier accepts, and what tpm2_checkquote accepts', async () => {
    await pcrExtend(device.client, 8, new Map([['sha256', hash('sha256', nonce)]]));
    const { attest, signature, pcrs } = await device.quote(nonce, selections);
    const key = verifyAttestationKey(await device.akPublic());
    const attested = verifyPcrs(verifyQuote({ attest, signature, key, qualifyingData: nonce }), pcrs);
    assert.equal(attested.banks.get('sha256')?.size, 12);
    assert.equal(attested.resettable.get('sha256')?.size, 1);
    writeFileSync(join(tpm.directory, 'q.msg'), attest);
    writeFileSync(join(tpm.directory, 'q.sig'), signature);
    writeFileSync(join(tpm.directory, 'q.pem'), toPem(encodeSpki(key.public.publicKey)));
    const args = ['-u', 'q.pem', '-m', 'q.msg', '-s', 'q.sig', '-q', encodeHex(nonce), '-g', 'sha256'];
    execFileSync('tpm2_checkquote', args, { cwd: tpm.directory, stdio: 'pipe' });
    assert.throws(() =>
      execFileSync('tpm2_checkquote', [...args.slice(0, -4), '-q', '00'.repeat(32), '-g', 'sha256'], {
        cwd: tpm.directory,
        stdio: 'pipe',
      }),
    );
  });

  it('reads the PCR values that tpm2_pcrread shows', async () => {
    const values = await pcrRead(device.client, selections);
    await device.close();
    const printed = tpm.tool('tpm2_pcrread', 'sha256:8');
    const value = encodeHex(values.get('sha256')?.get(8) ?? new Uint8Array());
    assert.match(printed.toLowerCase(), new RegExp(`8 ?: 0x${value}`));
  });

  it('quotes several banks at once', async () => {
    const banks: readonly PcrSelection[] = [
      { bank: 'sha256', pcrs: [0, 7] },
      { bank: 'sha384', pcrs: [0, 7, 14] },
    ];
    const quote = await device.quote(nonce, banks);
    const key = verifyAttestationKey(await device.akPublic());
    const attested = verifyPcrs(verifyQuote({ ...quote, key, qualifyingData: nonce }), quote.pcrs);
    assert.deepEqual([...attested.banks.keys()], ['sha256', 'sha384']);
  });

  it('gives no values for a bank that is not active', async () => {
    const { pcrs } = await device.quote(nonce, [{ bank: 'sha512', pcrs: [0] }]);
    assert.equal(pcrs.get('sha512')?.size, 0);
  });

  it('counts a power cut as a reset, and starts a TPM that nobody started', async () => {
    const key = verifyAttestationKey(await device.akPublic());
    const before = verifyQuote({ ...(await device.quote(nonce, selections)), key, qualifyingData: nonce });
    await shutdown(device.client);
    await device.close();
    await tpm.powerCycle();
    device = await open();
    const quote = await device.quote(nonce, selections);
    const after = verifyQuote({ ...quote, key, qualifyingData: nonce });
    assert.equal(compareBoot(before, after), 'rebooted');
    assert.deepEqual(quote.pcrs.get('sha256')?.get(8), new Uint8Array(32));
  });

  it('sweeps away what a killed client left loaded', async () => {
    for (let slot = 0; slot < 3; slot += 1) {
      await createPrimary(device.client, hierarchyHandles.endorsement, akTemplate('ecc'));
    }
    await assert.rejects(device.akPublic(), { message: /TPM_RC_OBJECT_MEMORY/ });
    const killed = new Promise<void>((resolve) => {
      const policy = { policy: 'A', nameAlg: 'sha256' } as const;
      void withEkPolicy(device.client, policy, () => new Promise(() => resolve()));
    });
    await killed;
    assert.equal((await readHandles(device.client, 0x02000000)).length, 1);
    await device.client.close();
    device = await open();
    assert.deepEqual(await readHandles(device.client, 0x02000000), []);
    assert.ok(await device.akPublic());
  });

  it('leaves nothing loaded behind', async () => {
    await device.quote(nonce, selections);
    await device.ekPublic();
    await device.close();
    device = await open();
    assert.deepEqual(await readHandles(device.client, 0x80000000), []);
  });

  it('serialises commands that are given at once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => getRandom(device.client, 16)));
    assert.equal(new Set(all.map(encodeHex)).size, 20);
  });

  it('reads again while something extends, and says so when it never ends', async () => {
    const execute = device.client.execute.bind(device.client);
    let disturbances = 2;
    device.client.execute = async (command) => {
      const isQuote = command.code === 0x158;
      if (isQuote && disturbances > 0) {
        disturbances -= 1;
        await pcrExtend(device.client, 16, new Map([['sha256', randomBytes(32)]]));
      }
      return execute(command);
    };
    assert.ok(await device.quote(nonce, selections));
    assert.equal(disturbances, 0);
    disturbances = Infinity;
    await assert.rejects(device.quote(nonce, selections), { code: 'AGENT_PCRS_UNSTEADY' });
  });

  it('can hold an AK that is not restricted, for tests of the refusal', async () => {
    await device.close();
    const template = akTemplate('ecc');
    const attributes = template.attributes & ~attributeBits.restricted;
    device = await openTpmDevice({ ...options(), akTemplate: { ...template, attributes } });
    const area = await device.akPublic();
    assert.throws(() => verifyAttestationKey(area), { code: 'TPM_KEY_ATTRIBUTES_REFUSED' });
  });

  it('takes an RSA attestation key as well', async () => {
    await device.close();
    device = await openTpmDevice({ ...options(), akTemplate: akTemplate('rsa') });
    const key = verifyAttestationKey(await device.akPublic());
    assert.equal(key.scheme.kind, 'rsassa');
    verifyQuote({ ...(await device.quote(nonce, selections)), key, qualifyingData: nonce });
  });

  it('has the same EK and AK as its clone', async () => {
    const mine = [await device.ekPublic(), await device.akPublic()];
    await device.close();
    const clone = await tpm.clone();
    try {
      const other = await openTpmDevice({ ...options(), address: clone.address });
      assert.deepEqual([await other.ekPublic(), await other.akPublic()], mine);
      await other.close();
    } finally {
      await clone.stop();
    }
    device = await open();
  });

  function open(): Promise<TpmDevice> {
    return openTpmDevice(options());
  }

  function options() {
    const logs = { eventLogPath: 'none', imaLogPath: 'none', userspaceLogPath: 'none' };
    return { address: tpm.address, ...logs, sleep: (ms: number) => sleep(ms) };
  }
});

describe('the policies of endorsement keys', () => {
  it('branch B is PolicyOR of the branches, for every hash of the profile', () => {
    for (const { id, area } of ekTemplates) {
      const [policyA, authorizeNv] = policyBranches(area.nameAlg);
      const zeros = new Uint8Array(policyA.length);
      const policyB = hash(area.nameAlg, zeros, encodeUnsigned(0x171, 4), policyA, authorizeNv);
      assert.deepEqual(area.authPolicy, id.startsWith('L') ? policyA : policyB, id);
    }
  });

  it('there is none with SHA-1', () => {
    assert.throws(() => policyBranches('sha1'), TypeError);
  });
});

function pemCertificates(pem: string) {
  return parseTrustAnchors(new TextEncoder().encode(pem), 'intermediate').map(({ certificate }) => certificate);
}

function toPem(spki: Uint8Array): string {
  const body = Buffer.from(spki).toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`;
}
