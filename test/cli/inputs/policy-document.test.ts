import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPolicyDocument } from '../../../src/cli/inputs/policy-document.ts';
import { CliError } from '../../../src/cli/errors.ts';
import { AttestationError } from '../../../src/core/error.ts';
import { loadContract } from '../../../src/server/http/contract.ts';

describe('policy documents', () => {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-policy-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const head = 'layers: [secure-boot]\nhosts: { all: true }\n';
  const dbxOf = (document: object): unknown => (document as { requireFacts: { dbx: unknown } }).requireFacts.dbx;

  it('take a list of revocations from a file beside them, and the contract takes the result', () => {
    const digest = 'ab'.repeat(32);
    write('list.txt', `# mine\n${digest.toUpperCase()} 2026-01-02\n`);
    const { document } = readPolicyDocument(
      write('one.yaml', `${head}requireFacts: { secureBoot: enabled, dbx: { file: list.txt } }\n`),
      'one',
    );
    assert.deepEqual(dbxOf(document), { list: 'list.txt of 2026-01-02', mustContain: [digest] });
    loadContract().putPolicy.checkBody(document);
  });

  it('take the shipped list by its name', () => {
    const { document } = readPolicyDocument(write('two.yaml', `${head}requireFacts: { dbx: shipped }\n`), 'two');
    const { list, mustContain } = dbxOf(document) as { list: string; mustContain: string[] };
    assert.match(list, /^dbx-x64\.txt of \d{4}-\d{2}-\d{2}$/);
    assert.ok(mustContain.length > 400);
    loadContract().putPolicy.checkBody(document);
  });

  it('stay as they are where they name digests themselves', () => {
    const text = `${head}requireFacts: { dbx: { mustContain: ['${'cd'.repeat(32)}'] } }\n`;
    const three = readPolicyDocument(write('three.yaml', text), 'three');
    assert.deepEqual(dbxOf(three.document), { mustContain: ['cd'.repeat(32)] });
    const four = readPolicyDocument(write('four.json', '{"id":"written","layers":[]}'), undefined);
    assert.deepEqual(four, { id: 'written', document: { layers: [] } });
  });

  it('are refused where they are none, or name a list that is none', () => {
    const refuses = (path: string, code: string): void => {
      assert.throws(
        () => readPolicyDocument(path, 'named'),
        (error: unknown) => {
          assert.ok(error instanceof CliError || error instanceof AttestationError);
          assert.equal(error.code, code);
          return true;
        },
      );
    };
    refuses(write('list.yaml', '- a\n'), 'CLI_INPUT_UNRECOGNISED');
    refuses(write('bad.yaml', '{ a: ['), 'CLI_INPUT_UNRECOGNISED');
    refuses(write('absent.yaml', 'requireFacts: { dbx: { file: nowhere.bin } }\n'), 'CLI_FILE_UNREADABLE');
    write('empty.txt', '# nothing\n');
    refuses(write('empty.yaml', 'requireFacts: { dbx: { file: empty.txt } }\n'), 'EVENT_LOG_REVOCATION_LIST_INVALID');
  });
});
