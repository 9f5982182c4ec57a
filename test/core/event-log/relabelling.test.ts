// An attacker may write any type and any uncovered data beside a digest. No fact may get better by it. [PEERS T18]
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  encodeEventLog,
  eventTypes,
  parseEventLog,
  readFacts,
  verifyEventLog,
  type BootFacts,
  type EventToEncode,
  type Fact,
} from '../../../src/core/event-log/index.ts';
import { attest, labLog, labPcrs, labRuns, type LabRun } from './logs.ts';

const types = [...Object.values(eventTypes), 0x12345678].filter((type) => type !== eventTypes.EV_NO_ACTION);

interface Boot {
  readonly events: readonly EventToEncode[];
  readonly facts: BootFacts;
  readonly run: LabRun;
}

const boots = new Map(labRuns.map((run) => [run, readBoot(run)]));

function readBoot(run: LabRun): Boot {
  const events = parseEventLog(labLog(run))
    .events.slice(1)
    .map(({ pcr, untrustedType, untrustedData, digests }): EventToEncode => ({
      pcr,
      type: untrustedType,
      data: untrustedData,
      digests,
    }));
  return { events, run, facts: read(run, events) };
}

function read(run: LabRun, events: readonly EventToEncode[]): BootFacts {
  const log = parseEventLog(encodeEventLog(events, { banks: ['sha1', 'sha256', 'sha384'] }));
  const sha256 = [...labPcrs(run)].filter(([bank]) => bank === 'sha256');
  return readFacts(verifyEventLog(log, attest(new Map(sha256))));
}

/** Every value of `after` is the truth, or says less. */
function assertNoBetter(truth: BootFacts, after: BootFacts): void {
  const sameOr = <T>(real: Fact<T>, seen: Fact<T>, less: readonly T[]): void => {
    if (!less.includes(seen.value)) assert.deepEqual(seen.value, real.value);
  };
  sameOr(truth.secureBoot, after.secureBoot, ['unknown']);
  sameOr(truth.debugMode, after.debugMode, ['unknown']);
  sameOr(truth.dmaProtection, after.dmaProtection, ['unknown']);
  sameOr(truth.separators, after.separators, ['unknown']);
  sameOr(truth.exitBootServices, after.exitBootServices, ['unknown']);
  sameOr(truth.shim.mokSbState, after.shim.mokSbState, ['unknown']);
  assert.deepEqual(after.bootApplications, truth.bootApplications);
  assert.deepEqual(after.drivers, truth.drivers);
  assert.deepEqual(after.unifiedKernelImage, truth.unifiedKernelImage);
  assert.deepEqual(after.bootPhases, truth.bootPhases);
  if (after.kernelCommandLine) assert.deepEqual(after.kernelCommandLine, truth.kernelCommandLine);
  if (after.firmwareVersion) assert.deepEqual(after.firmwareVersion, truth.firmwareVersion);
  if (after.shim.sbatLevel) assert.deepEqual(after.shim.sbatLevel, truth.shim.sbatLevel);
  for (const [name, database] of Object.entries(after.signatureDatabases)) {
    assert.deepEqual(database, truth.signatureDatabases[name as keyof BootFacts['signatureDatabases']]);
  }
  for (const [name, fact] of Object.entries(after.hardening)) {
    const real = truth.hardening[name as keyof BootFacts['hardening']].value;
    if (fact.value === 'on') assert.equal(real, 'on', name);
    if (real === 'off') assert.notEqual(fact.value, 'on', name);
  }
  if (after.partitionTable) assert.deepEqual(after.partitionTable, truth.partitionTable);
  if (after.testKeys) assert.deepEqual(after.testKeys, truth.testKeys);
  if (after.secureBootMode) assert.deepEqual(after.secureBootMode, truth.secureBootMode);
  const known = new Set(truth.authorities.map(({ event }) => event));
  assert.ok(after.authorities.every(({ event }) => known.has(event)));
  // An authority that cannot be seen any more leaves an event that cannot be read.
  const seen = new Set([...after.authorities.map(({ event }) => event), ...after.unreadSecureBootEvents]);
  assert.ok(truth.authorities.every(({ event }) => event !== undefined && seen.has(event)));
}

describe('relabelled logs', () => {
  it('T18: no fact gets better when one event takes any other type', () => {
    for (const { events, facts, run } of boots.values()) {
      if (run !== 'sb-on' && run !== 'sb-off' && run !== 'sdboot-uki') continue;
      for (let position = 0; position < events.length; position += 1) {
        for (const type of types.filter((_, index) => (index + position) % 7 === 0)) {
          const changed = events.map((event, index) => (index === position ? { ...event, type } : event));
          assertNoBetter(facts, read(run, changed));
        }
      }
    }
  }).timeout(120_000);

  it('T18: no fact gets better when types and data change at will', () => {
    const change = fc.record({
      position: fc.nat(60),
      type: fc.option(fc.constantFrom(...types)),
      data: fc.option(
        fc.oneof(
          fc.uint8Array({ maxLength: 40 }),
          fc.constantFrom(...[...boots.values()].flatMap(({ events }) => events.map(({ data }) => data))),
        ),
      ),
    });
    fc.assert(
      fc.property(fc.constantFrom(...labRuns), fc.array(change, { minLength: 1, maxLength: 6 }), (run, changes) => {
        const boot = boots.get(run);
        assert.ok(boot);
        const changed = boot.events.map((event, index) => {
          const hit = changes.find(({ position }) => position % boot.events.length === index);
          return hit ? { ...event, type: hit.type ?? event.type, data: hit.data ?? event.data } : event;
        });
        assertNoBetter(boot.facts, read(run, changed));
      }),
      { numRuns: 400 },
    );
  }).timeout(120_000);

  it('T18: an event turned into EV_NO_ACTION unbinds its register and proves nothing', () => {
    const boot = boots.get('sb-off');
    assert.ok(boot);
    for (const [position, { pcr }] of boot.events.entries()) {
      const changed = boot.events.map((event, index) =>
        index === position ? { ...event, type: eventTypes.EV_NO_ACTION } : event,
      );
      const log = parseEventLog(encodeEventLog(changed, { banks: ['sha1', 'sha256', 'sha384'] }));
      const replayed = verifyEventLog(log, attest(labPcrs('sb-off')));
      assert.notEqual(replayed.pcrs.get(pcr), 'bound');
      assert.ok(replayed.events.every((event) => event.pcr !== pcr));
    }
  });
});
