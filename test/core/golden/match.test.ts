import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  compareNearness,
  createGoldenStatements,
  matchLayer,
  readCaptureGaps,
  type ApprovedGolden,
} from '../../../src/core/golden/index.ts';
import type { ExpectedEvent, LayerMatch } from '../../../src/core/golden/index.ts';
import { approve, digestOf, expectEvent, noon, paperLog, statementOf, type PaperEvent } from './material.ts';

const loader: PaperEvent[] = [
  { pcr: 4, text: 'Calling EFI Application from Boot Option', layer: 'boot-loader' },
  { pcr: 4, text: 'separator', layer: 'boot-loader' },
  { pcr: 4, text: 'shim', layer: 'boot-loader' },
  { pcr: 4, text: 'grub', layer: 'boot-loader' },
  { pcr: 9, text: 'grub.cfg', layer: 'boot-loader' },
];
const kernel: PaperEvent[] = [
  { pcr: 4, text: 'vmlinuz', layer: 'kernel' },
  { pcr: 9, text: 'vmlinuz file', layer: 'kernel' },
];
const boot = [...loader, ...kernel];
const loaderStatement = statementOf(
  'boot-loader',
  loader.map(({ pcr, text }) => expectEvent(pcr, text)),
);
const golden = approve(loaderStatement);

function diverged(match: LayerMatch): Extract<LayerMatch, { outcome: 'diverged' }> {
  assert.ok(match.outcome === 'diverged');
  return match;
}

function kindOf(events: readonly PaperEvent[], goldens: readonly ApprovedGolden[] = [golden]): string {
  return diverged(matchLayer('boot-loader', paperLog(events), goldens)).divergence.kind;
}

describe('matching a layer', () => {
  it('accepts the layer whole, whatever else its PCRs hold', () => {
    const match = matchLayer('boot-loader', paperLog(boot), [golden]);
    assert.deepEqual(match, { outcome: 'matched', layer: 'boot-loader', golden });
  });

  it('rejects when there is nothing to verify: no golden measurement, none of this layer', () => {
    assert.equal(matchLayer('boot-loader', paperLog(boot), []).outcome, 'no-golden');
    assert.equal(matchLayer('kernel', paperLog(boot), [golden]).outcome, 'no-golden');
  });

  it('rejects when the boot measured nothing of the layer', () => {
    const expected = { outcome: 'not-observed', layer: 'boot-loader', nearest: golden };
    for (const events of [kernel, []])
      assert.deepEqual(matchLayer('boot-loader', paperLog(events), [golden]), expected);
    // Where a register is not attested, nobody knows whether it did.
    const match = matchLayer('boot-loader', paperLog([], { missing: [9] }), [golden]);
    assert.deepEqual([diverged(match).divergence.kind, diverged(match).divergence.pcr], ['pcr-not-attested', 9]);
  });

  it('T30: rejects the same events in another order within a PCR, and names the first that moved', () => {
    const swapped = [loader[0]!, loader[1]!, loader[3]!, loader[2]!, loader[4]!, ...kernel];
    const { divergence } = diverged(matchLayer('boot-loader', paperLog(swapped), [golden]));
    assert.equal(divergence.kind, 'events-reordered');
    assert.equal(divergence.event, 2);
    assert.equal(divergence.expected?.description, 'shim');
    assert.equal(divergence.observed?.description, 'grub');
  });

  it('T30: rejects an operating system event before the separator', () => {
    const early = [loader[0]!, loader[2]!, loader[1]!, loader[3]!, loader[4]!];
    assert.equal(kindOf(early), 'events-reordered');
  });

  it('ignores the order across PCRs, which no TPM attests', () => {
    const interleaved = [loader[4]!, ...loader.slice(0, 4)];
    assert.equal(matchLayer('boot-loader', paperLog(interleaved), [golden]).outcome, 'matched');
  });

  it('rejects an event more, an event less, an event repeated and an event replaced', () => {
    const evil: PaperEvent = { pcr: 4, text: 'evil', layer: 'boot-loader' };
    assert.equal(kindOf([...loader, evil]), 'event-extra');
    assert.equal(kindOf([...loader, loader[3]!]), 'event-extra');
    assert.equal(kindOf(loader.slice(1)), 'event-missing');
    assert.equal(kindOf([...loader.slice(0, 3), evil, loader[4]!]), 'event-replaced');
  });

  it('rejects an event in a PCR of the layer that the golden measurement says nothing about', () => {
    const narrow = approve(statementOf('kernel', [expectEvent(4, 'vmlinuz')]));
    const match = diverged(matchLayer('kernel', paperLog(boot), [narrow]));
    assert.equal(match.divergence.kind, 'event-extra');
    assert.equal(match.divergence.pcr, 9);
  });

  it('T22: rejects when a PCR of the layer is not attested, not explained or not logged', () => {
    const missing = matchLayer('boot-loader', paperLog(boot, { missing: [9] }), [golden]);
    assert.equal(diverged(missing).divergence.kind, 'pcr-not-attested');
    const mismatch = paperLog(boot, { statuses: new Map([[9, 'mismatch']]) });
    assert.equal(diverged(matchLayer('boot-loader', mismatch, [golden])).divergence.kind, 'pcr-mismatch');
    const whole = paperLog(boot);
    const without = <Value>(values: ReadonlyMap<number, Value>) => new Map([...values].filter(([pcr]) => pcr !== 9));
    for (const part of [{ pcrs: without(whole.pcrs) }, { attested: without(whole.attested) }]) {
      const { divergence } = diverged(matchLayer('boot-loader', { ...whole, ...part }, [golden]));
      assert.deepEqual([divergence.kind, divergence.pcr], ['pcr-not-attested', 9]);
    }
    const unlogged = paperLog(loader.slice(0, 4), { attested: new Map([[9, digestOf('somebody extended it')]]) });
    assert.equal(diverged(matchLayer('boot-loader', unlogged, [golden])).divergence.kind, 'pcr-unlogged');
  });

  it('T22: rejects when a PCR that the golden measurement does not even name is not explained', () => {
    const inPcr4 = approve(statementOf('boot-loader', loaderStatement.events.slice(0, 4)));
    const log = paperLog(loader, { statuses: new Map([[9, 'mismatch']]) });
    assert.equal(diverged(matchLayer('boot-loader', log, [inPcr4])).divergence.kind, 'pcr-mismatch');
  });

  it('accepts an exact PCR value in the place of events, also where the log is silent, and rejects another value', () => {
    const value = digestOf('value of PCR 11');
    const pinned = (digest: Uint8Array): ApprovedGolden =>
      approve(
        statementOf(
          'kernel',
          kernel.map(({ pcr, text }) => expectEvent(pcr, text)),
          {
            pcrs: [{ pcr: 11, digests: new Map([['sha256', digest]]) }],
          },
        ),
      );
    const log = paperLog(boot, { attested: new Map([[11, value]]) });
    assert.equal(matchLayer('kernel', log, [pinned(value)]).outcome, 'matched');
    const match = diverged(matchLayer('kernel', log, [pinned(digestOf('another'))]));
    assert.equal(match.divergence.kind, 'pcr-value');
    assert.equal(match.divergence.pcr, 11);
    // A value that is right is something in common, as an event is.
    const near = approve({ ...pinned(value).statement, events: [expectEvent(4, 'other')] });
    const far = approve({ ...pinned(digestOf('another')).statement, events: [expectEvent(4, 'other')] });
    assert.equal(diverged(matchLayer('kernel', log, [far, near])).nearest.id, near.id);
    assert.ok(compareNearness(log, near, far) < 0);
    const gone = paperLog(boot, { missing: [11] });
    assert.equal(diverged(matchLayer('kernel', gone, [pinned(value)])).divergence.kind, 'pcr-not-attested');
  });

  it('rejects a golden measurement without values in the bank of the log', () => {
    const other = approve(
      statementOf('boot-loader', [
        { pcr: 4, digests: new Map([['sha384', digestOf('shim', 'sha384')]]), description: 'shim' },
      ]),
    );
    assert.equal(kindOf(loader, [other]), 'bank-missing');
    // Also where an event or a value has none, beside others that have; told of the first PCR.
    const foreign = new Map([['sha384' as const, digestOf('x', 'sha384')]]);
    const mixed = [
      { events: [...loaderStatement.events, { pcr: 9, digests: foreign, description: 'x' }] },
      { events: loaderStatement.events.slice(0, 4), pcrs: [{ pcr: 9, digests: foreign }] },
      { events: [], pcrs: [{ pcr: 4, digests: foreign }] },
    ].map((more) => approve({ ...loaderStatement, ...more }));
    for (const one of mixed) {
      const { divergence } = diverged(matchLayer('boot-loader', paperLog(boot), [one]));
      assert.deepEqual([divergence.kind, divergence.pcr], ['bank-missing', 4]);
    }
  });

  it('never takes a description or a type for a match', () => {
    const lying = loader.map((event) => ({ ...event, text: `evil ${event.text}`, description: event.text }));
    assert.equal(kindOf(lying), 'event-replaced');
  });

  it('names the nearest golden measurement: most events in common, then longest common start, then fewest PCRs that differ', () => {
    const [first, separator, shim, grub, config] = loaderStatement.events as [ExpectedEvent, ExpectedEvent, ExpectedEvent, ExpectedEvent, ExpectedEvent]; // prettier-ignore
    const [other, otherConfig] = [expectEvent(4, 'other'), expectEvent(9, 'new.cfg')];
    // Each is nearer than the next.
    const inOrder = [
      [first, separator, shim, shim, grub, otherConfig],
      [other, separator, shim, shim, grub, config],
      [first, separator, shim, shim, other, otherConfig],
      [first, separator, shim, grub, other, otherConfig],
      [separator, first, grub, otherConfig],
      // Twice in the boot, and once here: it counts once.
      [shim, config],
      [config],
      [first, other, otherConfig],
      // Once in the boot, so it counts once.
      [grub, grub, grub, otherConfig],
      [other, otherConfig],
    ].map((events) => approve(statementOf('boot-loader', events)));
    const log = paperLog([...loader.slice(0, 3), loader[2]!, ...loader.slice(3), ...kernel]);
    inOrder.forEach((nearest, index) => {
      const match = diverged(matchLayer('boot-loader', log, inOrder.slice(index).toReversed()));
      assert.equal(inOrder.indexOf(match.nearest), index);
      for (const farther of inOrder.slice(index + 1)) {
        assert.ok(compareNearness(log, nearest, farther) < 0 && compareNearness(log, farther, nearest) > 0);
      }
      const twin = approve({ ...nearest.statement, description: 'the same layer, described twice' });
      assert.equal(compareNearness(log, nearest, twin), 0);
    });
    assert.equal(diverged(matchLayer('boot-loader', log, inOrder)).divergence.pcr, 9);
  });

  it('names of several that match the one that holds longest, then the one of the least id', () => {
    const until = (notAfter: Date | undefined, description: string) =>
      approve({ ...loaderStatement, description, ...(notAfter === undefined ? {} : { notAfter }) });
    const later = (days: number) => new Date(noon.getTime() + days * 86_400_000);
    const open = [until(undefined, 'a'), until(undefined, 'b'), until(undefined, 'c')];
    const ending = [until(later(30), 'd'), until(later(20), 'e'), until(later(10), 'f')];
    const named = (goldens: readonly ApprovedGolden[]) => {
      const match = matchLayer('boot-loader', paperLog(boot), goldens);
      return match.outcome === 'matched' ? match.golden.id : match.outcome;
    };
    const least = open.map(({ id }) => id).toSorted()[0];
    for (const goldens of [[...open, ...ending], [...ending, ...open].toReversed()])
      assert.equal(named(goldens), least);
    assert.deepEqual([named(ending), named(ending.toReversed())], [ending[0]?.id, ending[0]?.id]);
  });

  it('never matches what lists files: they are no events, and none of them is looked at here', () => {
    const runtime = approve(
      statementOf('runtime', [], {
        ima: { digests: [{ digest: `sha256:${'a'.repeat(64)}` }], signers: [], excludedPaths: [] },
      }),
    );
    assert.equal(matchLayer('runtime', paperLog(boot), [runtime]).outcome, 'no-golden');
  });

  it('T32: gives the same answer in whatever order the golden measurements come', () => {
    const twin = approve({ ...loaderStatement, description: 'the same layer, described twice' });
    const variants = ['a', 'b', 'c'].map((text) =>
      approve(statementOf('boot-loader', [...loaderStatement.events.slice(0, 4), expectEvent(9, text)])),
    );
    for (const set of [[golden, twin, ...variants], variants]) {
      const answer = JSON.stringify(matchLayer('boot-loader', paperLog(boot), set));
      fc.assert(
        fc.property(fc.shuffledSubarray(set, { minLength: set.length }), (shuffled) => {
          assert.equal(JSON.stringify(matchLayer('boot-loader', paperLog(boot), shuffled)), answer);
        }),
      );
    }
  });

  it('T30: matches exactly when the lists of each PCR are equal, however they are interleaved (property)', () => {
    const event = fc.record({ pcr: fc.constantFrom(7, 14), text: fc.constantFrom('a', 'b') });
    const shuffled = fc
      .array(event, { minLength: 1, maxLength: 5 })
      .chain((events) =>
        fc.tuple(
          fc.constant(events),
          fc.shuffledSubarray(events, { minLength: events.length }),
          fc.array(event, { maxLength: 1 }),
        ),
      );
    const listsOf = (events: readonly { readonly pcr: number; readonly text: string }[]): string =>
      [7, 14].map((pcr) => events.flatMap((one) => (one.pcr === pcr ? one.text : [])).join()).join(' ');
    fc.assert(
      fc.property(shuffled, ([expected, moved, more]) => {
        const observed = [...moved, ...more];
        const events = expected.map(({ pcr, text }) => expectEvent(pcr, text));
        const log = paperLog(observed.map((one) => ({ ...one, layer: 'secure-boot' as const })));
        const { outcome } = matchLayer('secure-boot', log, [approve(statementOf('secure-boot', events))]);
        assert.equal(outcome === 'matched', listsOf(expected) === listsOf(observed));
      }),
      { numRuns: 150 },
    );
  });

  it('rejects the same digests where two of them have changed their PCRs', () => {
    const moved = loader.map((event, index) => ({ ...event, pcr: index === 3 ? 9 : index === 4 ? 4 : event.pcr }));
    assert.notEqual(matchLayer('boot-loader', paperLog(moved), [golden]).outcome, 'matched');
  });
});

describe('capture', () => {
  it('makes one statement for each layer, which the same boot satisfies', () => {
    const statements = createGoldenStatements(paperLog(boot), { host: 'hv-01', at: noon });
    assert.deepEqual(
      statements.map(({ layer }) => layer),
      ['boot-loader', 'kernel'],
    );
    for (const statement of statements) {
      assert.deepEqual(statement.provenance, { source: 'captured', host: 'hv-01', at: noon });
      assert.equal(matchLayer(statement.layer, paperLog(boot), [approve(statement)]).outcome, 'matched');
    }
  });

  it('gives equal layers the same subject digest on any host and at any time', () => {
    const [one] = createGoldenStatements(paperLog(boot), { host: 'hv-01', at: noon });
    const [two] = createGoldenStatements(paperLog(boot), { host: 'hv-02' });
    assert.deepEqual(one?.subjects, two?.subjects);
  });

  it('rejects when there is nothing to verify: a log without events of a layer gives no statement', () => {
    assert.deepEqual(createGoldenStatements(paperLog([])), []);
  });

  it('leaves out a layer whose PCR the log does not explain, and says which', () => {
    const log = paperLog(boot, { attested: new Map([[11, digestOf('systemd')]]) });
    assert.deepEqual(
      createGoldenStatements(log).map(({ layer }) => layer),
      ['boot-loader'],
    );
    assert.deepEqual(readCaptureGaps(log)[0], { layer: 'kernel', pcr: 11, status: 'unlogged' });
  });

  it('keeps descriptions signable: long ones are cut, and nothing unprintable is signed', () => {
    const text = `linux ${'x'.repeat(4089)}\ud83d\ude00 tail`;
    const log = paperLog([{ pcr: 8, text, layer: 'kernel-command-line', description: `${text.slice(0, 4096)}…` }]);
    const [statement] = createGoldenStatements(log);
    assert.ok(statement !== undefined && approve(statement));
  });
});
