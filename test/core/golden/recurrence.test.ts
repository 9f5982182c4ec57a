import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { HashAlgorithm, PublicKey } from '../../../src/core/crypto/index.ts';
import {
  matchLayer,
  readRecurrence,
  type ExpectedEvent,
  type GoldenStatement,
} from '../../../src/core/golden/index.ts';
import { approve, createSigner, digestOf, expectEvent, paperLog, statementOf } from './material.ts';

const events = [expectEvent(4, 'shim'), expectEvent(4, 'grub'), expectEvent(9, 'grub.cfg')];
const revoked = statementOf('boot-loader', events);

function inBanks(event: ExpectedEvent, banks: readonly HashAlgorithm[]): ExpectedEvent {
  return { ...event, digests: new Map(banks.map((bank) => [bank, digestOf(event.description, bank)])) };
}

const isPcr = (pcr: number) => (event: ExpectedEvent) => event.pcr === pcr;

describe('what a golden measurement brings back of an ended one', () => {
  it('is the whole of it, whatever the description, the dates and the subject say', () => {
    const dressed = { subjects: [{ name: 'another', sha256: digestOf('x') }], description: 'quite new', notAfter: new Date() }; // prettier-ignore
    assert.equal(readRecurrence(statementOf('boot-loader', events, dressed), revoked), 'whole');
    const renamed = events.map((event) => ({ ...event, description: 'a good loader' }));
    assert.equal(readRecurrence(statementOf('boot-loader', renamed), revoked), 'whole');
  });

  it('is the whole of it with its registers in another order, which no TPM attests, and with a further bank', () => {
    const turned = [...events].sort((left, right) => right.pcr - left.pcr);
    assert.equal(readRecurrence(statementOf('boot-loader', turned), revoked), 'whole');
    const both = events.map((event) => inBanks(event, ['sha384', 'sha256']));
    assert.equal(readRecurrence(statementOf('boot-loader', both), revoked), 'whole');
  });

  it('is nothing where one event is another, missing, more, elsewhere, or in another order within its register', () => {
    const [shim, grub, config] = events as [ExpectedEvent, ExpectedEvent, ExpectedEvent];
    const others = [
      [shim, expectEvent(4, 'grub 2'), config],
      [shim, config],
      [...events, expectEvent(9, 'module')],
      [shim, expectEvent(9, 'grub'), config],
      [grub, shim, config],
    ];
    for (const other of others) assert.equal(readRecurrence(statementOf('boot-loader', other), revoked), 'none');
    assert.equal(readRecurrence(statementOf('kernel', events), revoked), 'none', 'another layer');
  });

  it('is unclear where no bank is common, and where one pins the register that the other lists', () => {
    const elsewhere = events.map((event) => inBanks(event, ['sha512']));
    assert.equal(readRecurrence(statementOf('boot-loader', elsewhere), revoked), 'unclear');
    assert.equal(readRecurrence(statementOf('boot-loader', elsewhere.slice(1)), revoked), 'none', 'fewer events');
    const pinned = { pcrs: [{ pcr: 4, digests: new Map([['sha256' as const, digestOf('value')]]) }] };
    const config = events.filter(isPcr(9));
    assert.equal(readRecurrence(statementOf('boot-loader', config, pinned), revoked), 'unclear');
    assert.equal(readRecurrence(statementOf('boot-loader', [], pinned), revoked), 'none', 'without the configuration');
    assert.equal(readRecurrence(statementOf('boot-loader', config, pinned), statementOf('boot-loader', config, pinned)), 'whole'); // prettier-ignore
  });

  it('is nothing of one that no boot can match: its events have no bank in common', () => {
    const mixed = [inBanks(expectEvent(4, 'shim'), ['sha256']), inBanks(expectEvent(4, 'grub'), ['sha384'])];
    assert.equal(readRecurrence(statementOf('boot-loader', mixed), statementOf('boot-loader', mixed)), 'none');
    const [plain, other] = (['sha256', 'sha512'] as const).map(
      (bank) =>
      statementOf('boot-loader', mixed.map((event) => inBanks(event, [bank]))), // prettier-ignore
    );
    for (const whole of [plain, other]) {
      assert.equal(readRecurrence(statementOf('boot-loader', mixed), whole!), 'none');
      assert.equal(readRecurrence(whole!, statementOf('boot-loader', mixed)), 'none');
    }
  });

  it('is a part of the files of the running system, or all of them', () => {
    const files = (...names: string[]): GoldenStatement => {
      const digests = names.map((name) => ({ digest: `sha256:${Buffer.from(digestOf(name)).toString('hex')}` }));
      return statementOf('runtime', [], { ima: { digests, signers: [], excludedPaths: [] } });
    };
    assert.equal(readRecurrence(files('a', 'b', 'c'), files('a', 'b')), 'whole');
    assert.equal(readRecurrence(files('b', 'c'), files('a', 'b')), 'unclear');
    assert.equal(readRecurrence(files('c'), files('a', 'b')), 'none');
  });

  it('counts keys that may sign files, and paths that are not looked at, as it counts files', () => {
    const [alice, bob] = ['alice', 'bob'].map((name) => createSigner(name).publicKey);
    assert.ok(alice && bob);
    const runtime = (signers: readonly PublicKey[], excludedPaths: readonly string[]): GoldenStatement =>
      statementOf('runtime', [], { ima: { digests: [], signers, excludedPaths } });
    for (const [proposed, ended, recurrence] of [
      [runtime([alice], []), runtime([alice], []), 'whole'],
      [runtime([bob], []), runtime([alice], []), 'none'],
      [runtime([alice], []), runtime([alice, bob], []), 'unclear'],
      [runtime([bob], ['/var/lib']), runtime([alice], ['/var/lib']), 'unclear'],
      [runtime([bob], ['/var/lib', '/srv']), runtime([], ['/srv']), 'whole'],
      [runtime([alice], ['/srv']), runtime([bob], ['/var/lib']), 'none'],
    ] as const) {
      assert.equal(readRecurrence(proposed, ended), recurrence);
    }
  });

  it('is never nothing where some boot matches both, whatever their ids and the order of their events', () => {
    const measured = fc.array(fc.record({ pcr: fc.constantFrom(4, 9), text: fc.constantFrom('a', 'b', 'c') }), {
      minLength: 1,
      maxLength: 6,
    });
    const banks = fc.constantFrom<HashAlgorithm[][]>(['sha256'], ['sha256', 'sha384'], ['sha384', 'sha256', 'sha512']);
    const writing = fc.record({ banks, isTurned: fc.boolean(), pinned: fc.subarray([4, 9]), name: fc.string({ minLength: 1 }) }); // prettier-ignore
    fc.assert(
      fc.property(measured, writing, writing, (boot, ...writings) => {
        const log = paperLog(boot.map((event) => ({ ...event, layer: 'boot-loader' as const })));
        const [left, right] = writings.map(({ banks: spoken, isTurned, pinned, name }) => {
          const order = isTurned ? [9, 4] : [4, 9];
          const all = order.flatMap((pcr) => boot.filter((event) => event.pcr === pcr));
          const listed = all
            .filter(({ pcr }) => !pinned.includes(pcr))
            .map(({ pcr, text }) => inBanks(expectEvent(pcr, text), spoken));
          const pcrs = pinned.map((pcr) => {
            const value = log.attested.get(pcr);
            assert.ok(value);
            return { pcr, digests: new Map(spoken.map((bank) => [bank, bank === 'sha256' ? value : digestOf('v', bank)])) }; // prettier-ignore
          });
          return approve(statementOf('boot-loader', listed, { pcrs, description: `n${name.length}` }));
        });
        assert.ok(left && right);
        for (const golden of [left, right]) assert.equal(matchLayer('boot-loader', log, [golden]).outcome, 'matched');
        const isTold = writings.every(({ pinned }) => pinned.join() === writings[0].pinned.join());
        assert.equal(readRecurrence(left.statement, right.statement), isTold ? 'whole' : 'unclear');
      }),
    );
  });
});
