import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeUtf8 } from '../../src/core/encoding/index.ts';
import { encodeSignatureList, guids } from '../../src/core/event-log/index.ts';
import { parseGoldenStatement } from '../../src/core/golden/index.ts';
import { makePe, makeUnifiedKernel, measuredPcr, measuredVariables } from '../core/prediction/material.ts';
import { cli, cliJson } from './cli-run.ts';

const log = 'test/fixtures/lab/boot/sb-on/binary_bios_measurements';
const grubConfig = 'menuentry x {\n  linux /vmlinuz quiet\n  initrd /initrd\n}\n';

interface Predicted {
  readonly statements: readonly { readonly layer: string; readonly id: string; readonly file: string }[];
  readonly gaps: readonly { readonly layer: string }[];
  readonly bank: string;
  readonly pcrs: Readonly<Record<string, string>>;
}

describe('touchstone golden predict', () => {
  let folder = '';
  let drafts = 0;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-predict-'));
    const write = (name: string, bytes: Uint8Array | string) => writeFileSync(join(folder, name), bytes);
    write('loader.efi', makePe([{ name: '.text', content: encodeUtf8('loader') }]));
    write('linux.efi', makeUnifiedKernel(252, { '.linux': 'k', '.cmdline': 'quiet', '.initrd': 'i' }));
    write(
      'signed.efi',
      makeUnifiedKernel(252, { '.linux': 'k', '.cmdline': 'quiet', '.initrd': 'i', '.pcrsig': '{}' }),
    );
    write('grub.cfg', grubConfig);
    write('initrd', 'initrd');
    write('dbx.esl', encodeSignatureList({ typeGuid: guids.certSha256, owner: guids.shimLock, signatures: [new Uint8Array(32)] })); // prettier-ignore
    for (const name of ['PK', 'KEK', 'db']) write(`${name}.esl`, measuredVariables('uki', name)[0] ?? '');
  });
  after(() => rmSync(folder, { recursive: true }));

  const at = (name: string): string => join(folder, name);

  async function predict(...args: readonly string[]) {
    const out = at(`drafts-${(drafts += 1)}`);
    const { status, document } = await cliJson(['golden', 'predict', '--out', out, ...args]);
    return { status, out, document, predicted: document as unknown as Predicted };
  }

  async function misused(...args: readonly string[]): Promise<void> {
    const { status, document, out } = await predict(...args);
    assert.deepEqual([status, document['code'], existsSync(out)], [2, 'CLI_USAGE_INVALID', false], args.join(' '));
  }

  const grub = (): string[] => ['--efi', at('loader.efi'), '--kernel', at('loader.efi'), '--grub-config', at('grub.cfg'), '--initrd', at('initrd')]; // prettier-ignore

  it('writes one unsigned statement for each layer, which golden sign takes', async () => {
    const { status, out, predicted } = await predict(...grub());
    assert.equal(status, 0);
    assert.deepEqual(
      predicted.statements.map(({ layer }) => layer),
      ['boot-loader', 'kernel', 'kernel-command-line', 'initrd'],
    );
    assert.deepEqual(
      readdirSync(out).sort(),
      predicted.statements.map(({ layer }) => `${layer}.statement.json`).sort(),
    );
    const statement = parseGoldenStatement(new Uint8Array(readFileSync(join(out, 'kernel.statement.json'))));
    assert.equal(statement.provenance?.source, 'predicted');
    assert.equal((await cli(['signer', 'create', 'ada', '--out', at('keys')])).status, 0);
    const signed = await cli(['golden', 'sign', join(out, 'kernel.statement.json'), '--key', at('keys/ada.key.pem'), '--yes']); // prettier-ignore
    assert.equal(signed.status, 0, signed.stderr);
    assert.ok(existsSync(join(out, 'kernel.dsse.json')));
  });

  it('tells PCR 7 of a boot log, and of the same keys after an update of dbx', async () => {
    const same = await predict('--boot-log', log);
    assert.equal(same.predicted.pcrs['7'], measuredPcr('sb-on', 7));
    const planned = await predict('--boot-log', log, '--dbx-add', at('dbx.esl'));
    assert.notEqual(planned.predicted.pcrs['7'], measuredPcr('sb-on', 7));
    assert.notEqual(planned.predicted.statements[0]?.id, same.predicted.statements[0]?.id);
  });

  it('takes Secure Boot from key files, or off', async () => {
    const off = await predict('--uki', at('linux.efi'), '--secure-boot-off');
    assert.deepEqual(Object.keys(off.predicted.pcrs), ['4', '7', '9', '11']);
    const keys = ['--pk', at('PK.esl'), '--kek', at('KEK.esl'), '--db', at('db.esl')];
    const refused = await predict('--uki', at('linux.efi'), ...keys);
    assert.deepEqual([refused.status, refused.document['code']], [1, 'PREDICTION_AUTHORITY_UNKNOWN']);
  });

  it('changes the command line, adds phases and banks', async () => {
    const [plain, changed] = [await predict(...grub()), await predict(...grub(), '--command-line', 'quiet debug')];
    assert.notEqual(plain.predicted.pcrs['8'], changed.predicted.pcrs['8']);
    assert.equal(plain.predicted.pcrs['4'], changed.predicted.pcrs['4']);
    const [bare, ready] = [await predict('--uki', at('linux.efi')), await predict('--uki', at('linux.efi'), '--phases', 'enter-initrd,ready')]; // prettier-ignore
    assert.notEqual(bare.predicted.pcrs['11'], ready.predicted.pcrs['11']);
    const wide = await predict('--uki', at('linux.efi'), '--banks', 'sha384,sha256');
    assert.deepEqual([wide.predicted.bank, wide.predicted.pcrs['4']?.length], ['sha384', 96]);
  });

  it('says which layer is not predicted', async () => {
    const { predicted } = await predict('--uki', at('signed.efi'));
    assert.deepEqual(predicted.gaps.map(({ layer }) => layer), ['secure-boot', 'initrd']); // prettier-ignore
    const text = await cli(['golden', 'predict', '--uki', at('signed.efi'), '--out', at('text')]);
    assert.match(text.stdout, /not predicted: initrd/);
    assert.match(text.stdout, /not predicted: secure-boot \(no keys were given; Secure Boot is taken to be on\)/);
    assert.match(text.stdout, /nothing is trusted yet/);
  });

  it('refuses options that contradict each other, and writes nothing', async () => {
    await misused('--kernel', at('loader.efi'));
    await misused('--command-line', 'quiet');
    await misused('--uki', at('linux.efi'), '--dbx-add', at('dbx.esl'));
    await misused('--uki', at('linux.efi'), '--pk', at('PK.esl'));
    await misused('--uki', at('linux.efi'), '--pk', at('PK.esl'), '--secure-boot-off');
    await misused('--uki', at('linux.efi'), '--banks', 'md5');
    await misused('--uki', at('linux.efi'), '--banks', 'sha256,sha256');
    const { status, document } = await predict();
    assert.deepEqual([status, document['code']], [1, 'PREDICTION_PLAN_INVALID']);
  });

  it('names the file that it cannot read, and the loader that these hosts would refuse', async () => {
    const refusal = async (...args: readonly string[]) => {
      const { document } = await predict(...args);
      return [document['code'], document['message']];
    };
    const keys = ['--pk', at('PK.esl'), '--kek', at('KEK.esl'), '--db', at('db.esl')];
    assert.deepEqual(await refusal('--uki', at('grub.cfg')), ['PREDICTION_PE_INVALID', `${at('grub.cfg')}: no MZ mark (at byte 0)`]); // prettier-ignore
    const [code, message] = await refusal('--boot-log', log, '--dbx-add', at('loader.efi'));
    assert.equal(code, 'PREDICTION_UPDATE_INVALID');
    assert.ok(String(message).startsWith(`${at('loader.efi')}: impossible sizes`));
    assert.match(String((await refusal(...grub(), ...keys))[1]), /leads to the signer of loader 1 \(signed by nobody/);
    assert.match(String((await refusal('--uki', at('linux.efi'), ...keys))[1]), /of the unified kernel image/);
  });

  it('overwrites nothing: not even one file of several', async () => {
    const { out } = await predict('--uki', at('linux.efi'));
    rmSync(join(out, 'boot-loader.statement.json'));
    const again = await cliJson(['golden', 'predict', '--uki', at('linux.efi'), '--out', out]);
    assert.deepEqual([again.status, again.document['code']], [1, 'CLI_FILE_EXISTS']);
    assert.equal(existsSync(join(out, 'boot-loader.statement.json')), false);
  });
});
