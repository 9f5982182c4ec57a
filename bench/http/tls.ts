// A certificate for 127.0.0.1, made for this run.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export function makeTlsFiles(folder: string): TlsFiles {
  const files = { certFile: join(folder, 'tls.pem'), keyFile: join(folder, 'tls.key') };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', files.keyFile];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...key, '-out', files.certFile, ...names], { stdio: 'ignore' });
  return files;
}
