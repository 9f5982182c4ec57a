// The door of what makes certificates and revocation lists of ours. Who only reads them loads none of it: the library behind the
// extensions takes longer to load than all that the agent does.
export {
  createCertificate,
  encodeEcdsaSignature,
  encodeSigned,
  encodeTbsCertificate,
  type CertificateAlgorithm,
  type CertificateTemplate,
} from './create-certificate.ts';
export { encodeTbsCertList, type CrlContents, type RevokedCertificate } from './create-crl.ts';
export {
  createAkExtensions,
  createAuthorityKeyIdentifier,
  createCaExtensions,
  createEkExtensions,
  createExtendedKeyUsage,
  createKeyUsage,
  type AkExtensionOptions,
  type CaExtensionOptions,
  type EkExtensionOptions,
} from './create-extension.ts';
export { encodeName, type DistinguishedName } from './create-name.ts';
