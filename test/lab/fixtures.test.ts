// The lab's boots again, without the lab: evidence that our agent sent from real guests is appraised anew, with the golden
// measurements that were in force then, and the verdict is the one that the server gave.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { decodeHex, decodeUtf8 } from '../../src/core/encoding/index.ts';
import { appraise, parsePolicy, type AppraisalPolicy, type Evidence } from '../../src/core/appraisal/index.ts';
import { parseGoldenStatement, type ApprovedGolden } from '../../src/core/golden/index.ts';
import { parsePolicyDocument, readPolicyDocument, shippedPolicyFile } from '../../src/cli/inputs/policy-document.ts';
import { parseAttest, verifyAttestationKey, type BootState, type ClaimedPcrs } from '../../src/core/tpm/index.ts';
import type { HashAlgorithm } from '../../src/core/crypto/index.ts';
import { approve } from '../core/golden/material.ts';
import { bootLayers } from '../../src/core/event-log/index.ts';
import { scenarios } from '../../lab/scenarios.ts';

const folder = join(import.meta.dirname, '../fixtures/lab/guests');

interface RecordedVerdict {
  readonly host: string;
  readonly status: string;
  readonly codes: readonly string[];
  readonly layers: readonly string[];
  readonly boot?: { readonly epoch: string; readonly resetCount: number; readonly restartCount: number };
  readonly issuedAt: string;
  readonly goldens: readonly string[];
}

type WirePcrs = Readonly<Record<string, Readonly<Record<string, string>>>>;

const read = (...path: readonly string[]): Uint8Array => new Uint8Array(readFileSync(join(folder, ...path)));
const readIfThere = (...path: readonly string[]) => (existsSync(join(folder, ...path)) ? read(...path) : undefined);
const readJson = (...path: readonly string[]): unknown => JSON.parse(decodeUtf8(read(...path)));

const boots = readdirSync(join(folder, 'boots')).map((name) => {
  return { name, verdict: readJson('boots', name, 'verdict.json') as RecordedVerdict };
});

function evidenceOf(boot: string): Evidence {
  const quote = (name: string): Uint8Array => read('boots', boot, 'quote', name);
  const imaLog = readIfThere('boots', boot, 'ima_binary_runtime_measurements');
  return {
    attest: quote('quote_ecc.msg'),
    signature: quote('quote_ecc.sig'),
    pcrs: readPcrs(readJson('boots', boot, 'pcrs.json') as WirePcrs),
    eventLog: readIfThere('boots', boot, 'binary_bios_measurements'),
    ...(imaLog === undefined ? {} : { imaLog }),
  };
}

function readPcrs(banks: WirePcrs): ClaimedPcrs {
  const values = (pcrs: Readonly<Record<string, string>>) =>
    new Map(Object.entries(pcrs).map(([pcr, value]) => [Number(pcr), decodeHex(value)]));
  return new Map(Object.entries(banks).map(([bank, pcrs]) => [bank as HashAlgorithm, values(pcrs)]));
}

function approvedThen({ goldens }: RecordedVerdict): readonly ApprovedGolden[] {
  return goldens.map((id) => approve(parseGoldenStatement(read('goldens', `${id}.json`))));
}

/** The last statement of the same TPM before this one. */
function bootBefore(name: string, { host, issuedAt }: RecordedVerdict): BootState | undefined {
  const earlier = boots.filter(({ verdict }) => verdict.host === host && verdict.issuedAt < issuedAt);
  const last = earlier.sort((left, right) => (left.verdict.issuedAt < right.verdict.issuedAt ? -1 : 1)).at(-1);
  if (last === undefined) return undefined;
  const { clock, firmwareVersion } = parseAttest(read('boots', last.name, 'quote', 'quote_ecc.msg'));
  assert.notEqual(last.name, name);
  return { clock, firmwareVersion };
}

function policyOf(host: string, { imaLog }: Evidence): AppraisalPolicy {
  if (host === 'strict')
    return parsePolicyDocument(readPolicyDocument(shippedPolicyFile('hypervisor-strict'), undefined));
  const layers = imaLog === undefined ? bootLayers : [...bootLayers, 'runtime'];
  const facts = host === 'no-secure-boot' ? {} : { requireFacts: { secureBoot: 'enabled' } };
  return parsePolicy({ id: 'lab', version: 1, layers, verdictSeconds: 3600, ...facts });
}

function appraiseAgain(name: string, verdict: RecordedVerdict) {
  const evidence = evidenceOf(name);
  const policy = policyOf(verdict.host, evidence);
  const host = { id: verdict.host, attestationKey: verifyAttestationKey(read('boots', name, 'quote', 'ak_ecc.pub')) };
  const qualifyingData = decodeHex(decodeUtf8(read('boots', name, 'quote', 'nonce.hex')).trim());
  const goldens = approvedThen(verdict);
  const previousBoot = bootBefore(name, verdict);
  const trust = {
    host,
    endorsement: 'verified' as const,
    qualifyingData,
    challengedAt: undefined,
    goldens,
    previousBoot,
  };
  return appraise(evidence, trust, policy, new Date(verdict.issuedAt));
}

describe('evidence from the guests of the lab', () => {
  it('is there for every scenario in which a guest attests', () => {
    const told = new Set(boots.map(({ name }) => name.replace(/-\d+$/, '')));
    const silent = scenarios.filter(({ name }) => !told.has(name)).map(({ name }) => name);
    assert.deepEqual(silent, ['unified-damaged']);
  });

  for (const { name, verdict } of boots) {
    it(`${name}: is ${verdict.status} again${verdict.codes.length === 0 ? '' : ` (${verdict.codes.join(', ')})`}`, () => {
      const { status, findings, layers, boot } = appraiseAgain(name, verdict);
      const codes = findings.filter(({ severity }) => severity === 'error').map((finding) => finding.code);
      const expected = verdict.codes;
      assert.deepEqual([...new Set(codes)].sort(), expected);
      assert.equal(status, verdict.status);
      const known = verdict.layers.filter((layer) => layer !== 'runtime' || evidenceOf(name).imaLog !== undefined);
      assert.deepEqual(Object.keys(layers).sort(), known);
      assert.equal(boot?.epoch, verdict.boot?.epoch);
    });
  }
});
