import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replayEventLog, parseEventLog } from '../../../src/core/event-log/index.ts';
import { toJson } from '../../../src/cli/json.ts';
import { cli, cliJson } from '../cli-run.ts';

type Case = { file: string; kind: string; expect: Record<string, unknown> };

const lab = 'test/fixtures/lab';
const read = (file: string) => readFileSync(join(lab, file));

/** A folder of vectors made of our own captures. */
function makeVectors(folder: string): Case[] {
  cpSync(join(lab, 'boot/uki/binary_bios_measurements'), join(folder, 'uki.bin'));
  cpSync(join(lab, 'tpm-quote/ek-rsa2048.crt'), join(folder, 'ek.der'));
  for (const name of ['issuercert', 'swtpm-localca-rootca-cert'])
    cpSync(join(lab, `tpm-quote/${name}.pem`), join(folder, `${name}.pem`));
  cpSync(join(lab, 'boot/ima-evil/ima_binary_runtime_measurements'), join(folder, 'ima.bin'));
  const log = parseEventLog(new Uint8Array(read('boot/uki/binary_bios_measurements')));
  const replayed = Object.fromEntries(log.banks.map((bank) => [bank, toJson(replayEventLog(log, bank))]));
  writeFileSync(join(folder, 'uki.pcrs.json'), JSON.stringify({ replayed }));
  writeFileSync(join(folder, 'quote.json'), JSON.stringify(quoteBundle()));
  const pcr10 = JSON.parse(read('boot/ima-evil/pcrs.json').toString()) as Record<string, Record<string, string>>;
  return [
    { file: 'uki.bin', kind: 'eventlog', expect: { parse: 'ok', pcrs_file: 'uki.pcrs.json' } },
    {
      file: 'quote.json',
      kind: 'quote',
      expect: { verdict: 'accept', signature_valid: true, nonce_matches: true, pcr_digest_matches: true },
    },
    { file: 'ek.der', kind: 'certs', expect: { serial_hex: '08', ca: false, tpm_manufacturer: 'id:00001014' } },
    { file: 'ima.bin', kind: 'ima', expect: { parse: 'ok', replay: { '10': { sha256: pcr10['sha256']?.['10'] } } } },
    { file: 'something.cbor', kind: 'corim', expect: { parse: 'ok' } },
    { file: 'key.jwk', kind: 'support', expect: {} },
  ];
}

function quoteBundle() {
  const pcrs = JSON.parse(read('boot/sb-on/pcrs.json').toString()) as Record<string, Record<string, string>>;
  const values = Object.entries(pcrs['sha256'] ?? {}).filter(([pcr]) => Number(pcr) <= 15);
  return {
    attest_b64: read('boot/sb-on/quote/quote_ecc.msg').toString('base64'),
    signature_b64: read('boot/sb-on/quote/quote_ecc.sig').toString('base64'),
    signature_encoding: 'TPMT_SIGNATURE',
    ak: { spki_pem: read('tpm-quote/ak_ecc.pem').toString() },
    expected_qualifying_data_hex: read('boot/sb-on/quote/nonce.hex').toString().trim(),
    pcrs: { sha256: Object.fromEntries(values) },
  };
}

describe('touchstone conformance', () => {
  let folder = '';
  let cases: Case[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-vectors-'));
    cases = makeVectors(folder);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const run = async (changed: readonly Case[] = cases) => {
    writeFileSync(join(folder, 'index.json'), JSON.stringify(changed));
    return cliJson(['conformance', '--vectors', folder]);
  };
  const statuses = (document: Record<string, unknown>) =>
    Object.fromEntries(
      (document['cases'] as { file: string; status: string }[]).map(({ file, status }) => [file, status]),
    );

  it('passes what is observed as expected, skips what is not read yet, and counts neither keys nor folders', async () => {
    const { document, status } = await run();
    const expected = {
      'uki.bin': 'pass',
      'quote.json': 'pass',
      'ek.der': 'pass',
      'ima.bin': 'pass',
      'something.cbor': 'skip',
    };
    assert.deepEqual(statuses(document), expected);
    assert.equal(status, 0);
  });

  it('ends with one line that counts', async () => {
    writeFileSync(join(folder, 'index.json'), JSON.stringify(cases));
    const report = join(folder, 'report.json');
    const { stdout } = await cli(['conformance', '--vectors', folder, '--json', report]);
    assert.equal(stdout.trimEnd().split('\n').at(-1), '4 passed, 0 failed, 1 skipped');
    const [first] = (JSON.parse(readFileSync(report, 'utf8')) as { cases: object[] }).cases;
    assert.deepEqual(Object.keys(first ?? {}), ['file', 'kind', 'status', 'mismatches', 'observed']);
  });

  it('fails every case whose expectation is wrong', async () => {
    const lies: Record<string, Record<string, unknown>> = {
      'uki.bin': { parse: 'error' },
      'quote.json': { pcr_digest_matches: false },
      'ek.der': { serial_hex: '09' },
      'ima.bin': { replay: { '10': { sha256: '00'.repeat(32) } } },
    };
    const changed = cases.map((one) => ({ ...one, expect: { ...one.expect, ...lies[one.file] } }));
    const { document, status } = await run(changed);
    for (const file of Object.keys(lies)) assert.equal(statuses(document)[file], 'fail', file);
    assert.equal(status, 1);
    assert.equal(document['code'], 'CLI_CONFORMANCE_FAILED');
  });

  it('fails when one PCR of the recorded replay is another, is missing, or is one too many', async () => {
    const original = JSON.parse(readFileSync(join(folder, 'uki.pcrs.json'), 'utf8')) as {
      replayed: Record<string, Record<string, string>>;
    };
    const changes: ((bank: Record<string, string>) => void)[] = [
      (bank) => void (bank['4'] = '00'.repeat(32)),
      (bank) => {
        delete bank['4'];
      },
      (bank) => void (bank['23'] = '00'.repeat(32)),
    ];
    for (const change of changes) {
      const copy = structuredClone(original);
      change(copy.replayed['sha256'] ?? {});
      writeFileSync(join(folder, 'uki.pcrs.json'), JSON.stringify(copy));
      assert.equal(statuses((await run()).document)['uki.bin'], 'fail');
    }
  });

  it('fails a case that expects nothing, a kind it has never heard of, and a file that is not there', async () => {
    const { document } = await run([
      { file: 'quote.json', kind: 'quote', expect: {} },
      { file: 'ek.der', kind: 'horoscope', expect: { parse: 'ok' } },
      { file: 'absent.bin', kind: 'eventlog', expect: { parse: 'ok' } },
      { file: '../../../etc/hostname', kind: 'eventlog', expect: { parse: 'error' } },
    ]);
    assert.deepEqual(new Set(Object.values(statuses(document))), new Set(['fail']));
  });

  it('rejects when there is nothing to verify', async () => {
    const { status, document } = await run([]);
    assert.equal(status, 2);
    assert.equal(document['code'], 'CLI_VECTORS_EMPTY');
  });
});
