import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MalformedError } from '../../../src/core/error.ts';
import { isAttributeCertificate, parseAttributeCertificate } from '../../../src/core/x509/index.ts';
import { ElementReader } from '../../../src/core/x509/asn1.ts';
import { derElement, derOid, derSequence } from '../../../src/core/x509/der-writer.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation } from '../../support/hostile-bytes.ts';
import { makeEk, makeRoot } from '../../support/pki.ts';
import { attribute, digestHolderOf, makePlatform, parts } from '../../support/platform-certificate.ts';
import { vectorCases, vectorsPath } from '../../support/vectors.ts';
import { refusesWith } from './refusal.ts';

const code = 'X509_ATTRIBUTE_CERTIFICATE_MALFORMED';
const root = makeRoot();
const ek = makeEk(root).certificate;
const good = makePlatform(root, ek);
const refuses = (bytes: Uint8Array) => refusesWith(MalformedError, code, () => parseAttributeCertificate(bytes));

describe('parseAttributeCertificate', () => {
  it('reads holder, issuer, dates, machine and parts', () => {
    const read = parseAttributeCertificate(good);
    assert.deepEqual(read.holder, {
      certificate: { issuerKey: ek.issuerKey, serialHex: ek.serialHex },
      nameKey: undefined,
      digest: undefined,
    });
    assert.equal(read.issuer, root.certificate.subject);
    assert.deepEqual([read.notBefore.getUTCFullYear(), read.notAfter.getUTCFullYear()], [2026, 2036]);
    assert.deepEqual(read.kinds, ['2.23.133.8.2']);
    const { components, ...machine } = read.platform ?? { components: [] };
    assert.deepEqual(machine, { manufacturer: 'Test Machines', model: 'TM-1000', version: 'B2', serial: 'SN-0042' });
    assert.deepEqual(
      components.map(({ classHex, manufacturer, model, serial }) => [classHex, manufacturer, model, serial]),
      [
        ['2.23.133.18.3.1:00030003', 'Disks', 'D1', 'd-7'],
        ['2.23.133.18.3.1:00030003', 'Memory', 'M2', undefined],
      ],
    );
  });

  it('reads a holder that is named by digest', () => {
    const { holder } = parseAttributeCertificate(makePlatform(root, ek, { holder: digestHolderOf(ek.der, 1) }));
    assert.deepEqual(
      [holder.digest?.of, holder.digest?.algorithm, holder.digest?.value.length],
      ['certificate', 'sha256', 32],
    );
    const other = parseAttributeCertificate(makePlatform(root, ek, { holder: digestHolderOf(ek.der, 2) }));
    assert.equal(other.holder.digest?.algorithm, undefined);
  });

  it('tells attribute certificates from others', () => {
    assert.deepEqual([good, ek.der, Uint8Array.of(0x30, 0)].map(isAttributeCertificate), [true, false, false]);
  });

  it('rejects every truncation, one byte too many, and what is too large', () => {
    assertRefusesEveryTruncation(good, parseAttributeCertificate);
    refuses(Uint8Array.of(...good, 0));
    refuses(new Uint8Array(64 * 1024 + 1));
    refuses(ek.der);
  });

  it('rejects lengths that lie, wherever they stand', () => {
    const offsets = headersIn(new ElementReader(good, code));
    assert.ok(offsets.length > 20);
    for (const offset of offsets) {
      for (const length of [0x7f, 0x80, 0x84]) {
        const changed = Uint8Array.from(good);
        changed[offset + 1] = length;
        refusesWith(MalformedError, undefined, () => parseAttributeCertificate(changed));
      }
    }
  });

  it('rejects an attribute with several values, one that stands twice, and too many of them', () => {
    const one = attribute('1.2.3', derSequence());
    refuses(makePlatform(root, ek, { attributes: [attribute('1.2.3', derSequence(), derSequence())] }));
    refuses(makePlatform(root, ek, { attributes: [attribute('1.2.3')] }));
    refuses(makePlatform(root, ek, { attributes: [one, one] }));
    const many = Array.from({ length: 65 }, (_, index) => attribute(`1.2.${index + 3}`, derSequence()));
    refuses(makePlatform(root, ek, { attributes: many }));
  });

  it('bounds the list of parts, and rejects one whose parts are none', () => {
    const part = { manufacturer: 'm', model: '' };
    const many = (count: number) =>
      makePlatform(root, ek, { attributes: [parts(...Array.from({ length: count }, () => part))] });
    assert.equal(parseAttributeCertificate(many(1024)).platform?.components.length, 1024);
    refuses(many(1025));
    const configuration = (...members: Uint8Array[]) =>
      makePlatform(root, ek, { attributes: [attribute('2.23.133.5.1.7.2', derSequence(...members))] });
    refuses(configuration(derElement(0xa0, derSequence())));
    refuses(configuration(derElement(0xa4)));
    assert.deepEqual(parseAttributeCertificate(configuration()).platform?.components, []);
  });

  it('rejects a boolean of an extension that is not DER, and an extension that stands twice', () => {
    const text = (critical: number) => Buffer.from([0x01, 0x01, critical]);
    const marked = makePlatform(root, ek, { extensions: [{ oid: '1.2.3', critical: true, value: derSequence() }] });
    const at = Buffer.from(marked).indexOf(text(0xff));
    refuses(Uint8Array.from(marked, (byte, index) => (index === at + 2 ? 1 : byte)));
    const extension = { oid: '1.2.3', critical: false, value: derSequence() };
    refusesWith(MalformedError, 'X509_EXTENSION_DUPLICATE', () =>
      parseAttributeCertificate(makePlatform(root, ek, { extensions: [extension, extension] })),
    );
  });

  it('rejects a signed algorithm that is not the one beside the signature', () => {
    const oid = Buffer.from(derOid('1.2.840.10045.4.3.2'));
    const last = Buffer.from(good).lastIndexOf(oid) + oid.length - 1;
    refuses(Uint8Array.from(good, (byte, index) => (index === last ? 3 : byte)));
  });

  it('shows no control characters of what it read', () => {
    const names = { '2.23.133.5.1.1': 'a\u001b[31mb', '2.23.133.5.1.4': 'x'.repeat(1000) };
    const { platform } = parseAttributeCertificate(makePlatform(root, ek, { names }));
    assert.ok(platform !== undefined && !platform.manufacturer.includes('\u001b') && platform.model.length < 300);
  });

  it('gives a result or a typed error for any bytes', () => {
    assertNeverSurprised(parseAttributeCertificate, good);
  });

  it('agrees with another reader about published ones, and finds no machine in one of 2016 that names it wrongly', function () {
    const folder = vectorsPath();
    if (folder === undefined) this.skip();
    for (const { file, bytes } of vectorCases('certs', '.attrcert.der')) {
      const read = parseAttributeCertificate(bytes);
      const path = join(folder, file.replace('.attrcert.der', '.expect.json'));
      // The serial number has more digits than JavaScript's numbers.
      const text = readFileSync(path, 'utf8').replace(/"(SerialNumber|Serial)": (\d+)/g, '"$1": "$2"');
      const expect = JSON.parse(text) as Expected;
      assert.equal(BigInt(`0x${read.serialHex}`).toString(), expect.SerialNumber);
      assert.equal(BigInt(`0x${read.holder.certificate?.serialHex ?? ''}`).toString(), expect.Holder.Serial);
      assert.ok(read.holder.certificate?.issuerKey.includes(expect.Holder.Issuer.CommonName.toLowerCase()));
      assert.equal(read.notBefore.getTime(), Date.parse(expect.NotBefore));
      if (file.includes('intel_pc1')) {
        assert.equal(read.platform, undefined);
        continue;
      }
      const { manufacturer, model, version, serial, components } = read.platform ?? assert.fail(file);
      assert.deepEqual(
        [manufacturer, model, version, serial],
        [expect.PlatformManufacturer, expect.PlatformModel, expect.PlatformVersion, expect.PlatformSerial],
      );
      assert.deepEqual(
        components.map((part) => [part.manufacturer, part.model, part.serial, part.revision, part.fieldReplaceable]),
        (expect.Components ?? []).map((part) => [
          part.Manufacturer,
          part.Model,
          part.Serial,
          part.Revision,
          part.FieldReplaceable,
        ]),
      );
    }
  });
});

/** Where each element begins that has others in it. */
function headersIn(reader: ElementReader): number[] {
  const offsets: number[] = [];
  while (!reader.done) {
    const element = reader.any('element');
    if ((element.tag & 0x20) !== 0) offsets.push(element.offset, ...headersIn(reader.inside(element)));
  }
  return offsets;
}

interface Expected {
  readonly SerialNumber: string;
  readonly Holder: { readonly Serial: string; readonly Issuer: { readonly CommonName: string } };
  readonly NotBefore: string;
  readonly PlatformManufacturer: string;
  readonly PlatformModel: string;
  readonly PlatformVersion: string;
  readonly PlatformSerial: string;
  readonly Components:
    | readonly {
        readonly Manufacturer: string;
        readonly Model: string;
        readonly Serial: string;
        readonly Revision: string;
        readonly FieldReplaceable: boolean;
      }[]
    | null;
}
