// golden-measurements/: files that anybody can check against the boot they describe.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { publicKeyFromPem } from '../../../src/core/crypto/index.ts';
import { appraise } from '../../../src/core/appraisal/index.ts';
import { createGoldenStatements, expectationDigest, verifyGolden } from '../../../src/core/golden/index.ts';
import { bootLayers, labEvidence, labLog, labPolicy, labTrust } from '../appraisal/lab.ts';
import { noon } from './material.ts';

const folder = fileURLToPath(new URL('../../../golden-measurements/', import.meta.url));
const signers = readdirSync(`${folder}signers`).map((file) => ({
  name: file.replace('.pem', ''),
  publicKey: publicKeyFromPem(readFileSync(`${folder}signers/${file}`, 'utf8')),
}));

function readGoldens(quorum: number): readonly ReturnType<typeof verifyGolden>[] {
  return readdirSync(`${folder}lab-sb-on`).map((file) => {
    const envelope = new Uint8Array(readFileSync(`${folder}lab-sb-on/${file}`));
    return verifyGolden(envelope, { signers, quorum, at: noon });
  });
}

describe('the worked example of golden measurements', () => {
  it('is signed by two operators, and by no third', () => {
    const goldens = readGoldens(2);
    assert.deepEqual(goldens.map(({ statement }) => statement.layer).sort(), [...bootLayers].sort());
    assert.throws(() => readGoldens(3), { code: 'GOLDEN_QUORUM_NOT_REACHED' });
  });

  it('holds what a capture of the boot gives today', () => {
    const captured = createGoldenStatements(labLog('sb-on'));
    for (const { statement } of readGoldens(2)) {
      const now = captured.find(({ layer }) => layer === statement.layer);
      assert.ok(now !== undefined);
      assert.deepEqual(expectationDigest(statement), expectationDigest(now));
      assert.deepEqual(statement.subjects[0]?.sha256, expectationDigest(statement));
    }
  });

  it('accepts the boot it describes, and refuses a tampered one', () => {
    const goldens = readGoldens(2);
    const statusOf = (run: string): string =>
      appraise(labEvidence(run), labTrust(run, goldens), labPolicy(), noon).status;
    assert.equal(statusOf('sb-on'), 'affirming');
    assert.equal(statusOf('cfg-tampered'), 'contraindicated');
  });
});
