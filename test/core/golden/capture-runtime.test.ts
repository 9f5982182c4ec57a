import assert from 'node:assert/strict';
import { concatBytes, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { createGoldenStatements, encodeGoldenStatement, type GoldenStatement } from '../../../src/core/golden/index.ts';
import { parseImaList, parseImaText, verifyImaList, type VerifiedImaList } from '../../../src/core/ima/index.ts';
import { attestedPcrs, readBoot } from '../ima/fixtures.ts';
import { noon, paperLog } from './material.ts';

function verified(run: string): VerifiedImaList {
  return verifyImaList({
    list: parseImaList(readBoot(run, 'ima_binary_runtime_measurements')),
    pcrs: attestedPcrs(run),
  });
}

function capture(ima: VerifiedImaList): readonly GoldenStatement[] {
  return createGoldenStatements(paperLog([]), { host: 'hv-01', at: noon, ima });
}

/** A list as a verification would give it. Only tests may make one. */
function listOf(lines: readonly string[]): VerifiedImaList {
  return { entries: parseImaText(encodeUtf8(lines.join('\n'))).entries } as unknown as VerifiedImaList;
}

function line(digest: string, path: string, template = '11'.repeat(20)): string {
  return `10 ${template} ima-ng ${digest} ${path}`;
}

describe('capture of layer runtime', () => {
  it('proposes each file of a real boot once, and not the boot aggregate', () => {
    const [statement, ...more] = capture(verified('sb-on'));
    assert.ok(statement?.ima);
    assert.deepEqual(more, []);
    assert.equal(statement.layer, 'runtime');
    assert.deepEqual(statement.events, []);
    assert.deepEqual(statement.provenance, { source: 'captured', host: 'hv-01', at: noon });
    // 20 entries: the aggregate, and tool-a and tpmbridge are one program.
    assert.equal(statement.ima.digests.length, 18);
    assert.ok(statement.ima.digests.some(({ path }) => path === '/bin/tpmbridge'));
    assert.ok(statement.ima.digests.every(({ path }) => path !== 'boot_aggregate' && path !== '/mnt/bin/tool-a'));
  });

  it('proposes the same bytes whatever the order of use', () => {
    const lines = ['aa', 'bb', 'cc'].map((byte) => line(`sha256:${byte.repeat(32)}`, `/bin/${byte}`));
    const [one, two] = [lines, [...lines].reverse()].map((order) => capture(listOf(order))[0]);
    assert.ok(one && two);
    assert.deepEqual(encodeGoldenStatement(one), encodeGoldenStatement(two));
  });

  it('never proposes a violation, a SHA-1 digest or a file that could not be read', () => {
    const lines = [
      line(`sha256:${'00'.repeat(32)}`, '/violated', '00'.repeat(20)),
      line(`sha1:${'ab'.repeat(20)}`, '/old'),
      line(`sha256:${'00'.repeat(32)}`, '/unread'),
    ];
    assert.deepEqual(capture(listOf(lines)), []);
  });

  it('splits a long list into statements that can each be signed', () => {
    const lines = Array.from({ length: 5000 }, (_, index) =>
      line(`sha256:${(index + 1).toString(16).padStart(64, '0')}`, `/usr/share/${'x'.repeat(400)}${index}`),
    );
    const statements = capture(listOf(lines));
    assert.deepEqual(
      statements.map(({ ima }) => ima?.digests.length),
      [2048, 2048, 904],
    );
    for (const statement of statements) assert.ok(encodeGoldenStatement(statement).length < 1024 * 1024);
  });

  it('escapes what a host named its files', () => {
    const [statement] = capture(listOf([line(`sha256:${'ab'.repeat(32)}`, '/tmp/\u001bevil')]));
    assert.ok(statement);
    assert.equal(statement.ima?.digests[0]?.path, '/tmp/\\u{1b}evil');
    assert.ok(concatBytes(encodeGoldenStatement(statement)).length > 0);
  });
});
