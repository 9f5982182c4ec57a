// The door of what makes certificates and revocation lists of ours: a room of its own, so that whoever only reads certificates does not
// load it. The library behind the extensions takes longer to load than the whole agent.
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
