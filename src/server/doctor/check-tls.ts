// What the doctor says of the certificate that the server shows.
import { existsSync, readFileSync } from 'node:fs';
import { parseCertificateBundle } from '../../core/x509/index.ts';
import type { ServerConfig } from '../config/config.ts';
import { ServerError } from '../errors.ts';
import { checkNotExposed } from '../keys/key-file.ts';
import { attempt, type Check } from './check.ts';

export async function checkTls({ tls, listen }: ServerConfig, now: Date): Promise<Check> {
  if (tls === undefined) {
    return {
      name: 'tls',
      ok: false,
      severity: 'warning',
      message: `no TLS: only this machine can reach ${listen.host}:${listen.port}`,
      remedy: 'Set tls.certFile and tls.keyFile in touchstone.yaml.',
    };
  }
  return attempt('tls', 'certificate and key are usable', () => {
    checkNotExposed(tls.keyFile);
    if (!existsSync(tls.certFile)) throw new ServerError('DATA_DIRECTORY_INCOMPLETE', `${tls.certFile} is missing`);
    const [certificate] = parseCertificateBundle(new Uint8Array(readFileSync(tls.certFile)));
    if (certificate === undefined || now < certificate.notBefore || now > certificate.notAfter) {
      throw new ServerError('KEY_FILE_INVALID', `${tls.certFile} is outside its validity`);
    }
  });
}
