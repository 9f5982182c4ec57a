import assert from 'node:assert/strict';
import { concatBytes, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import { encodeSignatureList, guids, parseSignatureDatabase } from '../../../src/core/event-log/index.ts';
import {
  authenticodeDigest,
  changeVariables,
  parsePortableExecutable,
  predictBoot,
  readSecureBootVariables,
  requireAllowed,
} from '../../../src/core/prediction/index.ts';
import { parseCertificate } from '../../../src/core/x509/index.ts';
import { makeIntermediate, makeRoot } from '../../support/pki.ts';
import { certificateOf, labBootLog, makePe, measuredDigests, measuredVariables, signPe } from './material.ts';

const list = (typeGuid: string, ...signatures: readonly Uint8Array[]): Uint8Array =>
  encodeSignatureList({ typeGuid, owner: guids.shimLock, signatures });
const byTbs = (der: Uint8Array, time: number): Uint8Array =>
  list(guids.certX509Sha256, concatBytes(hash('sha256', parseCertificate(der).tbs), new Uint8Array(16).fill(time)));

describe('an image that dbx forbids', () => {
  const root = makeRoot({ name: 'Vendor Root' });
  const signer = makeIntermediate(root, { name: 'Vendor Signer' });
  const stranger = makeRoot({ name: 'Stranger' });
  const image = parsePortableExecutable(signPe(makePe([{ name: '.text', content: encodeUtf8('loader') }]), [signer.der])); // prettier-ignore
  const check = (dbx: Uint8Array): void => requireAllowed(image, parseSignatureDatabase(dbx), 'loader 1');

  it('is refused by its digest, by its signer, by who issued that, and by the digest of either', () => {
    const digest = list(guids.certSha256, authenticodeDigest(image, 'sha256'));
    assert.throws(() => check(digest), { code: 'PREDICTION_IMAGE_FORBIDDEN', message: /forbids loader 1$/ });
    for (const dbx of [
      list(guids.certX509, signer.der),
      list(guids.certX509, root.der),
      byTbs(signer.der, 0),
      byTbs(signer.der, 9),
    ]) {
      assert.throws(() => check(dbx), { code: 'PREDICTION_IMAGE_FORBIDDEN', message: /forbids who signed loader 1$/ });
    }
  });

  it('is allowed where dbx is empty or names strangers', () => {
    check(new Uint8Array());
    check(concatBytes(list(guids.certX509, stranger.der), byTbs(stranger.der, 0), list(guids.certSha256, new Uint8Array(32)))); // prettier-ignore
    check(list(guids.certX509, encodeUtf8('no certificate')));
  });
});

describe('a boot that its log shows, under another dbx', () => {
  const predict = (run: string, added: Uint8Array): void => {
    const log = labBootLog(run);
    const change = { name: 'dbx', kind: 'append', value: added } as const;
    const secureBoot = changeVariables(readSecureBootVariables(log), [change]);
    predictBoot({ banks: ['sha256'], loaders: [], secureBoot, keepAuthoritiesOf: log });
  };
  const loaders = [...new Set(measuredDigests('sb-on', 4).slice(-4))];

  it('is refused where that forbids a loader that it started, and names the event', () => {
    assert.equal(loaders.length, 3, 'shim, GRUB, and the kernel that GRUB has verified twice');
    for (const loader of loaders) {
      const digest = Uint8Array.from(Buffer.from(loader, 'hex'));
      assert.throws(() => predict('sb-on', list(guids.certSha256, digest)), {
        code: 'PREDICTION_IMAGE_FORBIDDEN',
        message: /forbids the image of event \d+ of the log$/,
      });
    }
  });

  it('is refused where that forbids who admitted a loader: firmware or shim', () => {
    const [byShim, byFirmware] = [measuredVariables('sb-on', 'MokListRT')[0], measuredVariables('sb-on', 'db')[1]];
    for (const authority of [byShim, byFirmware].map(certificateOf)) {
      assert.throws(() => predict('sb-on', list(guids.certX509, authority)), { code: 'PREDICTION_IMAGE_FORBIDDEN' });
    }
  });

  it('is predicted where that forbids others', () => {
    predict('sb-on', list(guids.certSha256, new Uint8Array(32)));
    predict('sb-on', list(guids.certX509, makeRoot({ name: 'Stranger' }).der));
  });

  it('is not predicted from a log of the other state of Secure Boot', () => {
    const [on, off] = ['sb-on', 'sb-off'].map((run) => readSecureBootVariables(labBootLog(run)));
    for (const [secureBoot, run] of [
      [on, 'sb-off'],
      [off, 'sb-on'],
    ] as const) {
      // prettier-ignore
      if (secureBoot === undefined) throw new assert.AssertionError({ message: 'no variables' });
      const plan = { banks: ['sha256'] as const, loaders: [], secureBoot, keepAuthoritiesOf: labBootLog(run) };
      assert.throws(() => predictBoot(plan), { code: 'PREDICTION_VARIABLES_MISSING', message: /other state/ });
    }
  });
});
