// CMS as OpenSSL makes and judges it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pkiDate, type TestCertificate } from '../../support/pki.ts';

function inFolder<Result>(act: (at: (name: string, content?: string | Uint8Array) => string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-cms-'));
  try {
    return act((name, content) => {
      if (content !== undefined) writeFileSync(join(folder, name), content);
      return join(folder, name);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(args: readonly string[]): { readonly ok: boolean; readonly stderr: string } {
  const { status, error, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (error !== undefined) throw error;
  return { ok: status === 0, stderr };
}

function keyPem({ key }: TestCertificate): string {
  return key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** `content` signed by `signers`, as `openssl cms -sign` does it, in DER unless `more` says otherwise. */
export function opensslSign(
  content: Uint8Array,
  signers: readonly TestCertificate[],
  more: readonly string[] = [],
  certificates: readonly TestCertificate[] = [],
): Uint8Array {
  return inFolder((at) => {
    const named = signers.flatMap((each, index) => ['-signer', at(`${index}.pem`, each.pem), '-inkey', at(`${index}.key`, keyPem(each))]); // prettier-ignore
    const extra = certificates.length === 0 ? [] : ['-certfile', at('more.pem', certificates.map(({ pem }) => pem).join(''))]; // prettier-ignore
    const form = more.includes('-outform') ? [] : ['-outform', 'DER'];
    const args = ['cms', '-sign', '-binary', ...named, ...extra, '-in', at('content', content), '-out', at('signed'), ...form]; // prettier-ignore
    const { ok, stderr } = run([...args, ...more]);
    if (!ok) throw new TypeError(`openssl could not sign: ${stderr}`);
    return new Uint8Array(readFileSync(at('signed')));
  });
}

/** The content, if OpenSSL believes it. */
export function opensslVerify(cms: Uint8Array, root: TestCertificate): Uint8Array | undefined {
  return inFolder((at) => {
    const attime = String(pkiDate.getTime() / 1000);
    const args = ['cms', '-verify', '-binary', '-inform', 'DER', '-in', at('signed', cms), '-out', at('content')];
    const judged = run([...args, '-CAfile', at('root.pem', root.pem), '-purpose', 'any', '-attime', attime]);
    return judged.ok ? new Uint8Array(readFileSync(at('content'))) : undefined;
  });
}
