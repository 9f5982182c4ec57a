import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  appraise,
  nameLog,
  type AppraisalPolicy,
  type Evidence,
  type LogMemory,
  type RememberedLog,
  type Trust,
} from '../../../src/core/appraisal/index.ts';
import { createDenyRules, type Denied, type DenyRules } from '../../../src/core/deny/index.ts';
import type { ApprovedGolden } from '../../../src/core/golden/index.ts';
import type { RememberedPcrs, VerifiedQuote } from '../../../src/core/tpm/index.ts';
import { denyEntry, denyList } from '../deny/material.ts';
import { approve } from '../golden/material.ts';
import { labEvidence, labGoldens, labKey, labNonce, labPolicy, labTrust } from './lab.ts';

const noon = Date.parse('2026-11-25T12:00:00Z');
const hour = 3_600_000;
const runs = ['sb-on', 'kernel-cloud', 'initrd-changed', 'cfg-tampered'] as const;

interface CountingMemory extends LogMemory {
  readonly hits: () => number;
  readonly size: () => number;
}

function createMemory(): CountingMemory {
  const kept = new Map<string, RememberedLog>();
  let hits = 0;
  return {
    get: (key) => {
      const known = kept.get(key);
      if (known !== undefined) hits += 1;
      return known;
    },
    set: (key, log) => void kept.set(key, log),
    hits: () => hits,
    size: () => kept.size,
  };
}

function bytesOf(verdict: unknown): string {
  return JSON.stringify(verdict);
}

/** Layers of three boots, each golden measurement once for ever, once with an end, and once with a beginning. */
const pool: readonly ApprovedGolden[] = runs
  .slice(0, 3)
  .flatMap((run) =>
    labGoldens(run).flatMap(({ statement }, index) => [
      approve(statement),
      approve({ ...statement, notAfter: new Date(noon + (index + 1) * hour) }),
      approve({ ...statement, notBefore: new Date(noon + index * hour) }),
    ]),
  );
const policies: readonly (AppraisalPolicy | undefined)[] = [
  labPolicy(),
  labPolicy({ layers: ['kernel', 'initrd'] }),
  labPolicy({ verdictSeconds: 600, requireFacts: { secureBoot: 'enabled' } }),
  labPolicy({ layers: ['kernel', 'runtime'] }),
  undefined,
];
const cases = runs.flatMap((run) =>
  (['rsa', 'ecc'] as const).map((key) => {
    const evidence = labEvidence(run, key);
    return { run, key, evidence, held: { ...evidence, eventLog: evidence.eventLog && nameLog(evidence.eventLog) } };
  }),
);

/** Of one layer of a boot each, and of something that none of the boots measured. */
const denials: readonly DenyRules[] = [
  ...[...labGoldens('sb-on'), ...labGoldens('kernel-cloud')].map(({ id }): Denied => ({ kind: 'golden', id })),
  { kind: 'measurement', digests: new Map([['sha256' as const, new Uint8Array(32)]]) } satisfies Denied,
].map((denied, index) => {
  const until = new Date(noon + index * hour);
  return createDenyRules([denyList([denyEntry(denied, index % 2 === 0 ? {} : { until })])]);
});

interface World {
  goldens: readonly ApprovedGolden[];
  policy: AppraisalPolicy | undefined;
  denied: DenyRules | undefined;
  time: number;
}

const changes = ['approve', 'revoke', 'policy', 'deny', 'allow', 'time', 'reload'] as const;

type Step =
  | { readonly kind: (typeof changes)[number]; readonly pick: number }
  | {
      readonly kind: 'attest';
      readonly pick: number;
      readonly host: string;
      readonly endorsement: 'verified' | 'missing';
    };

const pick = fc.nat({ max: 999 });
const change = fc.record({
  kind: fc.constantFrom(...changes),
  pick,
});
const attestation = fc.record({
  kind: fc.constant('attest' as const),
  pick,
  host: fc.constantFrom('hv-01', 'hv-02'),
  endorsement: fc.constantFrom('verified' as const, 'missing' as const),
});
const step: fc.Arbitrary<Step> = fc.oneof({ arbitrary: change, weight: 1 }, { arbitrary: attestation, weight: 3 });

/** As the server does it: what is in force is replaced as a whole, never changed in place. */
function apply(world: World, { kind, pick: number }: Step): void {
  switch (kind) {
    case 'approve': {
      const golden = pool[number % pool.length];
      if (golden !== undefined && !world.goldens.includes(golden)) world.goldens = [...world.goldens, golden];
      break;
    }
    case 'revoke':
      world.goldens = world.goldens.filter((_, index) => index !== number % world.goldens.length);
      break;
    case 'policy':
      world.policy = policies[number % policies.length];
      break;
    case 'deny':
      world.denied = denials[number % denials.length];
      break;
    case 'allow':
      world.denied = undefined;
      break;
    case 'time':
      // Between three weeks before and some hours after: beginnings, ends, and the notice of ends.
      world.time = noon + ((number % 40) - 30) * (number % 2 === 0 ? hour : 17 * hour);
      break;
    case 'reload':
      world.goldens = [...world.goldens];
      break;
    case 'attest':
      break;
  }
}

describe('the memory of an appraisal', () => {
  it('gives the same bytes as none, across approvals, revocations, denials, policies, hosts and time in any order', () => {
    let hits = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 30 }), (steps) => {
        const memory = createMemory();
        const whole = {
          logs: memory,
          quotes: new Map<string, VerifiedQuote>(),
          pcrs: new Map<string, RememberedPcrs>(),
        };
        const world: World = { goldens: pool, policy: policies[0], denied: undefined, time: noon };
        for (const one of steps) {
          apply(world, one);
          if (one.kind !== 'attest') continue;
          const { run, key, evidence, held } = cases[one.pick % cases.length] ?? assert.fail('there are cases');
          const host = { id: one.host, attestationKey: labKey(key) };
          const { goldens, denied, policy } = world;
          const trust = labTrust(run, goldens, { host, endorsement: one.endorsement, denied });
          const at = new Date(world.time);
          // A server holds the log of one host, and another sends its own.
          const sent = one.host === 'hv-01' ? held : evidence;
          assert.equal(
            bytesOf(appraise(sent, trust, policy, at, whole)),
            bytesOf(appraise(evidence, trust, policy, at)),
          );
        }
        hits += memory.hits();
      }),
      { numRuns: 40 },
    );
    assert.ok(hits > 50, `remembered ${hits} times`);
  });

  const evidence = labEvidence('sb-on');
  const goldens = labGoldens('sb-on');
  const trust = labTrust('sb-on', goldens);
  const policy = labPolicy();
  const at = new Date(noon);

  function warmed(): CountingMemory {
    const memory = createMemory();
    assert.equal(appraise(evidence, trust, policy, at, { logs: memory }).status, 'affirming');
    assert.equal(memory.size(), 1);
    return memory;
  }

  function refusedWith(change: { evidence?: Partial<Evidence>; trust?: Partial<Trust> }, code: string): void {
    const verdict = appraise({ ...evidence, ...change.evidence }, { ...trust, ...change.trust }, policy, at, {
      logs: warmed(),
    });
    assert.notEqual(verdict.status, 'affirming');
    const codes = verdict.findings.map((finding) => finding.code);
    assert.ok(codes.includes(code), `${code} is among ${codes.join(', ')}`);
  }

  it('is shared by hosts that booted alike and by challenges of any time, and each verdict names its own', () => {
    const memory = warmed();
    const other = { ...trust, host: { ...trust.host, id: 'hv-02' }, challengedAt: new Date(noon - 5000) };
    assert.equal(appraise(evidence, other, policy, at, { logs: memory }).host, 'hv-02');
    assert.equal(memory.hits(), 1);
    assert.equal(memory.size(), 1);
  });

  it('shares what verdicts on one boot say of its layers, so that nobody can change it for the others', () => {
    const memory = warmed();
    const verdicts = [noon, noon + hour].map((time) =>
      appraise(evidence, trust, policy, new Date(time), { logs: memory }),
    );
    assert.equal(memory.hits(), 2);
    assert.ok(Object.keys(verdicts[0]?.layers ?? {}).length > 0);
    for (const { layers } of verdicts) {
      assert.equal(layers, verdicts[0]?.layers);
      assert.ok(Object.isFrozen(layers));
    }
  });

  it('does not stand in for signature, nonce, PCR values, boot counters or endorsement', () => {
    const signature = Uint8Array.from(evidence.signature);
    signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
    refusedWith({ evidence: { signature } }, 'TPM_SIGNATURE_INVALID');
    refusedWith({ trust: { qualifyingData: labNonce('kernel-cloud') } }, 'TPM_QUALIFYING_DATA_MISMATCH');
    const pcrs = new Map([...evidence.pcrs].map(([bank, values]) => [bank, new Map(values)]));
    pcrs.get('sha256')?.set(4, new Uint8Array(32));
    refusedWith({ evidence: { pcrs } }, 'TPM_PCRS_DIGEST_MISMATCH');
    const clock = { clockMs: 2n ** 60n, resetCount: 2 ** 31, restartCount: 0, safe: true };
    refusedWith({ trust: { previousBoot: { clock, firmwareVersion: 0n } } }, 'BOOT_ROLLED_BACK');
    refusedWith({ trust: { endorsement: 'missing' } }, 'ENDORSEMENT_MISSING');
  });

  it('does not outlive a golden measurement: neither its revocation nor its end', () => {
    refusedWith({ trust: { goldens: goldens.slice(1) } }, 'LAYER_GOLDEN_NONE');
    const notAfter = new Date(noon + hour);
    const ending = { ...trust, goldens: goldens.map(({ statement }) => approve({ ...statement, notAfter })) };
    const memory = createMemory();
    const statusAt = (time: number) => appraise(evidence, ending, policy, new Date(time), { logs: memory }).status;
    assert.deepEqual([statusAt(noon), statusAt(noon + hour - 1)], ['affirming', 'affirming']);
    assert.equal(memory.hits(), 1);
    assert.equal(statusAt(noon + hour), 'none');
  });

  it('takes another log for another boot, and remembers no refusal', () => {
    const eventLog = Uint8Array.from(evidence.eventLog ?? []);
    eventLog[eventLog.length - 1] = (eventLog.at(-1) ?? 0) ^ 1;
    const memory = warmed();
    const verdict = appraise({ ...evidence, eventLog }, trust, policy, at, { logs: memory });
    assert.equal(bytesOf(verdict), bytesOf(appraise({ ...evidence, eventLog }, trust, policy, at)));
    assert.equal(memory.hits(), 0);
    const refusing = createMemory();
    appraise(labEvidence('cfg-tampered'), labTrust('cfg-tampered', goldens), policy, at, { logs: refusing });
    assert.equal(refusing.size(), 0);
  });
});
