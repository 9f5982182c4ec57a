// Both logs on the command line, in JSON; and every quirk that was tolerated, by name.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concatBytes } from '../../src/core/encoding/index.ts';
import { encodeEventLog, eventTypes, parseEventLog } from '../../src/core/event-log/index.ts';
import { cli, cliJson } from './cli-run.ts';

const lab = 'test/fixtures/lab';
const systemd = `${lab}/userspace/systemd-262`;
const firmware = `${lab}/boot/sdboot-uki/binary_bios_measurements`;
const userspace = `${systemd}/tpm2-measure.json-seq`;

interface Quirk {
  readonly id: string;
  readonly detail: string;
}

interface ShownEvent {
  readonly index: number;
  readonly pcr: number;
  readonly untrustedOrigin: string | null;
  readonly layer: string | null;
  readonly measurement: { readonly kind: string } | null;
  readonly untrustedContent: { readonly string?: string; readonly eventType?: string } | null;
}

function quoteArguments(folder: string): string[] {
  const nonce = readFileSync(`${folder}/nonce.hex`, 'utf8').trim();
  const files = { attest: 'quote.msg', signature: 'quote.sig', public: 'ak.pub', pcrs: 'pcrs.json' };
  const named = Object.entries(files).flatMap(([option, file]) => [`--${option}`, `${folder}/${file}`]);
  return ['verify', 'quote', ...named, '--nonce', nonce];
}

describe('inspect event-log --userspace-log', () => {
  it('attributes every event in JSON, under a name that says it is not attested', async () => {
    const { document, status } = await cliJson(['inspect', 'event-log', firmware, '--userspace-log', userspace]);
    assert.equal(status, 0);
    const events = document['events'] as ShownEvent[];
    const origins = new Set(events.map(({ untrustedOrigin }) => untrustedOrigin));
    // The Spec ID record extends nothing: nobody measured it.
    assert.deepEqual([...origins], [null, 'firmware', 'loader', 'stub', 'userspace']);
    const phases = events.filter(({ measurement }) => measurement?.kind === 'phase');
    assert.deepEqual(
      phases.map(({ pcr, layer, untrustedContent }) => [pcr, layer, untrustedContent?.string]),
      ['enter-initrd', 'leave-initrd', 'sysinit', 'ready'].map((phase) => [11, null, phase]),
    );
  });

  it('names the records of NvPCRs apart from events, with the numbers that are missing there', async () => {
    const { document } = await cliJson(['inspect', 'event-log', firmware, '--userspace-log', userspace]);
    const shown = document['userspace'] as { records: number; nvRecords: { index: number; nvIndex: number }[] };
    assert.equal(shown.records, 24);
    assert.deepEqual(
      shown.nvRecords.map(({ index, nvIndex }) => [index, nvIndex]),
      [
        [60, 0x1d10200],
        [61, 0x1d10203],
      ],
    );
    const indices = (document['events'] as ShownEvent[]).map(({ index }) => index);
    assert.ok(!indices.includes(60) && indices.includes(62));
  });

  it('says nothing of userspace where no log is given', async () => {
    const { document } = await cliJson(['inspect', 'event-log', firmware]);
    assert.equal(document['userspace'], undefined);
  });
});

describe('verify quote --userspace-log', () => {
  const logs = ['--event-log', firmware, '--userspace-log', userspace];

  it('counts in JSON what the quote confirms', async () => {
    const { document, status } = await cliJson([...quoteArguments(systemd), ...logs]);
    assert.equal(status, 0);
    assert.deepEqual(document['userspace'], { records: 24, confirmed: 22, later: 0, nvRecords: 2 });
    assert.deepEqual(document['quirks'], []);
  });

  it('refuses a quote that the two logs together do not lead to', async () => {
    const foreign = `${lab}/userspace/systemd-257/tpm2-measure.json-seq`;
    const { document, status } = await cliJson([
      ...quoteArguments(systemd),
      ...['--event-log', firmware, '--userspace-log', foreign],
    ]);
    assert.equal(status, 1);
    assert.equal(document['code'], 'CLI_QUOTE_UNEXPLAINED');
  });

  describe('with records that came after the quote', () => {
    let folder: string;
    let later: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'ts-later-'));
      later = join(folder, 'log');
      const log = readFileSync(userspace, 'utf8');
      const last = log.slice(log.lastIndexOf('\u001e'));
      writeFileSync(later, log + last + last);
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    it('uses those that the quote confirms, and says how many it left out', async () => {
      const args = [...quoteArguments(systemd), '--event-log', firmware, '--userspace-log', later];
      const { stdout, status } = await cli(args);
      assert.equal(status, 0);
      assert.match(stdout, /^userspace log +26 records, 22 confirmed, 2 not extended when quoted, 2 of NvPCRs/m);
      assert.match(stdout, /^sha256 +11 .* explained by 12 events$/m);
    });

    it('finds the PCR values from the logs alone', async () => {
      const args = quoteArguments(systemd).filter((word) => word !== '--pcrs' && !word.endsWith('pcrs.json'));
      const ima = ['--ima-log', `${systemd}/ima_binary_runtime_measurements`];
      const { status } = await cli([...args, '--event-log', firmware, '--userspace-log', later, ...ima]);
      assert.equal(status, 0);
    });
  });
});

describe('quirks that were tolerated', () => {
  let folder: string;
  let path: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ts-quirks-'));
    path = join(folder, 'log');
    writeFileSync(path, oddLog());
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const boot = `${lab}/boot/sb-on`;
  const quoteOf = () => [
    ...['verify', 'quote', '--attest', `${boot}/quote/quote_ecc.msg`, '--signature', `${boot}/quote/quote_ecc.sig`],
    ...['--nonce', readFileSync(`${boot}/quote/nonce.hex`, 'utf8').trim(), '--pcrs', `${boot}/pcrs.json`],
    ...['--event-log', path],
  ];
  const idsOf = ({ quirks }: Record<string, unknown>): string[] => (quirks as Quirk[]).map(({ id }) => id);

  it('are named by inspect event-log, as text and as JSON', async () => {
    assert.match((await cli(['inspect', 'event-log', path])).stdout, /^quirk +trailing-padding: /m);
    const { document } = await cliJson(['inspect', 'event-log', path]);
    assert.deepEqual(idsOf(document), ['trailing-padding']);
  });

  it('are named by verify quote, with those that only the attested values show', async () => {
    const args = [...quoteOf(), '--public', `${lab}/tpm-quote/ak_ecc.pub`];
    const { stdout, status } = await cli(args);
    assert.equal(status, 0);
    assert.match(stdout, /^quirk +trailing-padding: /m);
    assert.match(stdout, /^quirk +exit-boot-services-unlogged: /m);
    const { document } = await cliJson(args);
    assert.deepEqual(idsOf(document), ['trailing-padding', 'exit-boot-services-unlogged']);
  });

  it('are named by verify quote with a bare key too, which tolerates only what parsing shows', async () => {
    const args = [...quoteOf(), '--public', `${lab}/tpm-quote/ak_ecc.pem`];
    const { document, status } = await cliJson(args);
    assert.deepEqual(idsOf(document), ['trailing-padding']);
    assert.deepEqual([status, document['code']], [1, 'CLI_QUOTE_UNEXPLAINED']);
  });
});

/** The log of a lab boot, copied out of firmware memory before boot services ended. */
function oddLog(): Uint8Array {
  const log = parseEventLog(new Uint8Array(readFileSync(`${lab}/boot/sb-on/binary_bios_measurements`)));
  const events = log.events
    .filter(({ untrustedType }) => untrustedType !== eventTypes.EV_NO_ACTION)
    .filter(({ untrustedData }) => !new TextDecoder().decode(untrustedData).startsWith('Exit Boot Services'))
    .map(({ pcr, untrustedType, untrustedData, digests }) => ({
      pcr,
      type: untrustedType,
      data: untrustedData,
      digests,
    }));
  return concatBytes(encodeEventLog(events, { banks: log.banks }), new Uint8Array(64).fill(0xff));
}
