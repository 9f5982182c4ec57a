import assert from 'node:assert/strict';
import { createReadable, inLocale, type Environment } from '../../src/cli/terminal.ts';
import { cli, cliJson } from './cli-run.ts';

const text = 'sha256:4f1d… ██';
const shown = (env: Environment): string => inLocale(env, text);

describe('readable text in a locale', () => {
  it('is left alone where it is UTF-8, and where none is said', () => {
    for (const locale of ['C.UTF-8', 'en_US.utf8', 'de_DE.UTF-8@euro', 'en_US', '']) assert.equal(shown({ LANG: locale }), text, locale); // prettier-ignore
    assert.equal(shown({}), text);
  });

  it('is written in ASCII where it is not', () => {
    for (const locale of ['C', 'POSIX', 'de_DE.ISO-8859-1', 'de_DE.iso885915@euro'])
      assert.equal(shown({ LANG: locale }), 'sha256:4f1d... ##', locale);
  });

  it('is decided by LC_ALL before LC_CTYPE before LANG, where they are not empty', () => {
    assert.equal(shown({ LC_ALL: 'C', LC_CTYPE: 'C.UTF-8', LANG: 'C.UTF-8' }), 'sha256:4f1d... ##');
    assert.equal(shown({ LC_ALL: '', LC_CTYPE: 'C', LANG: 'C.UTF-8' }), 'sha256:4f1d... ##');
    assert.equal(shown({ LC_CTYPE: 'C.UTF-8', LANG: 'C' }), text);
  });

  it('goes to a terminal as wide as before', () => {
    let [written, columns] = ['', 80];
    const output = {
      isTTY: true,
      get columns() {
        return columns;
      },
      write: (part: string) => void (written += part),
    };
    const readable = createReadable(output, { LANG: 'C' });
    readable.write(text);
    columns = 40;
    assert.deepEqual([written, readable.isTTY, readable.columns], ['sha256:4f1d... ##', true, 40]);
    assert.equal(createReadable(output, {}), output);
  });

  it('is that of help and of refusals, and never of a document', async () => {
    const env = { LC_ALL: 'C' };
    const ascii = /^[\n -~]*$/;
    const help = await cli(['golden', 'retire', '--help'], { env });
    assert.match(help.stdout, ascii);
    assert.match(help.stdout, /\(sha256:\.\.\.\)/);
    assert.match((await cli(['golden', 'retire', '--help'])).stdout, /\(sha256:…\)/);
    const refused = await cli(['verify', 'token', 'absent…'], { env });
    assert.notEqual(refused.stderr, '');
    assert.match(refused.stderr, ascii);
    const document = await cliJson(['inspect', 'token', 'absent…'], { env });
    assert.deepEqual(document.document, (await cliJson(['inspect', 'token', 'absent…'])).document);
  });
});
