// Evidence of a TPM whose PCRs hold a captured boot and what a real systemd measured after it: appraised whole.
import assert from 'node:assert/strict';
import { decodeHex } from '../../../src/core/encoding/index.ts';
import { parseEventLog, parseUserspaceLog, verifyEventLog } from '../../../src/core/event-log/index.ts';
import { createGoldenStatements, type ApprovedGolden } from '../../../src/core/golden/index.ts';
import { parseImaList, verifyImaList } from '../../../src/core/ima/index.ts';
import { verifyAttestationKey, verifyPcrs, verifyQuote, type ClaimedPcrs } from '../../../src/core/tpm/index.ts';
import { appraise, type Evidence, type Trust } from '../../../src/core/appraisal/index.ts';
import type { Verdict } from '../../../src/core/verdict/index.ts';
import { labLog as labBytes } from '../event-log/logs.ts';
import { readSystemd, systemdRuns } from '../event-log/userspace/userspace.ts';
import { approve } from '../golden/material.ts';
import { bootLayers, labGoldens, labPolicy } from './lab.ts';

const at = new Date('2026-11-25T12:00:00Z');
type Run = (typeof systemdRuns)[number];
const [older, newer] = systemdRuns;

function readText(run: Run, file: string): string {
  return new TextDecoder().decode(readSystemd(run.run, file)).trim();
}

function evidenceOf(run: Run): Evidence {
  const values = (JSON.parse(readText(run, 'pcrs.json')) as Record<string, Record<string, string>>)['sha256'] ?? {};
  const quoted = Array.from({ length: 16 }, (_, pcr) => [pcr, decodeHex(values[pcr] ?? '')] as const);
  const pcrs: ClaimedPcrs = new Map([['sha256', new Map(quoted)]]);
  return {
    attest: readSystemd(run.run, 'quote.msg'),
    signature: readSystemd(run.run, 'quote.sig'),
    pcrs,
    eventLog: labBytes(run.boot),
    userspaceLog: readSystemd(run.run, 'tpm2-measure.json-seq'),
  };
}

function trustOf(run: Run, goldens: readonly ApprovedGolden[]): Trust {
  const attestationKey = verifyAttestationKey(readSystemd(run.run, 'ak.pub'));
  const qualifyingData = decodeHex(readText(run, 'nonce.hex'));
  return {
    host: { id: 'hv-01', attestationKey },
    endorsement: 'verified',
    qualifyingData,
    goldens,
    challengedAt: undefined,
    previousBoot: undefined,
  };
}

/** `goldens`: of the same boot, quoted before any system ran. */
function appraiseRun(
  run: Run,
  more: Partial<Evidence> = {},
  goldens = labGoldens(run.boot),
  layers: readonly string[] = bootLayers,
): Verdict {
  return appraise({ ...evidenceOf(run), ...more }, trustOf(run, goldens), labPolicy({ layers }), at);
}

function without(run: Run, ...members: (keyof Evidence)[]): Evidence {
  return Object.fromEntries(
    Object.entries(evidenceOf(run)).filter(([name]) => !members.includes(name as keyof Evidence)),
  ) as unknown as Evidence;
}

describe('a host that runs systemd', () => {
  for (const run of systemdRuns) {
    it(`${run.run}: is trusted by golden measurements of the boot alone`, () => {
      const verdict = appraiseRun(run);
      assert.deepEqual(
        verdict.findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code),
        [],
      );
      assert.equal(verdict.status, 'affirming');
      assert.deepEqual(Object.keys(verdict.layers), [...bootLayers]);
    });

    it(`${run.run}: is not, when it keeps its userspace log to itself`, () => {
      const silent = without(run, 'userspaceLog');
      const verdict = appraise(silent, trustOf(run, labGoldens(run.boot)), labPolicy({ layers: bootLayers }), at);
      assert.equal(verdict.status, 'none');
      assert.ok(verdict.findings.some(({ code, pcr }) => code === 'LOG_PCR_MISMATCH' && pcr === 11));
    });

    it(`${run.run}: is not, with one bit of a digest in that log flipped`, () => {
      const log = readSystemd(run.run, 'tpm2-measure.json-seq');
      const place = new TextDecoder().decode(log).indexOf('"sha256","digest":"') + '"sha256","digest":"'.length;
      log[place] = (log[place] ?? 0) === 0x30 ? 0x31 : 0x30;
      assert.notEqual(appraiseRun(run, { userspaceLog: log }).status, 'affirming');
    });

    it(`${run.run}: gives golden measurements that are those of the boot alone`, () => {
      const { attestationKey: key } = trustOf(run, []).host;
      const evidence = evidenceOf(run);
      const quote = verifyQuote({ ...evidence, key, qualifyingData: decodeHex(readText(run, 'nonce.hex')) });
      const log = verifyEventLog(
        parseEventLog(evidence.eventLog ?? assert.fail()),
        verifyPcrs(quote, evidence.pcrs),
        parseUserspaceLog(evidence.userspaceLog ?? assert.fail()),
      );
      const events = createGoldenStatements(log).map((statement) => [statement.layer, statement.events]);
      const alone = labGoldens(run.boot).map(({ statement }) => [statement.layer, statement.events]);
      assert.deepEqual(events, alone);
    });
  }

  it('ties its IMA list to the registers as the kernel found them, before systemd closed them', () => {
    const imaLog = readSystemd(newer.run, 'ima_binary_runtime_measurements');
    const evidence = evidenceOf(newer);
    const { attestationKey: key } = trustOf(newer, []).host;
    const pcrs = verifyPcrs(
      verifyQuote({ ...evidence, key, qualifyingData: decodeHex(readText(newer, 'nonce.hex')) }),
      evidence.pcrs,
    );
    const log = verifyEventLog(
      parseEventLog(evidence.eventLog ?? assert.fail()),
      pcrs,
      parseUserspaceLog(evidence.userspaceLog ?? assert.fail()),
    );
    const list = parseImaList(imaLog);
    assert.throws(() => verifyImaList({ list, pcrs }), { code: 'IMA_BOOT_AGGREGATE_MISMATCH' });
    const ima = verifyImaList({ list, pcrs, atKernelStart: log.userspace?.before ?? assert.fail() });
    const goldens = createGoldenStatements(log, { ima }).map(approve);
    const verdict = appraiseRun(newer, { imaLog }, goldens, [...bootLayers, 'runtime']);
    assert.equal(verdict.status, 'affirming');
    const silent = appraise(
      { ...without(newer, 'userspaceLog'), imaLog },
      trustOf(newer, goldens),
      labPolicy({ layers: ['runtime'] }),
      at,
    );
    assert.ok(silent.findings.some(({ code }) => code === 'IMA_BOOT_AGGREGATE_MISMATCH'));
  });

  it('is not trusted with the userspace log of another boot', () => {
    const foreign = readSystemd(older.run, 'tpm2-measure.json-seq');
    assert.equal(appraiseRun(newer, { userspaceLog: foreign }).status, 'none');
  });
});
