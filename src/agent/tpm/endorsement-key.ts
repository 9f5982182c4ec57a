// Which endorsement key this machine is known by, and how to have it loaded.
import { bytesEqual, trimDer } from '../../core/encoding/index.ts';
import { AttestationError } from '../../core/error.ts';
import {
  ekTemplates,
  hierarchyHandles,
  parseTpm2bPublic,
  type EkTemplate,
  type PublicArea,
} from '../../core/tpm/index.ts';
import type { TpmClient } from './client.ts';
import type { EkPolicy } from './ek-policy.ts';
import { createPrimary, readPublic, type LoadedKey } from './key-commands.ts';
import { nvRead, nvSize } from './nv-commands.ts';
import { readHandles } from './state-commands.ts';

/** Where makers keep the certificates between the EK's and their root. [TCG-EK §2.2.1.5.2] */
const chainIndices: { readonly first: number; readonly last: number } = { first: 0x01c00100, last: 0x01c001ff };
const persistentEks = { first: 0x81010000, last: 0x8101ffff } as const;
const maximumChain = 16;

/** The first template whose key the maker certified; without any certificate, the RSA one of the low range. */
export async function findEkTemplate(tpm: TpmClient): Promise<EkTemplate> {
  for (const template of ekTemplates) {
    if ((await nvSize(tpm, template.certificateIndex)) !== undefined) return template;
  }
  const [first] = ekTemplates;
  if (first === undefined) throw new TypeError('there is no EK template');
  return first;
}

/** The key of a template. Deriving an RSA key takes a TPM many seconds: one that the maker left loaded is used. */
export async function loadEk(tpm: TpmClient, { area }: EkTemplate): Promise<LoadedKey> {
  for (const handle of await readHandles(tpm, persistentEks.first)) {
    if (handle > persistentEks.last) break;
    const publicArea = await readPublic(tpm, handle);
    if (publicArea !== undefined && isOfTemplate(publicArea, area)) return { handle, publicArea };
  }
  return createPrimary(tpm, hierarchyHandles.endorsement, area);
}

/** The high range may also be used by empty password, which some makers do not grant: its policy always works. */
export function ekPolicyOf({ id }: EkTemplate): EkPolicy {
  return id.startsWith('L') ? 'A' : 'B';
}

/** Certificates stored beside the EK's, each by itself. The indices hold one stream of DER, cut anywhere. */
export async function readEkChain(tpm: TpmClient): Promise<readonly Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for (let index = chainIndices.first; index <= chainIndices.last; index += 1) {
    const part = await nvRead(tpm, index);
    if (part === undefined) break;
    parts.push(part);
  }
  return splitCertificates(new Uint8Array(Buffer.concat(parts)));
}

/** Certificates that follow one another, up to the first byte that begins none (padding). */
function splitCertificates(stream: Uint8Array): readonly Uint8Array[] {
  const certificates: Uint8Array[] = [];
  let rest = stream;
  try {
    while (rest[0] === 0x30 && certificates.length < maximumChain) {
      const { der, trailing } = trimDer(rest);
      certificates.push(der);
      rest = trailing;
    }
  } catch (error) {
    // A cut certificate helps nobody; those before it may.
    if (!(error instanceof AttestationError)) throw error;
  }
  return certificates;
}

/** Everything but the key itself is as the template says. */
function isOfTemplate(publicArea: Uint8Array, template: PublicArea): boolean {
  let area: PublicArea;
  try {
    area = parseTpm2bPublic(publicArea);
  } catch (error) {
    if (error instanceof AttestationError) return false;
    throw error;
  }
  const size = (of: PublicArea) => (of.type === 'rsa' ? of.keyBits : of.curve);
  return (
    area.type === template.type &&
    area.nameAlg === template.nameAlg &&
    area.attributes === template.attributes &&
    size(area) === size(template) &&
    area.scheme === undefined &&
    bytesEqual(area.authPolicy, template.authPolicy)
  );
}
