// What a file is refused for is of no use to whoever named five of them, or a glob, unless the refusal says which.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cli } from './cli-run.ts';

const [log, quotes] = ['test/fixtures/lab/boot/uki/binary_bios_measurements', 'test/fixtures/lab/tpm-quote'];

/** Commands that read a file, written `@`. Those that would ask a server come no further than their file. */
const commands = [
  'golden sign @ --key KEY --yes',
  'golden draft @ --out new --description x',
  'golden export @ --out new/x',
  'golden import GOLDEN --signer @ --out new',
  'golden import GOLDEN --authority @ --out new',
  'golden predict --boot-log @ --out new',
  'golden propose @',
  'deny sign @ --key KEY --yes',
  'deny import @',
  'deny hosts @',
  'deny draft --osv @ --name x --out new/x',
  'deny draft --csaf @ --name x --out new/x',
  'break-glass sign @ --key KEY --yes',
  'break-glass submit @',
  'policy check @',
  'policy apply @',
  'what-if --activate @',
  'what-if --deny @',
  'signer add ada @',
  'trust-anchor import @',
  'trust-anchor sign @ --key KEY --yes',
  'trust-anchor bundle @ --sequence 1 --source x --key KEY --out new/x --yes',
  'trust-anchor intermediates import @',
  'crl import LIST --issuer @',
  'crl import @ --issuer CERTIFICATE',
  'ek register @ --label x',
  'ek register --list @',
  'audit verify --since @',
  'audit verify --entries @',
  'audit checkpoint --out new/x --jwks @',
  'agent enrol --state new --ek-certificate @',
  'agent enrol --state new --ek-chain @',
  'agent enrol --state new --platform-certificate @',
  'agent enrol --state new --idevid @',
  'host pending --would-approve @',
  'inspect event-log @',
  'inspect event-log LOG --diff @',
  'inspect event-log LOG --userspace-log @',
  'inspect event-log LOG --revocations @',
  'inspect quote @',
  'inspect quote QUOTE --public @',
  'inspect quote QUOTE --signature SIGNATURE --pcrs @',
  'inspect quote QUOTE --signature @',
  'inspect certificate @',
  'inspect golden @',
  'inspect token @',
  'verify quote --attest @ --signature SIGNATURE --public PUBLIC --nonce 00',
  'verify quote --attest QUOTE --signature SIGNATURE --public @ --nonce 00',
  'verify quote --attest QUOTE --signature SIGNATURE --public PUBLIC --nonce 00 --pcrs @',
  'verify quote --attest QUOTE --signature SIGNATURE --public PUBLIC --nonce 00 --event-log @',
  'verify certificate @ --anchors CERTIFICATE --at 2026-11-24',
  'verify certificate CERTIFICATE --anchors @ --at 2026-11-24',
  'verify certificate CERTIFICATE --anchors CERTIFICATE --crls @ --at 2026-11-24',
  'verify token LOG --jwks @',
  'verify event LOG --signature x --jwks @ --subscription sub_7Y1bL0Qm2cTtW3xS',
  'verify golden @ --signer KEYPUB',
  'verify golden GOLDEN --signer @',
  'verify evidence LOG --jwks @',
];

/** What somebody names by mistake: text, an empty file, bytes of something else. */
const mistakes: Readonly<Record<string, string | Buffer>> = {
  'a-text': 'hello world: [this is no document\n',
  'an-empty-file': '',
  'some-bytes': Buffer.from([0, 1, 2, 3, 255, 254, 253, 252, 0, 0, 0, 9, 200]),
};

describe('a refused file', () => {
  let folder = '';
  const env = { TOUCHSTONE_SERVER: 'http://127.0.0.1:9', TOUCHSTONE_TOKEN: 'none' };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-named-'));
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(join(folder, 'KEY'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(folder, 'KEYPUB'), publicKey.export({ type: 'spki', format: 'pem' }));
    for (const [name, content] of Object.entries(mistakes)) writeFileSync(join(folder, name), content);
    copyFileSync(log, join(folder, 'LOG'));
    for (const [name, file] of [
      ['QUOTE', 'quote_rsa.msg'],
      ['SIGNATURE', 'quote_rsa.sig'],
      ['PUBLIC', 'ak_rsa.pub'],
      ['CERTIFICATE', 'swtpm-localca-rootca-cert.pem'],
    ] as const)
      // prettier-ignore
      copyFileSync(join(quotes, file), join(folder, name));
    copyFileSync('golden-measurements/lab-sb-on/kernel.dsse.json', join(folder, 'GOLDEN'));
    mkdirSync(join(folder, 'new'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const words = (command: string, file: string) =>
    command.split(' ').map((word) => (word === '@' ? join(folder, file) : /^(?:[A-Z]+|new(?:\/x)?)$/.test(word) ? join(folder, word) : word)); // prettier-ignore

  for (const command of commands) {
    it(`is named by ${command}`, async () => {
      for (const file of Object.keys(mistakes)) {
        const { status, stderr } = await cli(words(command, file), { env });
        assert.notEqual(status, 0);
        const [error = ''] = stderr.split('\n').filter((line) => line.startsWith('error '));
        assert.ok(error.includes(file), `${command} of ${file}: ${stderr}`);
        assert.doesNotMatch(error, /CLI_INTERNAL|UNREACHABLE/);
      }
    });
  }

  it('is a private key in the place of a public one: it never leaves the machine', async () => {
    const { status, stderr } = await cli(['signer', 'add', 'ada', join(folder, 'KEY')], { env });
    assert.equal(status, 1);
    assert.match(stderr, /^error CLI_KEY_PRIVATE: .*KEY holds a private key: nothing of it was sent\nhint: Name the public half/); // prettier-ignore
  });
});
