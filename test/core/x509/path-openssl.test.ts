// Path validation against an independent judge: `openssl verify -x509_strict` on chains made here.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AttestationError } from '../../../src/core/error.ts';
import { verifyCertificatePath } from '../../../src/core/x509/index.ts';
import {
  anchorOf,
  makeEk,
  makeIntermediate,
  makeRoot,
  pkiDate,
  testKey,
  type Fault,
  type TestCertificate,
} from '../../support/pki.ts';

interface Case {
  readonly title: string;
  readonly root: TestCertificate;
  readonly intermediates: readonly TestCertificate[];
  readonly leaf: TestCertificate;
}

const root = makeRoot();

function withFaultyIssuer(fault: Fault): Case {
  const issuing = makeIntermediate(root, { fault });
  return { title: `issuer with the fault: ${fault}`, root, intermediates: [issuing], leaf: makeEk(issuing) };
}

function withFaultyLeaf(fault: Fault): Case {
  const issuing = makeIntermediate(root);
  return { title: `leaf with the fault: ${fault}`, root, intermediates: [issuing], leaf: makeEk(issuing, { fault }) };
}

function deep(levels: number, pathLength?: number): Case {
  const start = pathLength === undefined ? root : makeRoot({ name: `root of ${pathLength}`, pathLength });
  const chain = [start];
  while (chain.length <= levels) chain.push(makeIntermediate(chain.at(-1)!, { name: `level ${chain.length}` }));
  const title = `${levels} intermediates${pathLength === undefined ? '' : ` under path length ${pathLength}`}`;
  return { title, root: start, intermediates: chain.slice(1), leaf: makeEk(chain.at(-1)!) };
}

function good(kind: 'p256' | 'rsa2048'): Case {
  const own = makeRoot({ name: `${kind} judge`, kind });
  return { title: `good ${kind}`, root: own, intermediates: [], leaf: makeEk(own, { kind }) };
}

const loopA = makeRoot({ name: 'judge loop A' });
const loopB = makeIntermediate(loopA, { name: 'judge loop B' });
const loop = [loopA, loopB, makeIntermediate(loopB, { name: 'judge loop A' })];
const twin = makeIntermediate(root, { key: testKey('p256', 'judge twin') });
const issuer = makeIntermediate(root);

const cases: readonly Case[] = [
  good('p256'),
  good('rsa2048'),
  deep(1),
  deep(20),
  deep(2, 2),
  deep(3, 2),
  deep(1, 0),
  { title: 'a loop', root, intermediates: loop, leaf: makeEk(loopB) },
  { title: 'two issuers of one name', root, intermediates: [twin, issuer], leaf: makeEk(issuer) },
  ...(
    [
      'CA false',
      'no basicConstraints',
      'no keyCertSign',
      'unknown critical extension',
      'expired',
      'not yet valid',
      'bad signature',
    ] as const
  ).map(withFaultyIssuer),
  ...(
    [
      'expired',
      'not yet valid',
      'unknown critical extension',
      'bad signature',
      'foreign authorityKeyIdentifier',
    ] as const
  ).map(withFaultyLeaf),
];

describe('path validation beside openssl verify', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'touchstone-path-'))));
  after(() => rmSync(folder, { recursive: true }));

  for (const each of cases) {
    it(`agrees on ${each.title}`, () => assert.equal(ours(each), openssl(each, folder)));
  }

  it('is stricter where nothing is supported: name constraints that the leaf keeps', () => {
    const constrained = withFaultyIssuer('name constraints');
    assert.equal(ours(constrained), false);
    assert.equal(openssl(constrained, folder), true);
  });
});

function ours({ leaf, intermediates, root: anchor }: Case): boolean {
  try {
    verifyCertificatePath({
      leaf: leaf.certificate,
      intermediates: intermediates.map(({ certificate }) => certificate),
      anchors: [anchorOf(anchor)],
      at: pkiDate,
      profile: 'any',
    });
    return true;
  } catch (error) {
    if (error instanceof AttestationError) return false;
    throw error;
  }
}

function openssl({ leaf, intermediates, root: anchor }: Case, folder: string): boolean {
  const file = (name: string, ...certificates: readonly TestCertificate[]) => {
    writeFileSync(join(folder, name), certificates.map(({ pem }) => pem).join(''));
    return join(folder, name);
  };
  const attime = String(pkiDate.getTime() / 1000);
  const args = ['verify', '-x509_strict', '-attime', attime, '-CAfile', file('root.pem', anchor)];
  if (intermediates.length > 0) args.push('-untrusted', file('untrusted.pem', ...intermediates));
  const { status, error } = spawnSync('openssl', [...args, file('leaf.pem', leaf)]);
  if (error !== undefined) throw error;
  return status === 0;
}
