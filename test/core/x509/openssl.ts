// The independent judge: `openssl verify -x509_strict`.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AttestationError } from '../../../src/core/error.ts';
import { verifyCertificatePath } from '../../../src/core/x509/index.ts';
import { anchorOf, pkiDate, type TestCertificate } from '../../support/pki.ts';

export interface Chain {
  readonly root: TestCertificate;
  readonly intermediates: readonly TestCertificate[];
  readonly leaf: TestCertificate;
}

/** `accepted`, or the code of the refusal. The path alone is compared: no end profile. */
export function oursOn({ leaf, intermediates, root }: Chain): string {
  try {
    verifyCertificatePath({
      leaf: leaf.certificate,
      intermediates: intermediates.map(({ certificate }) => certificate),
      anchors: [anchorOf(root)],
      at: pkiDate,
      profile: 'any',
    });
    return 'accepted';
  } catch (error) {
    if (error instanceof AttestationError) return error.code;
    throw error;
  }
}

/** Whether OpenSSL accepts. Files are written into `folder`. */
export function opensslAccepts({ leaf, intermediates, root }: Chain, folder: string): boolean {
  const file = (name: string, ...certificates: readonly TestCertificate[]) => {
    writeFileSync(join(folder, name), certificates.map(({ pem }) => pem).join(''));
    return join(folder, name);
  };
  const attime = String(pkiDate.getTime() / 1000);
  const args = ['verify', '-x509_strict', '-attime', attime, '-CAfile', file('root.pem', root)];
  if (intermediates.length > 0) args.push('-untrusted', file('untrusted.pem', ...intermediates));
  const { status, error } = spawnSync('openssl', [...args, file('leaf.pem', leaf)]);
  if (error !== undefined) throw error;
  return status === 0;
}
