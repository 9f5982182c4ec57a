// Keys and certificates in files, made by OpenSSL at run time: a server's or a client's for one name, and an authority above them.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

const days = ['-days', '3650'];

/** Signed by the authority, or by itself. `addresses`: what it is reached by beside its name. */
export function createTlsFiles(
  folder: string,
  name: string,
  authority?: TlsFiles,
  addresses: readonly string[] = [],
): TlsFiles {
  const issuer = authority === undefined ? [] : ['-CA', authority.certFile, '-CAkey', authority.keyFile];
  const names = [`DNS:${name}`, ...addresses.map((address) => `IP:${address}`)];
  return create(folder, name, [...issuer, '-addext', `subjectAltName=${names.join(',')}`]);
}

export function createTlsAuthority(folder: string, name: string): TlsFiles {
  return create(folder, name, ['-addext', 'keyUsage=critical,keyCertSign,cRLSign']);
}

function create(folder: string, name: string, more: readonly string[]): TlsFiles {
  const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-keyout', keyFile];
  const args = ['req', '-x509', ...key, '-out', certFile, ...days, '-subj', `/CN=${name}`, ...more];
  execFileSync('openssl', args, { stdio: 'pipe' });
  return { certFile, keyFile };
}
