// End certificates: what kind of key each profile certifies. Path validation has succeeded before anything here is read.
// [TCG-EK §3.2, TCG-IDEVID]
import { VerificationError } from '../error.ts';
import type { ErrorCode } from '../error-codes.ts';
import type { Certificate } from './certificate.ts';
import type { LeniencyId } from './leniency.ts';
import { tpmManufacturers } from './manufacturers.table.ts';
import { extensionOids, purposeOids } from './oids.table.ts';
import { isWeakKey } from './signature-policy.ts';
import type { AnchorScope } from './trust-anchor.ts';

/** `ek`, `ak`: the TCG profiles. `idevid`: a device identity (IAK, IDevID). `any`: the path only, no end profile. */
export type CertificateProfile = 'ek' | 'ak' | 'idevid' | 'any';

/** Name of the maker whose id stands in TPMManufacturer; undefined when the registry does not know it. */
export function manufacturerName(manufacturer: string): string | undefined {
  const id = /^id:([0-9A-Fa-f]{8})$/.exec(manufacturer)?.[1]?.toUpperCase() ?? '';
  return tpmManufacturers[id];
}

/** What had to be forgiven for `leaf` to fit `profile` under an anchor of this scope.
 * @throws VerificationError X509_PROFILE_* */
export function checkProfile(
  leaf: Certificate,
  profile: CertificateProfile,
  scope: AnchorScope,
): readonly LeniencyId[] {
  switch (profile) {
    case 'any':
      return [];
    case 'ek':
      return [
        ...checkEndEntity(leaf),
        ...checkEkKeyUsage(leaf),
        ...checkPurpose(leaf, purposeOids.endorsementKey),
        ...checkTpmIdentity(leaf, scope),
      ];
    case 'ak':
      return [...checkEndEntity(leaf), ...checkSigningUsage(leaf), ...checkPurpose(leaf, purposeOids.attestationKey)];
    case 'idevid':
      return [...checkEndEntity(leaf), ...checkSigningUsage(leaf)];
  }
}

function checkEndEntity(leaf: Certificate): LeniencyId[] {
  if (leaf.version !== 3) throw refusal('X509_PROFILE_VERSION', `a certificate of version ${leaf.version}`);
  if (leaf.basicConstraints?.ca === true || leaf.keyUsage?.has('keyCertSign') === true) {
    throw refusal('X509_PROFILE_IS_CA', 'the certificate of a key in a TPM may not be that of an authority');
  }
  const { publicKey } = leaf;
  if (publicKey === undefined) throw refusal('X509_PROFILE_KEY_UNSUPPORTED', 'its key is of an unknown type or curve');
  if (isWeakKey(publicKey))
    throw refusal('X509_PROFILE_KEY_WEAK', `its key is weak: ${publicKey.type}, ${publicKey.bits} bits`);
  const altName = leaf.extensions.find(({ oid }) => oid === extensionOids.subjectAltName);
  if (isEmptyName(leaf.subjectDer) && altName?.critical !== true) {
    throw refusal('X509_PROFILE_NO_IDENTITY', 'the subject is empty and no critical subjectAltName stands in for it');
  }
  return leaf.basicConstraints === undefined ? ['missing-basic-constraints'] : [];
}

/** RSA keys encipher, EC keys agree. An EC certificate that says keyEncipherment is a known slip. */
function checkEkKeyUsage({ keyUsage, publicKey }: Certificate): LeniencyId[] {
  if (keyUsage === undefined) return ['missing-key-usage'];
  const [expected, slip] =
    publicKey?.type === 'rsa'
      ? (['keyEncipherment', undefined] as const)
      : (['keyAgreement', 'keyEncipherment'] as const);
  if (keyUsage.has(expected)) return keyUsage.has('digitalSignature') ? ['unexpected-key-usage'] : [];
  if (slip !== undefined && keyUsage.has(slip)) return ['unexpected-key-usage'];
  throw refusal('X509_PROFILE_KEY_USAGE', `keyUsage of an endorsement key must have ${expected}`);
}

function checkSigningUsage({ keyUsage }: Certificate): LeniencyId[] {
  if (keyUsage === undefined) return ['missing-key-usage'];
  if (keyUsage.has('digitalSignature')) return [];
  throw refusal('X509_PROFILE_KEY_USAGE', 'keyUsage of an attestation key must have digitalSignature');
}

function checkPurpose(leaf: Certificate, purpose: string): LeniencyId[] {
  if (leaf.extendedKeyUsage === undefined) return ['missing-extended-key-usage'];
  if (!leaf.extendedKeyUsage.includes(purpose)) {
    throw refusal('X509_PROFILE_PURPOSE', `extendedKeyUsage does not name ${purpose}`);
  }
  const critical = leaf.extensions.some(
    (extension) => extension.oid === extensionOids.extendedKeyUsage && extension.critical,
  );
  return critical ? ['critical-extended-key-usage'] : [];
}

/** A physical TPM names its maker, and the maker is registered. Virtual ones are known by their environment's anchor. */
function checkTpmIdentity({ tpm }: Certificate, scope: AnchorScope): LeniencyId[] {
  const incomplete = tpm === undefined || tpm.model === '' || tpm.version === '';
  if (incomplete && scope === 'vendor') {
    throw refusal('X509_PROFILE_NO_TPM_ATTRIBUTES', 'subjectAltName does not name manufacturer, model and version');
  }
  const unknown = tpm !== undefined && manufacturerName(tpm.manufacturer) === undefined;
  if (unknown && scope === 'vendor') {
    throw refusal('X509_PROFILE_MANUFACTURER_UNKNOWN', `no TPM maker is registered as ${tpm.manufacturer}`);
  }
  return [
    ...(incomplete ? (['missing-tpm-attributes'] as const) : []),
    ...(unknown ? (['unknown-tpm-manufacturer'] as const) : []),
  ];
}

function isEmptyName(der: Uint8Array): boolean {
  return der.length === 2;
}

function refusal(code: ErrorCode, message: string): VerificationError {
  return new VerificationError(code, message);
}
