import assert from 'node:assert/strict';
import { appraise } from '../../../../src/core/appraisal/index.ts';
import { createDenyRules, type Denied } from '../../../../src/core/deny/index.ts';
import { encodeHex } from '../../../../src/core/encoding/index.ts';
import { encodeGoldenStatement, expectationDigest } from '../../../../src/core/golden/index.ts';
import { denyEntry, denyList } from '../../deny/material.ts';
import { approve } from '../../golden/material.ts';
import { labEvidence, labGoldens, labPolicy, labTrust } from '../lab.ts';

const at = new Date('2026-11-25T12:00:00Z');

describe('denied golden measurements', () => {
  const goldens = labGoldens('sb-on');
  const kernel = goldens.find(({ statement }) => statement.layer === 'kernel');
  assert.ok(kernel);
  /** The same expectation, under another name. */
  const named = approve({ ...kernel.statement, subjects: [{ name: 'pkg:deb/debian/linux@6.1.90-1', sha256: new Uint8Array(32) }] }); // prettier-ignore
  const judge = (trusted: typeof goldens, denies: Denied, policy = labPolicy()) => {
    const denied = createDenyRules([denyList([denyEntry(denies)])]);
    const { status, findings } = appraise(labEvidence('sb-on'), { ...labTrust('sb-on', trusted), denied }, policy, at);
    return [status, ...findings.filter(({ check }) => check === 'denied').map(({ golden }) => golden)];
  };

  it('deny a boot that agrees with one of them, also where another one agrees with it, in any order', () => {
    assert.notDeepEqual(encodeGoldenStatement(named.statement), encodeGoldenStatement(kernel.statement));
    for (const trusted of [
      [...goldens, named],
      [named, ...goldens],
    ]) {
      for (const { id } of [kernel, named]) {
        assert.deepEqual(judge(trusted, { kind: 'golden', id }), ['contraindicated', id]);
      }
      const subject = { kind: 'golden-subject', layer: 'kernel', name: 'pkg:deb/debian/linux@6.1.90-1' } as const;
      assert.deepEqual(judge(trusted, subject), ['contraindicated', named.id]);
    }
  });

  it('deny a boot also where its policy does not demand that layer', () => {
    const policy = { ...labPolicy(), layers: labPolicy().layers.filter((layer) => layer !== 'kernel') };
    assert.deepEqual(judge([...goldens], { kind: 'golden', id: kernel.id }, policy).slice(1), [kernel.id]);
  });

  it('are denied by a name in their own layer alone', () => {
    const name = 'pkg:deb/debian/linux@6.1.90-1';
    assert.deepEqual(judge([...goldens, named], { kind: 'golden-subject', layer: 'initrd', name }), ['affirming']);
  });

  it('deny no boot that does not agree with them', () => {
    const ours = new Set(goldens.map(({ statement }) => encodeHex(expectationDigest(statement))));
    const other = labGoldens('cfg-tampered').find(
      ({ statement }) => !ours.has(encodeHex(expectationDigest(statement))),
    );
    assert.ok(other);
    assert.deepEqual(judge([...goldens, other], { kind: 'golden', id: other.id }), ['affirming']);
  });
});
