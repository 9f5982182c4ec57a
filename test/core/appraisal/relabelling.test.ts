// An attacker who owns a host writes its log. Nothing that the registers do not hold may improve a verdict. [PEERS T18]
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AttestationError } from '../../../src/core/error.ts';
import {
  layers,
  parseEventLog,
  readFacts,
  verifyEventLog,
  type BootFacts,
  type EventToEncode,
} from '../../../src/core/event-log/index.ts';
import { createGoldenStatements, type ApprovedGolden, type GoldenStatement } from '../../../src/core/golden/index.ts';
import { conditionFacts, readConditionFact } from '../../../src/core/appraisal/conditions/condition-facts.table.ts';
import { appraise, parsePolicy, type RequiredFacts } from '../../../src/core/appraisal/index.ts';
import { isWorse, type TrustStatus, type Verdict } from '../../../src/core/verdict/index.ts';
import { approve } from '../golden/material.ts';
import { encodeBoot, hauntBoot, labBoots, quotingKey, vectorBoots, type CapturedBoot } from './captured-boots.ts';
import { everyDemand, isMet } from './every-demand.ts';
import { goodWords } from './good-words.ts';
import { trustOf } from './paper-host.ts';
import { applyEdits, disguises, disguisesOf, editsOf, everyType, relabel, type NamedEdit } from './relabelling.ts';

const at = new Date('2026-11-25T12:00:00Z');
const ours = labBoots();
const theirs = vectorBoots();
/** Owners can extend any register once the system runs: the truth tells so, and its log may not. */
const haunted = [...ours, ...theirs].map((boot) => hauntBoot(boot, goodWords));
const factsOf = new Map([...ours, ...theirs, ...haunted].map((boot) => [boot, readFacts(boot.truth)]));
const demands = everyDemand(ours.map((boot) => readFacts(boot.truth)));
const foreign = ours.flatMap(({ events }) => events.map(({ data }) => data)).filter(({ length }) => length < 4096);

/** The facts that the rewritten log proves; nothing where it is refused as a whole. */
function readRewritten(boot: CapturedBoot, events: readonly EventToEncode[]): BootFacts | undefined {
  try {
    return readFacts(verifyEventLog(parseEventLog(encodeBoot(boot, events)), boot.attested));
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

/** Demands that the boot does not satisfy: none of them may be satisfied by its log rewritten. */
const unmet = new Map([...factsOf].map(([boot, facts]) => [boot, demands.filter((demand) => !isMet(facts, demand))]));

function assertNoBetter(boot: CapturedBoot, edits: readonly NamedEdit[]): void {
  const seen = readRewritten(boot, applyEdits(boot, edits));
  if (seen === undefined) return;
  const how = `${boot.name}: ${edits.map(({ name }) => name).join(', ')}`;
  const improved: readonly RequiredFacts[] = (unmet.get(boot) ?? assert.fail()).filter((demand) => isMet(seen, demand));
  assert.deepEqual(improved, [], how);
  assertNoOther(factsOf.get(boot) ?? assert.fail(), seen, how);
}

/** A condition may be any expression: so what it reads is what the boot was, or nothing. A weakness may be suspected. */
function assertNoOther(truth: BootFacts, seen: BootFacts, how: string): void {
  for (const name of Object.keys(conditionFacts)) {
    const [real, shown] = [readConditionFact(name, truth)?.value, readConditionFact(name, seen)?.value];
    if (shown === undefined) continue;
    if (name !== 'hardening') assert.deepEqual(shown, real, `${how}: ${name}`);
    else {
      const worse = Object.entries(shown).filter(([key, state]) => state !== (real as Record<string, string>)[key]);
      assert.ok(worse.every(([, state]) => state === 'off'), `${how}: ${name}`); // prettier-ignore
    }
  }
}

interface Judge {
  readonly truth: Verdict;
  readonly judge: (events: readonly EventToEncode[]) => Verdict;
}

/** With golden measurements of this very boot, and with ones that differ from it in one event. */
function judgesOf(boot: CapturedBoot): readonly Judge[] {
  const statements = createGoldenStatements(boot.truth);
  const named = layers.filter((layer) => statements.some((statement) => statement.layer === layer));
  const [bank] = boot.banks.slice(-1);
  if (named.length === 0 || bank === undefined || bank === 'sha1') return [];
  const policy = parsePolicy({ id: 'property', version: 1, layers: named, verdictSeconds: 60, bank });
  const judgeBy = (goldens: readonly ApprovedGolden[]): Judge => {
    const trust = trustOf(quotingKey, goldens, 'hv');
    const judge = (events: readonly EventToEncode[]): Verdict =>
      appraise({ ...boot.quoted, eventLog: encodeBoot(boot, events) }, trust, policy, at);
    return { truth: judge(boot.events), judge };
  };
  return [statements, ...named.map((layer) => spoil(statements, layer))].map((each) => judgeBy(each.map(approve)));
}

/** One layer expects its first event twice: no boot that we have is so. */
function spoil(statements: readonly GoldenStatement[], layer: string): readonly GoldenStatement[] {
  return statements.map((statement) =>
    statement.layer === layer
      ? { ...statement, events: [...statement.events.slice(0, 1), ...statement.events] }
      : statement,
  );
}

/** Known evil and nothing known refuse alike, and every host can show no log at all: neither is better than the other. */
function accepted(status: TrustStatus): TrustStatus {
  return status === 'none' ? 'contraindicated' : status;
}

/** A few in the suite; TOUCHSTONE_PROPERTY_RUNS times as many for who looks for more. */
const runsOf = (few: number): number => few * Number(process.env['TOUCHSTONE_PROPERTY_RUNS'] ?? '1');

describe('rewritten logs', () => {
  for (const [boots, runs] of [
    [ours, 30],
    [theirs, 8],
  ] as const) {
    for (const boot of boots) {
      it(`T18: no rewriting of the log of ${boot.name} satisfies a demand that the boot does not`, () => {
        fc.assert(
          fc.property(editsOf(boot, foreign), (edits) => assertNoBetter(boot, edits)),
          { numRuns: runsOf(runs) },
        );
      }).timeout(120_000);
    }
  }

  it('T18: nothing that was measured later passes for what booted, whichever register is hidden or given up', () => {
    for (const boot of haunted) {
      for (const pcr of new Set(boot.events.map((event) => event.pcr))) {
        assertNoBetter(boot, [{ name: `without PCR ${pcr}`, edit: (events) => events.filter((event) => event.pcr !== pcr) }]); // prettier-ignore
      }
      fc.assert(
        fc.property(disguisesOf(boot), (edits) => assertNoBetter(boot, edits)),
        { numRuns: runsOf(6) },
      );
    }
  }).timeout(240_000);

  it('T18: no event of any of our captures makes a fact better under any one other type', () => {
    for (const [position, boot] of ours.entries()) {
      for (let place = 0; place < boot.events.length; place += 1) {
        // Every pair of event and type is met once among captures that share their firmware.
        const types = everyType.filter((_, index) => (index + place + position) % ours.length === 0);
        for (const type of types) assertNoBetter(boot, [relabel(place, type)]);
      }
    }
  }).timeout(240_000);

  it('T18: no measured bytes make a fact better under any other name', () => {
    for (const [position, boot] of ours.entries()) {
      for (let place = position % 6; place < boot.events.length; place += 6) {
        for (const [index, disguise] of disguises(boot, place).entries()) {
          if ((index + place) % 5 === 0) assertNoBetter(boot, [disguise]);
        }
      }
    }
  }).timeout(240_000);

  it('T18: no other measured text passes for the command line once the real one is called something else', () => {
    for (const boot of ours) {
      const real = factsOf.get(boot)?.kernelCommandLine?.event;
      if (real === undefined || !['cfg-tampered', 'sb-on-linuxefi', 'uki', 'sdboot-uki'].includes(boot.name)) continue;
      const as = (place: number, name: string): readonly NamedEdit[] =>
        disguises(boot, place).filter((disguise) => disguise.name.includes(name));
      const hidden = [...as(real - 1, 'grub_cmd'), ...as(real - 1, 'whole')];
      for (const [place, { pcr }] of boot.events.entries()) {
        if (pcr !== 8 && pcr !== 9 && pcr !== 12) continue;
        for (const hide of hidden) {
          for (const show of as(place, 'kernel_cmdline')) assertNoBetter(boot, [hide, show]);
        }
      }
    }
  }).timeout(240_000);

  it('T18: no rewriting of a log gives a host a better status, with its own golden measurements and with others', () => {
    for (const boot of [...ours, ...theirs.slice(0, 8)]) {
      const judges = judgesOf(boot);
      fc.assert(
        fc.property(editsOf(boot, foreign), fc.nat(Math.max(0, judges.length - 1)), (edits, choice) => {
          const chosen = judges[choice];
          if (chosen === undefined) return;
          const verdict = chosen.judge(applyEdits(boot, edits));
          assert.ok(!isWorse(accepted(chosen.truth.status), accepted(verdict.status)), `${boot.name}: ${verdict.status} after ${chosen.truth.status}`); // prettier-ignore
        }),
        { numRuns: runsOf(12) },
      );
    }
  }).timeout(240_000);

  it('judges hosts that are trusted and hosts that are not', () => {
    const statuses = ours.flatMap(judgesOf).map(({ truth }) => truth.status);
    assert.ok(statuses.includes('affirming') && statuses.includes('contraindicated'));
    for (const boot of ours) {
      const met = demands.filter((demand) => isMet(factsOf.get(boot)!, demand)).length;
      assert.ok(met > 5 && met < demands.length, boot.name);
    }
  });
});
