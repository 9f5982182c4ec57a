import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  createGoldenStatements,
  matchLayer,
  readCaptureGaps,
  type ApprovedGolden,
} from '../../../src/core/golden/index.ts';
import type { LayerMatch } from '../../../src/core/golden/index.ts';
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
    assert.equal(matchLayer('boot-loader', paperLog(kernel), [golden]).outcome, 'not-observed');
    assert.equal(matchLayer('boot-loader', paperLog([]), [golden]).outcome, 'not-observed');
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
  });

  it('never takes a description or a type for a match', () => {
    const lying = loader.map((event) => ({ ...event, text: `evil ${event.text}`, description: event.text }));
    assert.equal(kindOf(lying), 'event-replaced');
  });

  it('names the nearest golden measurement: most events in common, then longest common start', () => {
    const far = approve(statementOf('boot-loader', [expectEvent(4, 'other'), ...loaderStatement.events.slice(4)]));
    const near = approve(
      statementOf('boot-loader', [...loaderStatement.events.slice(0, 4), expectEvent(9, 'new.cfg')]),
    );
    const match = diverged(matchLayer('boot-loader', paperLog(boot), [far, near]));
    assert.equal(match.nearest.id, near.id);
    assert.equal(match.divergence.pcr, 9);
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
