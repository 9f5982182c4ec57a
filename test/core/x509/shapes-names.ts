// Shapes of names, dates, serial numbers and of the bytes around a certificate.
import { extensionOids } from '../../../src/core/x509/index.ts';
import { derElement, derOid, derSequence } from '../../../src/core/x509/der-writer.ts';
import { makeEk, makeRoot } from '../../support/pki.ts';
import { ekExtensions, makeRaw, rawName, type NamePart, type RawParts } from '../../support/raw-certificate.ts';
import type { Shape } from './shape.ts';

const root = makeRoot();
const utf8 = 0x0c;
const [printable, teletex, ia5, visible, universal, bmp] = [0x13, 0x14, 0x16, 0x1a, 0x1c, 0x1e];
const utf16 = (text: string) => Uint8Array.from(Buffer.from(text, 'utf16le').swap16());
const utf32 = (text: string) => Uint8Array.from(Array.from(text).flatMap((letter) => [0, 0, 0, letter.charCodeAt(0)]));
const manufacturer = (tag: number, value: string | Uint8Array): NamePart => ['2.23.133.2.1', tag, value];
const model = (tag: number, value: string | Uint8Array): NamePart => ['2.23.133.2.2', tag, value];
const version = (tag: number, value: string | Uint8Array): NamePart => ['2.23.133.2.3', tag, value];
const time = (text: string) => derElement(text.length === 15 ? 0x18 : 0x17, new TextEncoder().encode(text));

/** GeneralNames as subjectAltName, critical since the subject is empty. */
function withAltNames(...names: readonly Uint8Array[]): Partial<RawParts> {
  const others = ekExtensions(root.key).filter(({ oid }) => oid !== extensionOids.subjectAltName);
  const altName = { oid: extensionOids.subjectAltName, critical: true, value: derSequence(...names) };
  return { extensions: [...others, altName] };
}
const directory = (...parts: readonly (readonly NamePart[])[]) => derElement(0xa4, rawName(...parts));
const usual = [manufacturer(utf8, 'id:4E544300'), model(utf8, 'NPCT75x'), version(utf8, 'id:0007')] as const;
/** DER sorts by length first. */
const sorted = [usual[1], usual[2], usual[0]] as const;
const nuvoton = { tpm_manufacturer: 'id:4E544300', tpm_model: 'NPCT75x', tpm_version: 'id:0007' };
const shape = (title: string, parts: Partial<RawParts>, outcome: Shape['outcome'], facts: Shape['facts'] = {}) => ({
  title,
  bytes: makeRaw(root, parts).der,
  root,
  outcome,
  facts,
});
const longEk = makeEk(root).der;
const subject = (...parts: readonly NamePart[]) => ({ subject: rawName(...parts.map((part) => [part])) });
const cn = (tag: number, value: string | Uint8Array): NamePart => ['2.5.4.3', tag, value];

export const nameShapes: readonly Shape[] = [
  shape('TPM attributes in three parts', withAltNames(directory(...usual.map((part) => [part]))), [], nuvoton),
  shape(
    'TPM attributes in another order',
    withAltNames(directory(...usual.toReversed().map((part) => [part]))),
    [],
    nuvoton,
  ),
  shape('TPM attributes as one part, sorted', withAltNames(directory(sorted)), [], nuvoton),
  shape(
    'TPM attributes as one part, not sorted (Nuvoton)',
    withAltNames(directory(sorted.toReversed())),
    ['unsorted-set'],
    nuvoton,
  ),
  shape(
    'TPM attributes in a directory name of their own each',
    withAltNames(...usual.map((part) => directory([part]))),
    [],
    nuvoton,
  ),
  shape(
    'other kinds of names before the TPM attributes',
    withAltNames(
      derElement(0xa0, derOid('1.3.6.1.4.1.311.20.2.3'), derElement(0xa0, derElement(utf8, Uint8Array.of(0x78)))),
      derElement(0x86, new TextEncoder().encode('https://example.com/tpm')),
      derElement(0x82, new TextEncoder().encode('example.com')),
      derElement(0x87, Uint8Array.of(127, 0, 0, 1)),
      directory(...usual.map((part) => [part])),
    ),
    [],
    nuvoton,
  ),
  shape(
    'TPM attributes as BMPString',
    withAltNames(
      directory(
        [manufacturer(bmp, utf16('id:4E544300'))],
        [model(bmp, utf16('NPCT75x'))],
        [version(bmp, utf16('id:0007'))],
      ),
    ),
    [],
    nuvoton,
  ),
  shape(
    'TPM attributes in three other kinds of strings',
    withAltNames(
      directory(
        [manufacturer(visible, 'id:4E544300')],
        [model(universal, utf32('NPCT75x'))],
        [version(ia5, 'id:0007')],
      ),
    ),
    [],
    nuvoton,
  ),
  shape(
    'a manufacturer in lower case, and zeros after the model',
    withAltNames(
      directory([manufacturer(printable, 'id:4e544300')], [model(utf8, 'NPCT75x\0\0')], [version(utf8, 'id:0007')]),
    ),
    [],
    { ...nuvoton, tpm_manufacturer: 'id:4e544300' },
  ),
  shape(
    'a manufacturer that is text, not hexadecimal',
    withAltNames(directory([manufacturer(utf8, 'NTC')], [usual[1]], [usual[2]])),
    'X509_PROFILE_MANUFACTURER_UNKNOWN',
    { ...nuvoton, tpm_manufacturer: 'NTC' },
  ),
  shape(
    'a version that is missing',
    withAltNames(directory([usual[0]], [usual[1]])),
    'X509_PROFILE_NO_TPM_ATTRIBUTES',
    {
      ...nuvoton,
      tpm_version: '',
    },
  ),
  shape('a model that is missing', withAltNames(directory([usual[0]], [usual[2]])), 'X509_PROFILE_NO_TPM_ATTRIBUTES', {
    ...nuvoton,
    tpm_model: '',
  }),
  shape(
    'no subjectAltName, and the TPM attributes in the subject',
    {
      ...withAltNames(),
      ...subject(...usual),
      extensions: ekExtensions(root.key).filter(({ oid }) => oid !== extensionOids.subjectAltName),
    },
    'X509_PROFILE_NO_TPM_ATTRIBUTES',
    { subject: '2.23.133.2.1=id:4E544300, 2.23.133.2.2=NPCT75x, 2.23.133.2.3=id:0007' },
  ),
  shape('a subjectAltName without names', withAltNames(), 'X509_PROFILE_NO_TPM_ATTRIBUTES'),
  shape('a subject in T.61', subject(cn(teletex, Uint8Array.of(0x4d, 0xfc, 0x6c, 0x6c, 0x65, 0x72))), [], {
    subject: 'CN=Müller',
  }),
  shape('a subject as BMPString', subject(cn(bmp, utf16('Müller'))), [], { subject: 'CN=Müller' }),
  shape(
    'a subject of several attributes in one part, not sorted',
    { subject: rawName([['2.5.4.10', utf8, 'Maker'], cn(utf8, 'TPM')], [['2.5.4.11', utf8, 'EK']]) },
    ['unsorted-set'],
    { subject: 'O=Maker+CN=TPM, OU=EK' },
  ),
  shape('a subject of an unknown kind of string', subject(cn(0x1b, 'x')), [], { subject: 'CN=#1b0178' }),
  shape(
    "an issuer in other strings, case and spaces than the authority's own name",
    { issuer: rawName([['2.5.4.10', printable, 'TOUCHSTONE  tests']], [cn(bmp, utf16('test tpm root ca '))]) },
    [],
    { chain_complete_to_root: true },
  ),
  shape('an empty issuer', { issuer: rawName() }, 'X509_PATH_NO_ANCHOR', { issuer: '', chain_complete_to_root: false }),
  shape(
    'GeneralizedTime for dates before 2050',
    { notBefore: time('20260101000000Z'), notAfter: time('20360101000000Z') },
    [],
  ),
  shape('a certificate without a well-defined end', { notAfter: time('99991231235959Z') }, []),
  shape('a date of the last century', { notBefore: time('991231235959Z') }, []),
  shape('a time with a zone', { notAfter: time('360101000000+0100') }, 'X509_CERTIFICATE_MALFORMED', {
    type: 'malformed',
  }),
  shape('the thirtieth of February', { notAfter: time('360230000000Z') }, 'X509_CERTIFICATE_MALFORMED', {
    type: 'malformed',
  }),
  shape('a negative serial number', { serial: Uint8Array.of(0x90, 1) }, ['negative-serial'], { serial_hex: '9001' }),
  shape('the serial number 0', { serial: Uint8Array.of(0) }, ['long-serial'], { serial_hex: '00' }),
  shape(
    'a serial number of 20 bytes and a zero',
    { serial: Uint8Array.from([0, ...new Uint8Array(20).fill(0xaa)]) },
    [],
  ),
  shape('a serial number of 21 bytes', { serial: new Uint8Array(21).fill(0x7a) }, ['long-serial']),
  shape('a serial number without an end', { serial: new Uint8Array(65).fill(1) }, 'X509_CERTIFICATE_MALFORMED', {
    type: 'malformed',
  }),
  {
    title: 'the header of the TPM 1.2 NV format',
    bytes: Uint8Array.of(0x10, 0x01, 0x00, longEk.length >> 8, longEk.length & 0xff, 0x10, 0x02, ...longEk),
    root,
    outcome: ['tpm12-nv-header'],
    facts: { type: 'certificate' },
  },
  {
    title: 'the padding of an NV index',
    bytes: Uint8Array.of(...longEk, ...new Uint8Array(100).fill(0xff)),
    root,
    outcome: ['trailing-bytes'],
    facts: { type: 'certificate' },
  },
];
