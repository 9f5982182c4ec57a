import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { configSchema } from '../../src/server/config/config.schema.ts';
import { describePattern, patterns } from '../../src/server/config/patterns.table.ts';
import { loadContract } from '../../src/server/http/contract.ts';

function patternsIn(node: unknown, found = new Set<string>()): Set<string> {
  if (typeof node !== 'object' || node === null) return found;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'pattern' && typeof value === 'string') found.add(value);
    else patternsIn(value, found);
  }
  return found;
}

describe('what patterns want', () => {
  const used = patternsIn(parse(readFileSync('openapi.yaml', 'utf8')), patternsIn(configSchema));

  it('is said in words of every pattern of the contract and of the configuration, and of no other', () => {
    assert.deepEqual(Object.keys(patterns).sort(), [...used].sort());
  });

  it('comes with an example that fits', () => {
    for (const [pattern, { example }] of Object.entries(patterns)) {
      assert.match(example, new RegExp(pattern, 'u'));
      assert.doesNotMatch(describePattern(pattern), /\^|\$|\[/);
    }
  });

  it('is what a caller reads, never the pattern', () => {
    const contract = loadContract();
    const body = { reason: 'bad', cve: '40547' };
    assert.throws(() => contract.revokeGoldenMeasurement.checkBody(body), {
      code: 'REQUEST_INVALID',
      message: 'body.cve: must be the id of a CVE, such as CVE-2023-40547',
    });
    assert.throws(() => contract.getGoldenMeasurement.checkParameters('path', { goldenId: 'sha256:4f1d' }), {
      message: new RegExp(
        '^path.goldenId: must be `sha256:` and 64 hexadecimal digits in small letters, such as sha256:4f1d',
      ),
    });
    const labels = { labels: { '-rack': '3' } };
    assert.throws(() => contract.setHostLabels.checkBody(labels), {
      message: /^body\.labels\.-rack: must be at most 128 letters/,
    });
    assert.throws(() => contract.askWhatIf.checkBody({ at: 'tomorrow' }), {
      message: 'body.at: must be a time in RFC 3339, such as 2026-11-23T10:00:00Z',
    });
  });
});
