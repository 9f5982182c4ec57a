// A TLS server's key and certificate for one name, made by OpenSSL at run time.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export function createTlsFiles(folder: string, name: string): TlsFiles {
  const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-keyout', keyFile];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '3650', ...subject], { stdio: 'pipe' });
  return { certFile, keyFile };
}
