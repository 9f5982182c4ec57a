import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { AttestationError } from '../../src/core/error.ts';
import { compareBoot, verifyAttestationKey } from '../../src/core/tpm/index.ts';
import { parseCertificate } from '../../src/core/x509/index.ts';
import {
  createPaperHost,
  createSimulatorAuthority,
  ordinaryBoot,
  ordinaryUserspace,
  simulatedTpm,
  tamperings,
  type PaperHost,
  type PaperHostOptions,
  type Tampering,
} from '../../src/simulator/index.ts';
import { allPcrs, at, attest, enrol, secret } from './proof.ts';

const authority = createSimulatorAuthority({ at });
const nonce = new Uint8Array(32).fill(1);
const nextNonce = new Uint8Array(32).fill(2);
const capture = new Uint8Array(
  readFileSync(new URL('../fixtures/lab/boot/sb-on/binary_bios_measurements', import.meta.url)),
);

describe('a host on paper', () => {
  for (const ekType of ['ecc', 'rsa'] as const) {
    it(`enrols with an EK of type ${ekType}: certified, and it opens what was sealed to it`, async () => {
      const { opened } = await enrol(host({ ekType, akType: ekType }), authority);
      assert.deepEqual(opened, secret);
    });
  }

  it('says in its EK certificate that it is simulated', async () => {
    const { certificate } = await host().ekCertificates();
    assert.deepEqual(parseCertificate(certificate ?? new Uint8Array()).tpm, simulatedTpm);
  });

  it('proves an honest boot, whose facts are read from bound events', async () => {
    const honest = host();
    const { key } = await enrol(honest, authority);
    const { log, facts } = await attest(honest, key, nonce);
    assert.deepEqual([...new Set(log.pcrs.values())], ['bound']);
    assert.equal(facts.secureBoot.value, 'enabled');
    assert.equal(facts.kernelCommandLine?.value, ordinaryBoot.commandLine);
    assert.equal(facts.bootApplications.length, 3);
    assert.equal(facts.separators.value, 'complete');
  });

  it('proves a captured boot with its real digests', async () => {
    const captured = host({ eventLog: capture });
    const { key } = await enrol(captured, authority);
    const { log, facts } = await attest(captured, key, nonce);
    assert.deepEqual([...new Set(log.pcrs.values())], ['bound']);
    assert.equal(facts.secureBoot.value, 'enabled');
  });

  it('writes a captured log as it was', async () => {
    assert.deepEqual(await host({ eventLog: capture }).eventLog(), capture);
  });

  it('has the same P-256 keys for the same seed, and others for another', async () => {
    const [one, same, other] = [host({ seed: 'a' }), host({ seed: 'a' }), host({ seed: 'b' })];
    assert.deepEqual(await one.ekPublic(), await same.ekPublic());
    assert.deepEqual(await one.akPublic(), await same.akPublic());
    assert.notDeepEqual(await one.ekPublic(), await other.ekPublic());
  });

  it('counts a reboot, and never shows one time twice', async () => {
    const machine = host();
    const { key } = await enrol(machine, authority);
    const first = (await attest(machine, key, nonce)).quote;
    const second = (await attest(machine, key, nextNonce)).quote;
    machine.reboot();
    const third = (await attest(machine, key, nextNonce)).quote;
    assert.equal(compareBoot(first, second), 'same-boot');
    assert.equal(compareBoot(second, third), 'rebooted');
    machine.tamper('rolled-back');
    assert.equal(compareBoot(third, (await attest(machine, key, nonce)).quote), 'rolled-back');
  });

  it('counts on from the boots it had before', async () => {
    const machine = host();
    const { key } = await enrol(machine, authority);
    machine.reboot();
    const before = (await attest(machine, key, nonce)).quote;
    const later = host({ earlierBoots: 7 });
    assert.equal(compareBoot(before, (await attest(later, key, nonce)).quote), 'rebooted');
    assert.notEqual(await later.bootId(), await host().bootId());
  });

  it('is the same TPM under another name when cloned', async () => {
    const clone = host().cloneAs('other');
    assert.equal(clone.name, 'other');
    assert.deepEqual(await clone.ekPublic(), await host().ekPublic());
    assert.deepEqual(clone.akName, host().akName);
  });

  it('refuses to change at run time what was decided at boot', () => {
    assert.throws(() => host().tamper('changed-command-line'), TypeError);
    assert.throws(() => host().tamper('unrestricted-ak'), TypeError);
  });
});

describe('a paper host that lies', () => {
  const refusals: Readonly<Partial<Record<Tampering, string>>> = {
    'unrestricted-ak': 'TPM_KEY_ATTRIBUTES_REFUSED',
    'software-ak': 'TPM_KEY_ATTRIBUTES_REFUSED',
    'foreign-ek': 'X509_EK_KEY_MISMATCH',
    'foreign-authority': 'X509_PATH_NO_ANCHOR',
    'expired-ek-certificate': 'X509_PATH_EXPIRED',
    'truncated-log': 'EVENT_LOG_TRUNCATED',
    'empty-log': 'EVENT_LOG_NO_MEASUREMENTS',
    'no-log': 'EVENT_LOG_EMPTY',
    'replayed-quote': 'TPM_QUALIFYING_DATA_MISMATCH',
    'wrong-magic': 'TPM_ATTEST_MAGIC_WRONG',
    'wrong-type': 'TPM_ATTEST_TYPE_WRONG',
    'foreign-signature': 'TPM_SIGNATURE_INVALID',
    'broken-signature': 'TPM_SIGNATURE_INVALID',
    'empty-selection': 'TPM_QUOTE_SELECTION_EMPTY',
    'resettable-pcrs': 'TPM_PCRS_UNSELECTED',
    'unrelated-pcr-values': 'TPM_PCRS_DIGEST_MISMATCH',
  };

  for (const [tampering, code] of Object.entries(refusals) as [Tampering, string][]) {
    it(`${tampering} (${tamperings[tampering].description}) is refused with ${code}`, async () => {
      assert.equal(await firstRefusal(host({ tampering: [tampering] })), code);
    });
  }

  it('no-ek-certificate: has nothing to show', async () => {
    const { certificate, chain } = await host({ tampering: ['no-ek-certificate'] }).ekCertificates();
    assert.equal(certificate, undefined);
    assert.deepEqual(chain, []);
  });

  it('an AK that is not restricted is still a real key of the same TPM', async () => {
    const area = await host({ tampering: ['unrestricted-ak'] }).akPublic();
    assert.throws(() => verifyAttestationKey(area), { code: 'TPM_KEY_ATTRIBUTES_REFUSED' });
  });

  for (const tampering of ['dropped-event', 'relabelled-event', 'reordered-events'] as const) {
    it(`${tampering}: the log does not lead to the attested PCR 8`, async () => {
      const { log } = await prove({ tampering: [tampering] });
      assert.equal(log.pcrs.get(8), 'mismatch');
      assert.equal(log.pcrs.get(4), 'bound');
    });
  }

  it('changed-command-line: the fact tells the truth', async () => {
    const { facts } = await prove({ tampering: ['changed-command-line'] });
    assert.equal(facts.kernelCommandLine?.value, `${ordinaryBoot.commandLine} init=/bin/sh`);
  });

  it('edited-event-data: the honest text beside another digest is no fact', async () => {
    const { log, facts } = await prove({ tampering: ['edited-event-data'] });
    assert.equal(log.pcrs.get(8), 'bound');
    assert.equal(facts.kernelCommandLine, undefined);
  });

  it('secure-boot-disabled: the fact tells the truth', async () => {
    const { facts } = await prove({ tampering: ['secure-boot-disabled'] });
    assert.equal(facts.secureBoot.value, 'disabled');
  });

  const changedPcr = {
    'changed-boot-loader': 4,
    'changed-kernel': 4,
    'changed-initrd': 9,
    'changed-firmware': 0,
    'additional-event': 4,
    'changed-command-line': 8,
    'secure-boot-disabled': 7,
  } as const;
  for (const source of ['a synthetic boot', 'a captured boot'] as const) {
    const options = source === 'a captured boot' ? { eventLog: capture } : {};
    for (const [tampering, pcr] of Object.entries(changedPcr) as [Tampering, number][]) {
      it(`${tampering}: changes PCR ${pcr} of ${source}, and no other`, async () => {
        const honest = (await prove(options)).log;
        const changed = (await prove({ ...options, tampering: [tampering] })).log;
        const different = [...honest.attested.keys()].filter(
          (index) => !Buffer.from(honest.attested.get(index)!).equals(Buffer.from(changed.attested.get(index)!)),
        );
        assert.deepEqual(different, [pcr]);
        assert.deepEqual([...new Set(changed.pcrs.values())], ['bound']);
      });
    }
  }

  describe('about what its system measured', () => {
    const systemPcrs = [{ bank: 'sha256' as const, pcrs: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15] }];
    const statusesOf = async (...tampering: Tampering[]) => {
      const machine = host({ userspace: ordinaryUserspace, tampering });
      const { key } = await enrol(machine, authority);
      const { log } = await attest(machine, key, nonce, systemPcrs);
      return [...log.pcrs].filter(([, status]) => status !== 'bound').map(([pcr, status]) => `${pcr} ${status}`);
    };

    it('tells the truth: its log explains every register', async () => {
      assert.deepEqual(await statusesOf(), []);
    });

    it('no-userspace-log: the registers that its system extended are unexplained', async () => {
      const unexplained = await statusesOf('no-userspace-log');
      assert.ok(unexplained.includes('4 mismatch'));
      assert.ok(unexplained.includes('11 unlogged'));
      assert.ok(unexplained.includes('15 unlogged'));
      assert.ok(!unexplained.some((each) => each.startsWith('8 ')));
    });

    it('false-userspace-record: the log does not lead to PCR 11', async () => {
      assert.deepEqual(await statusesOf('false-userspace-record'), ['11 mismatch']);
    });

    it('extended-by-hand: no log leads to PCR 4', async () => {
      assert.deepEqual(await statusesOf('extended-by-hand'), ['4 mismatch']);
    });

    it('keeps no log where its system measures nothing', async () => {
      assert.equal(await host().userspaceLog(), undefined);
    });
  });

  it('sha1-only: quotes the weak bank', async () => {
    const { quote } = await prove({ tampering: ['sha1-only'] });
    assert.deepEqual(
      quote.selections.map(({ bank }) => bank),
      ['sha1'],
    );
  });

  it('missing-pcr: quotes one PCR less than asked', async () => {
    const { quote } = await prove({ tampering: ['missing-pcr'] });
    assert.deepEqual(quote.selections[0]?.pcrs, allPcrs[0]?.pcrs.slice(0, -1));
  });

  it('has a test for every way of lying', () => {
    const others = ['no-ek-certificate', 'sha1-only', 'missing-pcr', 'rolled-back', 'edited-event-data'];
    const logs = ['dropped-event', 'relabelled-event', 'reordered-events'];
    logs.push('no-userspace-log', 'false-userspace-record', 'extended-by-hand');
    const tested = new Set([...Object.keys(refusals), ...Object.keys(changedPcr), ...others, ...logs]);
    assert.deepEqual(
      Object.keys(tamperings).filter((name) => !tested.has(name)),
      [],
    );
  });
});

function host(options: Partial<PaperHostOptions> = {}): PaperHost {
  return createPaperHost({ name: 'paper', authority, ...options });
}

async function prove(options: Partial<PaperHostOptions>): ReturnType<typeof attest> {
  const machine = host(options);
  const { key } = await enrol(machine, authority);
  return attest(machine, key, nonce);
}

/** The code of the first refusal between enrolment and the second attestation. */
async function firstRefusal(machine: PaperHost): Promise<string> {
  try {
    const { key } = await enrol(machine, authority);
    await attest(machine, key, nonce);
    await attest(machine, key, nextNonce);
    return 'nothing was refused';
  } catch (error) {
    assert.ok(error instanceof AttestationError, String(error));
    return error.code;
  }
}
