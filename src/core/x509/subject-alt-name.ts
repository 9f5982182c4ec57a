// subjectAltName: where a TPM's maker, model and version stand. [RFC5280 §4.2.1.6, TCG-EK §3.2]
import { printable } from '../encoding/index.ts';
import { tags, readOid, type ElementReader } from './asn1.ts';
import type { HardwareModule, TpmAttributes } from './certificate.ts';
import type { LeniencyId } from './leniency.ts';
import { readName, type NameAttribute } from './name.ts';
import { otherNameOids, tpmAttributeOids } from './oids.table.ts';

export interface SubjectAltNames {
  readonly tpm: TpmAttributes | undefined;
  readonly hardwareModule: HardwareModule | undefined;
}

const otherName = 0xa0;
const directoryName = 0xa4;

/** The names in `reader` (the contents of GeneralNames). Kinds that nothing here uses are passed over; `leniencies` collects
 * what was forgiven. */
export function readSubjectAltName(reader: ElementReader, leniencies: Set<LeniencyId>): SubjectAltNames {
  const attributes: NameAttribute[] = [];
  let hardwareModule: HardwareModule | undefined;
  while (!reader.done) {
    const name = reader.any('general name');
    if (name.tag === directoryName) {
      const names = readName(reader.inside(name).enter(tags.sequence, 'directory name'));
      if (names.unsorted) leniencies.add('unsorted-set');
      attributes.push(...names.attributes);
    } else if (name.tag === otherName) {
      hardwareModule ??= readHardwareModule(reader.inside(name));
    }
  }
  return { tpm: tpmAttributesOf(attributes), hardwareModule };
}

/** Present as soon as a manufacturer is named; what is missing beside it is the empty string. */
function tpmAttributesOf(attributes: readonly NameAttribute[]): TpmAttributes | undefined {
  const textOf = (oid: string) => attributes.find((attribute) => attribute.oid === oid)?.text;
  const manufacturer = textOf(tpmAttributeOids.manufacturer);
  if (manufacturer === undefined) return undefined;
  const shown = (text: string | undefined) => printable((text ?? '').replace(/\0+$/, ''), 256);
  return {
    manufacturer: shown(manufacturer),
    model: shown(textOf(tpmAttributeOids.model)),
    version: shown(textOf(tpmAttributeOids.version)),
  };
}

/** HardwareModuleName ::= SEQUENCE { hwType OID, hwSerialNum OCTET STRING }. [RFC4108 §5] */
function readHardwareModule(reader: ElementReader): HardwareModule | undefined {
  const type = readOid(reader.read(tags.oid, 'other name type').contents);
  if (type !== otherNameOids.hardwareModuleName) return undefined;
  const fields = reader.enter(0xa0, 'hardware module name').enter(tags.sequence, 'hardware module name');
  const typeOid = readOid(fields.read(tags.oid, 'hardware type').contents) ?? '';
  return { typeOid, serial: fields.read(tags.octetString, 'hardware serial number').contents };
}
