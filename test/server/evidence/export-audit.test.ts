// What the audit log says in an evidence bundle, and every way to make it say something else.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseJwks } from '../../../src/core/crypto/index.ts';
import { decodeUtf8, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { AttestationError } from '../../../src/core/error.ts';
import { openEvidenceBundle, parseArchive } from '../../../src/core/evidence-bundle/index.ts';
import { attest, enrol, paperHost, trustedWorld, type TrustedWorld } from '../../support/paper-story.ts';
import { exportBundle, forge, readPart } from '../../support/export.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

interface Item {
  entry: { sequence: number; action: string; subject: string; details: Record<string, unknown> };
  path: string[];
}

describe('the audit log in an evidence bundle', () => {
  let server: TestServer;
  let world: TrustedWorld;
  let bundle: Uint8Array;
  before(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
    const other = paperHost('hv-2');
    await attest(await enrol(server, other), other);
    bundle = await exportBundle(server);
  });
  after(() => server.close());

  const changeItems = (change: (items: Item[]) => unknown) =>
    changePart('audit/entries.json', (text) => JSON.stringify(change(JSON.parse(text) as Item[])));
  const changePart = (name: string, change: (text: string) => string) =>
    forge(bundle, (part) => {
      return part.name === name ? { name, bytes: encodeUtf8(change(decodeUtf8(part.bytes))) } : part;
    });

  it('says when this TPM was enrolled, that the verdict was acknowledged, and who approved what it rests on', async () => {
    const { audit, account, manifest } = await openEvidenceBundle(bundle);
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    assert.deepEqual(
      [audit?.checkpoint.size, audit?.checkpoint.log, manifest.audit.sequence],
      [items.at(-1)?.sequence, manifest.server, items.at(-1)?.sequence],
    );
    const enrolled = items.find(({ action, subject }) => action === 'host.enrolled' && subject === 'hv-1');
    const given = items.findLast(({ action, subject }) => action === 'verdict.changed' && subject === 'hv-1');
    assert.deepEqual(
      [account?.enrolled?.sequence, account?.acknowledged?.entry.sequence, account?.acknowledged?.isOwn],
      [enrolled?.sequence, given?.sequence, true],
    );
    const told = new Set(audit?.entries.map(({ action, subject }) => `${action} ${subject}`));
    for (const golden of world.goldens) assert.ok(told.has(`golden.activated ${golden}`), golden);
    assert.ok(told.has('policy.written fleet'));
    assert.ok(![...told].some((entry) => entry.includes('hv-2')), 'and nothing of other hosts');
  });

  it('names the entry that a verdict repeats, and what came after an older one', async () => {
    server.advance(60);
    await attest(world.enrolled, world.host);
    const { account } = await openEvidenceBundle(await exportBundle(server));
    assert.equal(account?.acknowledged?.isOwn, false);
    assert.equal(account.acknowledged.entry.details['status'], 'affirming');
  });

  it('is proved by the keys of whoever reads it, as everything else', async () => {
    const keys = parseJwks((await server.operator.callRaw('getJwks', {})).body);
    assert.ok((await openEvidenceBundle(bundle, keys)).audit);
  });

  it('refuses entries that were changed, taken from elsewhere, put elsewhere, or whose path is another', async () => {
    const inFirst = (change: (first: Item) => unknown) => (items: Item[]) => [change(items[0]!), ...items.slice(1)];
    const inEntry = (change: (entry: Item['entry']) => object) =>
      inFirst((first) => ({ ...first, entry: { ...first.entry, ...change(first.entry) } }));
    const asTrusted = ({ entry, ...item }: Item) => {
      return { ...item, entry: { ...entry, details: { ...entry.details, status: 'affirming', by: 'me' } } };
    };
    const unproven: Readonly<Record<string, (items: Item[]) => unknown>> = {
      'a status': (items) => items.map(asTrusted),
      'a place': inEntry(({ sequence }) => ({ sequence: sequence - 1 })),
      'the proof of another': ([first, second, ...rest]) => [{ ...first, path: second!.path }, second, ...rest],
      'no proof': inFirst((first) => ({ ...first, path: [] })),
    };
    const invalid: typeof unproven = {
      twice: ([first, ...rest]) => [first, first, ...rest],
      backwards: (items) => items.reverse(),
      'too many': ([first]) => new Array<unknown>(2001).fill(first),
      'no list': (items) => ({ items }),
      'a null': () => [null],
      'a path of text': inFirst((first) => ({ ...first, path: 'x' })),
      'a long path': inFirst((first) => ({ ...first, path: new Array<unknown>(65).fill(first.path[0]) })),
      'no entry': inFirst(({ path }) => ({ path })),
      'a number of text': inEntry(() => ({ sequence: '1' })),
    };
    const refusals = { EVIDENCE_AUDIT_UNPROVEN: unproven, EVIDENCE_PART_INVALID: invalid };
    for (const [code, changes] of Object.entries(refusals)) {
      for (const [name, change] of Object.entries(changes)) {
        await assert.rejects(
          openEvidenceBundle(await changeItems(change)),
          (error) =>
            error instanceof AttestationError && error.code === code && error.message.includes('audit/entries.json'),
          name,
        );
      }
    }
  });

  it('refuses proved entries of the same log that are about another host', async () => {
    const others = readPart(await exportBundle(server, 'hv-2'), 'audit/entries.json') as Item[];
    const checkpoint = parseArchive(await exportBundle(server, 'hv-2')).filter(({ name }) => name.startsWith('audit/'));
    const size = (readPart(await exportBundle(server, 'hv-2'), 'audit/checkpoint.json') as { size: number }).size;
    const swapped = await forge(bundle, (part) => {
      const other = checkpoint.find(({ name }) => name === part.name);
      if (part.name !== 'manifest.json') return other ?? part;
      const manifest = JSON.parse(decodeUtf8(part.bytes)) as { audit: object };
      const text = JSON.stringify({ ...manifest, audit: { ...manifest.audit, sequence: size } });
      return { name: part.name, bytes: encodeUtf8(text) };
    });
    assert.ok(others.some(({ entry }) => entry.subject === 'hv-2'));
    await assert.rejects(openEvidenceBundle(swapped), { code: 'EVIDENCE_AUDIT_FOREIGN' });
  });

  it('refuses a checkpoint that was changed, is of another size than the manifest, or by a key that is not trusted', async () => {
    const larger = await changePart('audit/checkpoint.json', (text) => text.replace(/"size": (\d+)/, '"size": 9$1'));
    await assert.rejects(openEvidenceBundle(larger), { code: 'VERDICT_TOKEN_SIGNATURE', at: 'audit/checkpoint.jws' });
    await server.operator.call('setHostLabels', { path: { hostId: 'hv-1' }, body: { labels: { rack: '3' } } });
    const newer = parseArchive(await exportBundle(server)).filter(({ name }) => name.startsWith('audit/'));
    const mixed = await forge(bundle, (part) => newer.find(({ name }) => name === part.name) ?? part);
    await assert.rejects(openEvidenceBundle(mixed), { code: 'EVIDENCE_PART_INVALID', at: 'audit/checkpoint.json' });
    const other = await startTestServer();
    try {
      await trustedWorld(other);
      const foreign = parseArchive(await exportBundle(other)).filter(({ name }) => name.startsWith('audit/'));
      const bytes = await forge(bundle, (part) => foreign.find(({ name }) => name === part.name) ?? part);
      await assert.rejects(openEvidenceBundle(bytes), {
        code: 'VERDICT_TOKEN_KEY_UNKNOWN',
        at: 'audit/checkpoint.jws',
      });
    } finally {
      await other.close();
    }
  });

  it('refuses a verdict that the log has otherwise', async () => {
    const lying = await changePart('verdict/verdict.json', (text) =>
      text.replace(/"expiresAt": "\d{4}/, '"expiresAt": "2036'),
    );
    await assert.rejects(openEvidenceBundle(lying), { code: 'EVIDENCE_AUDIT_CONTRADICTED' });
  });

  it('never fails otherwise than by a code, whatever stands in its parts', async () => {
    const names = ['audit/entries.json', 'audit/checkpoint.json', 'history.json', 'verdict/verdict.json'];
    const property = fc.asyncProperty(
      fc.constantFrom(...names),
      fc.nat(),
      fc.json({ maxDepth: 2 }),
      async (name, place, value) => {
        const bytes = await changePart(name, (text) => replaceToken(text, place, value));
        await openEvidenceBundle(bytes).then(undefined, (error: unknown) => {
          assert.ok(error instanceof AttestationError, String(error));
        });
      },
    );
    await fc.assert(property, { numRuns: 80 });
  });
});

/** One value of a JSON text in the place of another. */
function replaceToken(text: string, place: number, value: string): string {
  const tokens = [...text.matchAll(/"(?:[^"\\]|\\.)*"|\d+|null|\[\]/g)];
  const token = tokens[place % tokens.length]!;
  return text.slice(0, token.index) + value + text.slice(token.index + token[0].length);
}
