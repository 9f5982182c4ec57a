import assert from 'node:assert/strict';
import { concatBytes } from '../../../../src/core/encoding/index.ts';
import {
  encodeSignatureList,
  guids,
  nameOfSubject,
  readFacts,
  readKeyCertificates,
  readPlatformVendor,
  type BootFacts,
} from '../../../../src/core/event-log/index.ts';
import { separator, variable, verifyHonest, verifyLab } from '../logs.ts';

const on = variable('SecureBoot', Uint8Array.of(1));

function withPk(...certificates: readonly Uint8Array[]): BootFacts {
  const lists = certificates.map((certificate) =>
    encodeSignatureList({ typeGuid: guids.certX509, owner: guids.shimLock, signatures: [certificate] }),
  );
  return readFacts(verifyHonest([on, variable('PK', concatBytes(...lists)), separator(7)]));
}

function labPk(): Uint8Array {
  const entry = readFacts(verifyLab('sb-on')).signatureDatabases.PK?.value.entries[0];
  assert.ok(entry);
  return entry.data;
}

describe('certificates of Secure Boot', () => {
  it('have subject and dates, and the event that proves them', () => {
    const certificates = readKeyCertificates(readFacts(verifyLab('sb-on')));
    assert.deepEqual(
      certificates.map(({ value, event }) => [
        event,
        value.database,
        nameOfSubject(value.subject),
        value.notAfter.toISOString().slice(0, 10),
      ]),
      [
        [5, 'PK', 'Debian UEFI Secure Boot (PK/KEK key)', '2029-07-05'],
        [6, 'KEK', 'Debian UEFI Secure Boot (PK/KEK key)', '2029-07-05'],
        [6, 'KEK', 'Microsoft Corporation KEK CA 2011', '2026-06-24'],
        [7, 'db', 'Microsoft Windows Production PCA 2011', '2026-10-19'],
        [7, 'db', 'Microsoft Corporation UEFI CA 2011', '2026-06-27'],
      ],
    );
    assert.deepEqual(readKeyCertificates(readFacts(verifyLab('sb-off'))), []);
  });

  it('name the platform vendor where there is one platform key', () => {
    const vendor = (facts: BootFacts): unknown => readPlatformVendor(readKeyCertificates(facts));
    assert.deepEqual(vendor(readFacts(verifyLab('uki'))), { value: 'SnakeOil', event: 5 });
    assert.equal(vendor(readFacts(verifyLab('sb-off'))), undefined);
    assert.equal(vendor(withPk(labPk(), labPk())), undefined);
  });

  it('are left out where they cannot be read, and bounded where there are thousands', () => {
    const pk = labPk();
    assert.deepEqual(readKeyCertificates(withPk(pk.subarray(0, 100))), []);
    assert.equal(readKeyCertificates(withPk(...Array.from({ length: 300 }, () => pk))).length, 100);
  });

  it('are called by common name, else organisation, else the whole subject', () => {
    assert.equal(nameOfSubject('C=US, O=Google LLC., OU=Chromium OS, CN=UEFI DB Key v1'), 'UEFI DB Key v1');
    assert.equal(nameOfSubject('CN=HP UEFI Secure Boot PK 2017, OU=CODE-SIGN, C=US'), 'HP UEFI Secure Boot PK 2017');
    assert.equal(nameOfSubject('C=US, L=Palo Alto, O=VMware, Inc.'), 'VMware, Inc.');
    assert.equal(nameOfSubject('C=DE'), 'C=DE');
  });
});
