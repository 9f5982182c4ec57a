import { encodeBase64 } from '../../core/encoding/index.ts';

/** A certificate in PEM, 64 characters a line. [RFC7468 §5] */
export function encodeCertificatePem(der: Uint8Array): string {
  const body = encodeBase64(der).replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
}
