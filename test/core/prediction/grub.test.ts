import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hash } from '../../../src/core/crypto/index.ts';
import { encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { createPredictedStatements, predictBoot, replaceCommandLine } from '../../../src/core/prediction/index.ts';
import { outcomeOf } from '../../support/hostile-bytes.ts';
import { makePe, measuredDigests } from './material.ts';

const parameters = 'console=ttyS0,115200 ima_policy=tcb ima_hash=sha256 rootfstype=ramfs lab.bridge=1';
const evil = 'console=ttyS0,115200 ima_policy=tcb ima_hash=sha256 lab.evil=1 rootfstype=ramfs lab.bridge=1';
const viol = 'console=ttyS0,115200 ima_policy=tcb ima_hash=sha256 lab.viol=1 rootfstype=ramfs lab.bridge=1';
const image = makePe([{ name: '.text', content: encodeUtf8('binary') }]);
const initrd = encodeUtf8('initrd');
const prefix = '(hd0,gpt1)/EFI/debian';

/** grub.cfg of the lab. */
function labConfig(words = parameters, suffix = ''): string {
  return `set timeout=0
set default=0
menuentry 'lab' {
  search --no-floppy --set=root --file /boot/vmlinuz
  linux${suffix} /boot/vmlinuz ${words}
  initrd${suffix} /boot/initrd.gz
}
`;
}

function predict(configuration: string, initrds: readonly Uint8Array[] = [initrd]) {
  return predictBoot({
    banks: ['sha256'],
    loaders: [image, image],
    grub: { configuration, prefix, kernel: image, initrds },
  });
}

function predictedDigests(configuration: string, pcr: number): readonly string[] {
  const { statements } = createPredictedStatements(predict(configuration), { banks: ['sha256'] });
  const events = statements.flatMap((statement) => statement.events).filter((event) => event.pcr === pcr);
  return events.map(({ digests }) => encodeHex(digests.get('sha256') ?? new Uint8Array()));
}

function commands(configuration: string): readonly string[] {
  const events = predict(configuration).filter(({ pcr }) => pcr === 8);
  return events.map(({ measured = new Uint8Array() }) => new TextDecoder().decode(measured)).slice(4);
}

function refuses(configuration: string): void {
  assert.throws(() => predict(configuration), { code: 'PREDICTION_GRUB_UNSUPPORTED' });
}

describe('the prediction of GRUB', () => {
  for (const [run, configuration] of [
    ['sb-on', labConfig()],
    ['sb-on-linuxefi', labConfig(parameters, 'efi')],
    ['sb-off', labConfig(parameters, 'efi')],
    ['cfg-tampered', labConfig(evil)],
    ['ima-violation', labConfig(viol)],
    ['kernel-cloud', labConfig()],
    ['initrd-changed', labConfig()],
  ] as const) {
    it(`equals PCR 8 and the configuration in PCR 9 as boot ${run} measured them, in order`, () => {
      assert.deepEqual(predictedDigests(configuration, 8), measuredDigests(run, 8));
      const read = encodeHex(hash('sha256', encodeUtf8(configuration)));
      assert.equal(measuredDigests(run, 9)[0], read);
      assert.ok(predictedDigests(configuration, 9).includes(read));
    });
  }

  it('measures the configuration, the kernel at each reading, and the initrd', () => {
    const files = predict(labConfig()).filter(({ pcr }) => pcr === 9);
    assert.deepEqual(
      files.map(({ measured }) => measured),
      [encodeUtf8(labConfig()), image, image, initrd],
    );
  });

  it('changes the command line as an editor of grub.cfg would', () => {
    assert.equal(replaceCommandLine(labConfig(), evil), labConfig(evil));
    assert.equal(replaceCommandLine(labConfig(parameters, 'efi'), '$& $1'), labConfig('$& $1', 'efi'));
    for (const text of ['', labConfig() + labConfig()]) {
      assert.throws(() => replaceCommandLine(text, evil), { code: 'PREDICTION_PLAN_INVALID' });
    }
    assert.throws(() => replaceCommandLine(labConfig(), 'a\nb'), { code: 'PREDICTION_PLAN_INVALID' });
  });

  it('expands variables, joins quotations, drops comments and follows the default entry', () => {
    const text = `# comment
set default="two" ; set console='ttyS0'
menuentry one { linux /a }
menuentry two {
  linux /boot/vmlinuz console=\${console},1 "a b" c'd'\\ e # trailing
}
`;
    assert.deepEqual(commands(text.replace('\n}\n', '\n  initrd /i\n}\n')).slice(4), [
      'setparams two',
      'linux /boot/vmlinuz console=ttyS0,1 a b cd e',
      '/boot/vmlinuz console=ttyS0,1 "a b" "cd e"',
      'initrd /i',
    ]);
  });

  it('refuses what depends on the machine instead of guessing', () => {
    for (const line of [
      'if [ -e /a ]; then set a=1; fi',
      'for a in 1 2; do true; done',
      'function f { true }',
      'set root=$root',
      'search --file /other',
      'configfile /boot/grub/grub.cfg',
      'load_env',
      'submenu more { linux /a }',
      'menuentry x --class y { linux /a }',
      'linux /a | b',
      'ls /*',
      "set a='",
      'set a="$',
      'menuentry x {',
      'set default=7',
    ]) {
      refuses(`${line}\n${labConfig()}`.replace('set default=0\n', ''));
    }
    refuses('');
    refuses("menuentry 'x' { true }");
    assert.throws(() => predict(labConfig(), []), { code: 'PREDICTION_GRUB_UNSUPPORTED' });
  });

  it('refuses white space that ends no word of GRUB, and ends', () => {
    for (const blank of ['\r', '\v', '\f', '\u00a0', '\u2028']) {
      refuses(labConfig().replace('timeout=0', `timeout=0${blank}`));
      refuses(labConfig().replace(' lab.bridge', ` ${blank} lab.bridge`));
      refuses(`${blank}${labConfig()}`);
    }
  });

  it('is never surprised by a configuration, and ends', () => {
    const words = fc.constantFrom(
      'set',
      ' a=1',
      '$a',
      '${',
      '}',
      '{',
      '"',
      "'",
      '\\',
      '\n',
      ';',
      'menuentry x ',
      'linux /k',
      '#',
      '[',
    );
    const script = fc.oneof(
      fc.string(),
      fc.array(words, { maxLength: 30 }).map((parts) => parts.join('')),
    );
    fc.assert(fc.property(script, (text) => void outcomeOf(() => predict(text))));
  });
});
