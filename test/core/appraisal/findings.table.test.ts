import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorCodes } from '../../../src/core/error-codes.ts';
import { findings, type FindingRow } from '../../../src/core/appraisal/index.ts';
import { statusOfClaim } from '../../../src/core/verdict/index.ts';

const rows: readonly (readonly [string, FindingRow])[] = Object.entries(findings);
const room = fileURLToPath(new URL('../../../src/core/appraisal/', import.meta.url));

describe('the table of findings', () => {
  it('has a title, a cause and a next step in every row, and no code that an error has too', () => {
    for (const [code, { title, cause, remedy }] of rows) {
      assert.ok(title !== '' && cause.endsWith('.') && remedy.endsWith('.'), code);
      assert.ok(!Object.hasOwn(errorCodes, code), code);
    }
  });

  it('lets no error leave a claim affirming', () => {
    for (const [code, { severity, claim, value }] of rows) {
      assert.equal(claim === undefined, value === undefined, code);
      if (value === undefined) continue;
      assert.notEqual(statusOfClaim(value), 'affirming', code);
      // A warning value under an error would let a relying party that accepts warnings admit a refused host.
      if (severity === 'error') assert.notEqual(statusOfClaim(value), 'warning', code);
    }
  });

  it('has each code in use', () => {
    const text = readdirSync(room, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && name !== 'findings.table.ts')
      .map((name) => readFileSync(`${room}${name}`, 'utf8'))
      .join('\n');
    for (const [code] of rows) assert.ok(text.includes(`'${code}'`), `${code} is never found`);
  });
});
