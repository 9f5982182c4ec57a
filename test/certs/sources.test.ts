// certs/: the roots of TPM makers that we hand out are the ones SOURCES.json says they are.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseTrustAnchors } from '../../src/core/x509/index.ts';

interface SourceRow {
  readonly file: string;
  readonly subject: string;
  readonly issuer: string;
  readonly selfSigned: boolean;
  readonly notAfter: string;
  readonly sha256: string;
}

interface Sources {
  readonly source: Readonly<Record<string, string>>;
  readonly certificates: readonly SourceRow[];
}

const folder = fileURLToPath(new URL('../../certs/', import.meta.url));
const sources = JSON.parse(readFileSync(`${folder}SOURCES.json`, 'utf8')) as Sources;
const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());

describe('certs/', () => {
  it('names package, version and date of the source', () => {
    const { source } = sources;
    assert.ok(source['package'] && source['version'] && source['packageSha256']);
    assert.match(source['obtainedOn'] ?? '', /^\d{4}-\d\d-\d\d$/);
  });

  it('holds exactly the files that SOURCES.json lists', () => {
    const found = files.map(({ parentPath, name }) => `${parentPath}/${name}`.replace(folder, '').replace(/^\//, ''));
    const listed = sources.certificates.map(({ file }) => file);
    assert.deepEqual(found.filter((name) => name.endsWith('.pem')).sort(), [...listed].sort());
    assert.equal(listed.length, 25);
  });

  it('holds the certificates that SOURCES.json describes, each the certificate of an authority', () => {
    for (const row of sources.certificates) {
      const anchors = parseTrustAnchors(readFileSync(folder + row.file), row.file);
      assert.equal(anchors.length, 1, row.file);
      const { certificate } = anchors[0]!;
      assert.equal(createHash('sha256').update(certificate.der).digest('hex'), row.sha256, row.file);
      assert.equal(certificate.subject, row.subject);
      assert.equal(certificate.issuer, row.issuer);
      assert.equal(certificate.notAfter.toISOString(), row.notAfter);
      assert.equal(certificate.subjectKey === certificate.issuerKey, row.selfSigned, row.file);
    }
  });

  it('holds no private key', () => {
    for (const { parentPath, name } of files) {
      assert.ok(!readFileSync(`${parentPath}/${name}`, 'latin1').includes('PRIVATE'), name);
    }
  });
});
