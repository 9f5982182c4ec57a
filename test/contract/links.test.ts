// Links between pages: whoever follows one arrives, at the heading that was meant.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'deploy', 'golden-measurements', 'certs'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ),
].map((name) => join(root, name));

describe('links between pages', () => {
  it('are found', () => {
    assert.ok(pages.flatMap(linksOf).length > 200);
  });

  for (const page of pages) {
    it(`of ${relative(root, page)} lead somewhere`, () => {
      assert.deepEqual(
        linksOf(page).filter((link) => !leadsSomewhere(page, link)),
        [],
      );
    });
  }
});

/** Those within the repository: neither addresses, nor what stands in code. */
function linksOf(page: string): readonly string[] {
  const links = [...proseOf(page).matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? page : resolve(dirname(page), file);
  if (!existsSync(target)) return false;
  return anchor === undefined || (statSync(target).isFile() && anchorsOf(target).has(anchor));
}

/** As GitHub names them: lower case, without punctuation, a hyphen for each space, a number behind what comes again. */
function anchorsOf(page: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of proseOf(page, { withCode: true }).matchAll(/^#{1,6} +(.+)$/gm)) {
    const name = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-');
    let number = 0;
    while (anchors.has(number === 0 ? name : `${name}-${number}`)) number += 1;
    anchors.add(number === 0 ? name : `${name}-${number}`);
  }
  return anchors;
}

function proseOf(page: string, { withCode = false } = {}): string {
  const text = readFileSync(page, 'utf8').replace(/^( *)(`{3,}|~{3,})[^\n]*\n[^]*?^\1\2 *$/gm, '');
  return withCode ? text : text.replace(/`[^`\n]+`/g, '');
}
