// Path validation against an independent judge, `openssl verify -x509_strict`: every fault in every place of a chain, chains of
// many lengths, and chains made at random. Where the two differ, a table says so and why; a difference that is not in it,
// and one that is in it and not there, both fail.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { makeEk, makeIntermediate, makeRoot, testKey, type Fault } from '../../support/pki.ts';
import { opensslAccepts, oursOn, type Chain } from './openssl.ts';

type Place = 'root' | 'intermediate' | 'leaf';

const places: readonly Place[] = ['root', 'intermediate', 'leaf'];

const faults = [
  'expired',
  'not yet valid',
  'CA false',
  'no basicConstraints',
  'no keyCertSign',
  'no keyUsage',
  'wrong keyUsage',
  'path length 0',
  'unknown critical extension',
  'duplicate extension',
  'name constraints',
  'policy constraints',
  'SHA-1 signature',
  'algorithms differ',
  'bad signature',
  'no authorityKeyIdentifier',
  'foreign authorityKeyIdentifier',
  'subjectAltName not critical',
  'EK that is a CA',
] as const satisfies readonly Fault[];

/** Certificates with these are read by nobody, so they can issue none. */
const unreadable: readonly Fault[] = ['duplicate extension', 'algorithms differ'];

/** Where our answer is another than OpenSSL's. */
interface Difference {
  /** `accepted`, where OpenSSL refuses; a code, where it accepts. */
  readonly ours: string;
  readonly why: string;
}

const pinned = 'an anchor is trusted because it is pinned; expired-anchor says so';
const unsupported = 'what narrows authority is refused, since it is not processed, even where it would be kept';
const named = (id: string) => `tolerated, and named: ${id}`;
const profiled = (code: string) => `not for the path to say; the profiles of end certificates refuse it: ${code}`;

const differences: Readonly<Record<string, Difference>> = {
  'root: expired': { ours: 'accepted', why: pinned },
  'root: not yet valid': { ours: 'accepted', why: pinned },
  'root: foreign authorityKeyIdentifier': { ours: 'accepted', why: 'an anchor needs no issuer' },
  'root: no keyUsage': { ours: 'accepted', why: named('missing-key-usage') },
  'root: name constraints': { ours: 'X509_PATH_CONSTRAINED', why: unsupported },
  'root: policy constraints': { ours: 'X509_PATH_CONSTRAINED', why: unsupported },
  'intermediate: no authorityKeyIdentifier': { ours: 'accepted', why: named('missing-authority-key-identifier') },
  'intermediate: no keyUsage': { ours: 'accepted', why: named('missing-key-usage') },
  'intermediate: name constraints': { ours: 'X509_PATH_CONSTRAINED', why: unsupported },
  'intermediate: policy constraints': { ours: 'X509_PATH_CONSTRAINED', why: unsupported },
  'leaf: no authorityKeyIdentifier': { ours: 'accepted', why: named('missing-authority-key-identifier') },
  'leaf: name constraints': { ours: 'X509_PATH_CONSTRAINED', why: unsupported },
  'leaf: policy constraints': { ours: 'X509_PATH_CONSTRAINED', why: unsupported },
  'leaf: no keyCertSign': { ours: 'accepted', why: profiled('X509_PROFILE_KEY_USAGE') },
  'leaf: EK that is a CA': { ours: 'accepted', why: profiled('X509_PROFILE_IS_CA') },
  'leaf: subjectAltName not critical': { ours: 'accepted', why: profiled('X509_PROFILE_NO_IDENTITY') },
};

/** A chain with one fault. Who issues has the name and key of the faulty one, and no fault: some faults cannot be read. */
function chainWith(fault: Fault, place: Place): Chain {
  const at = (here: Place) => (here === place ? { fault } : {});
  const root = makeRoot();
  const issuing = makeIntermediate(root);
  return {
    root: makeRoot(at('root')),
    intermediates: [makeIntermediate(root, at('intermediate'))],
    leaf: makeEk(issuing, at('leaf')),
  };
}

function deep(levels: number, pathLength?: number): Chain {
  const root = makeRoot({ name: `root of ${pathLength ?? 'any'}`, ...(pathLength !== undefined && { pathLength }) });
  const chain = [root];
  while (chain.length <= levels) chain.push(makeIntermediate(chain.at(-1)!, { name: `level ${chain.length}` }));
  return { root, intermediates: chain.slice(1), leaf: makeEk(chain.at(-1)!) };
}

interface Link {
  readonly pathLength: number | undefined;
  readonly fault: Fault | undefined;
}

/** Faults on whose refusal both agree in this place. */
function agreed(place: Place): fc.Arbitrary<Fault | undefined> {
  const common = faults.filter((fault) => !(`${place}: ${fault}` in differences) && !unreadable.includes(fault));
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constantFrom(...common) },
  );
}

function linked(root: Link, links: readonly Link[], leafFault: Fault | undefined): Chain {
  const optionsOf = ({ pathLength, fault }: Link, name: string) => ({
    name,
    ...(pathLength !== undefined && { pathLength }),
    ...(fault !== undefined && { fault }),
  });
  const top = makeRoot(optionsOf(root, 'random root'));
  const chain = [top];
  links.forEach((link, index) => chain.push(makeIntermediate(chain.at(-1)!, optionsOf(link, `random ${index}`))));
  const leaf = makeEk(chain.at(-1)!, leafFault === undefined ? {} : { fault: leafFault });
  return { root: top, intermediates: chain.slice(1).toReversed(), leaf };
}

const root = makeRoot();
const loopA = makeRoot({ name: 'judge loop A' });
const loopB = makeIntermediate(loopA, { name: 'judge loop B' });
const twin = makeIntermediate(root, { key: testKey('p256', 'judge twin') });
const issuer = makeIntermediate(root);
const special: Readonly<Record<string, Chain>> = {
  'a loop': {
    root,
    intermediates: [loopA, loopB, makeIntermediate(loopB, { name: 'judge loop A' })],
    leaf: makeEk(loopB),
  },
  'two issuers of one name': { root, intermediates: [twin, issuer], leaf: makeEk(issuer) },
  'a root of the same name and another key': {
    root: makeRoot({ key: testKey('p256', 'judge stranger') }),
    intermediates: [issuer],
    leaf: makeEk(issuer),
  },
  'no intermediate': { root, intermediates: [], leaf: makeEk(issuer) },
};

describe('path validation beside openssl verify', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'touchstone-path-'))));
  after(() => rmSync(folder, { recursive: true }));
  const agree = (chain: Chain) =>
    assert.equal(oursOn(chain) === 'accepted', opensslAccepts(chain, folder), oursOn(chain));

  for (const kind of ['p256', 'p384', 'rsa2048', 'rsa3072', 'ed25519'] as const) {
    it(`agrees on a good chain of ${kind}`, () => {
      const own = makeRoot({ name: `${kind} judge`, kind });
      const chain = { root: own, intermediates: [], leaf: makeEk(own) };
      assert.equal(oursOn(chain), 'accepted');
      agree(chain);
    });
  }

  for (const [levels, pathLength] of [[1], [2], [20], [1, 0], [2, 1], [2, 2], [3, 2], [0, 0]] as const) {
    const limit = pathLength === undefined ? '' : ` under path length ${pathLength}`;
    it(`agrees on ${levels} intermediates${limit}`, () => agree(deep(levels, pathLength)));
  }

  for (const [title, chain] of Object.entries(special)) it(`agrees on ${title}`, () => agree(chain));

  it('agrees on chains made at random, of faults on which both agree alone', () => {
    const pathLength = fc.option(fc.nat(3), { nil: undefined, freq: 3 });
    const link = (place: Place) => fc.record({ pathLength, fault: agreed(place) });
    const chains = fc.tuple(link('root'), fc.array(link('intermediate'), { maxLength: 4 }), agreed('leaf'));
    fc.assert(
      fc.property(chains, ([top, links, leafFault]) => agree(linked(top, links, leafFault))),
      { numRuns: 60 },
    );
  });

  it('is stricter in strength: SHA-1 and RSA-1024 count only under an anchor marked legacy', () => {
    const rsa = makeRoot({ name: 'judge RSA', kind: 'rsa2048' });
    const short = makeRoot({ name: 'judge short', kind: 'rsa1024' });
    for (const chain of [
      { root: rsa, intermediates: [], leaf: makeEk(rsa, { fault: 'SHA-1 signature' }) },
      { root: short, intermediates: [], leaf: makeEk(short) },
    ]) {
      assert.equal(oursOn(chain), 'X509_PATH_ALGORITHM_WEAK');
      assert.ok(opensslAccepts(chain, folder));
    }
  });

  for (const place of places) {
    it(`agrees on each fault of a ${place}, but for those of the table`, () => {
      const found: Record<string, string> = {};
      for (const fault of faults) {
        const chain = chainWith(fault, place);
        const ours = oursOn(chain);
        const theirs = opensslAccepts(chain, folder);
        if ((ours === 'accepted') !== theirs) found[`${place}: ${fault}`] = theirs ? ours : 'accepted';
      }
      const known = Object.entries(differences).filter(([name]) => name.startsWith(place));
      assert.deepEqual(found, Object.fromEntries(known.map(([name, { ours }]) => [name, ours])));
    });
  }
});
