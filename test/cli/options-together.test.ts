// Options that would be passed over in silence: what stands beside them has no use for them, or they say nothing.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cliJson, typed } from './cli-run.ts';

const boot = join(import.meta.dirname, '../fixtures/lab/boot/sb-on');
const log = `${boot}/binary_bios_measurements`;
const [signature, key, pcrs] = ['quote/quote_rsa.sig', 'quote/ak_rsa.pem', 'pcrs.json'].map((name) =>
  join(boot, name),
) as [string, string, string];
const quote = `${boot}/quote/quote_rsa.msg`;

describe('an option that would be passed over', () => {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-options-'));
  const bundle = join(folder, 'anchors.dsse.json');
  const issuer = join(import.meta.dirname, '../../certs/amd/amd-ftpm-ecc-rootca.pem');
  const out = join(folder, 'x');
  writeFileSync(bundle, '{}');
  after(() => rmSync(folder, { recursive: true }));
  /** Nobody listens there. */
  const env = { TOUCHSTONE_SERVER: 'http://127.0.0.1:9', TOUCHSTONE_TOKEN: 'of nobody' };

  for (const [words, message] of [
    [typed`agent run --minimum-status warning`, /--until-trusted/],
    [typed`agent run --wait-at-most 5m`, /--until-trusted/],
    [typed`signing-key rotate --compromised --signs-in 2d --reason stolen --yes`, /--signs-in does not go with it/],
    [typed`inspect event-log ${log} --diff ${log} --pcr 4`, /without --pcr/],
    [typed`inspect event-log ${log} --diff ${log} --revocations ${log}`, /and --revocations/],
    [typed`inspect event-log ${log} --diff ${log} --userspace-log ${log}`, /--userspace-log/],
    [typed`inspect event-log ${log} --pcr 24`, /from 0 to 23/],
    [typed`inspect event-log ${log} --pcr ${''}`, /a value is expected/],
    [typed`inspect quote ${quote} --pcrs ${pcrs}`, /give both/],
    [typed`events --kind ${''}`, /a value is expected/],
    [typed`audit list --action ,`, /a value is expected/],
    [typed`break-glass propose --host ${''} --for 1h --reason r --ticket t --out ${out}`, /a value is expected/],
    [typed`golden revoke sha256:4f1d9c02 --reason r --cve 2023-40547 --dry-run`, /CVE-2023-40547/],
    [typed`trust-anchor import ${bundle} ${bundle}`, /import it alone/],
    [typed`trust-anchor import ${bundle} --scope virtual`, /says itself what its roots are/],
    [typed`trust-anchor import ${bundle} --name maker`, /says itself what its roots are/],
    [typed`trust-anchor import ${bundle} --require-crl`, /says itself what its roots are/],
    [typed`trust-anchor import ${bundle} --with-intermediates`, /says itself what its roots are/],
  ] as const) {
    it(`is misuse: ${words.map((word) => word.replace(boot, '…').replace(folder, '…')).join(' ')}`, async () => {
      const { status, document } = await cliJson(words, { env });
      assert.deepEqual([status, document['code']], [2, 'CLI_USAGE_INVALID']);
      assert.match(String(document['message']), message);
    });
  }

  it('reads no document that nobody could have written', async () => {
    writeFileSync(out, '{'.repeat(5 * 1024 * 1024));
    const { document } = await cliJson(typed`policy check ${out}`);
    assert.equal(document['code'], 'CLI_FILE_TOO_LARGE');
  });

  it('names a list that is none once', async () => {
    const { document } = await cliJson(typed`crl import ${bundle} ${bundle} --issuer ${issuer}`, { env });
    assert.equal(String(document['message']).split(bundle).length, 2);
    const alone = await cliJson(typed`crl import ${bundle} --issuer ${issuer}`, { env });
    assert.equal(String(alone.document['message']).split(bundle).length, 2);
  });

  it('is none where it has a use', async () => {
    for (const words of [
      typed`inspect event-log ${log} --pcr 0,23`,
      typed`inspect event-log ${log} --diff ${log} --bank sha1`,
      typed`inspect quote ${quote} --signature ${signature} --public ${key} --pcrs ${pcrs}`,
    ])
      assert.equal((await cliJson(words, { env })).status, 0, words.join(' '));
  });
});
