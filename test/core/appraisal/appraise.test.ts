import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AttestationError, MalformedError } from '../../../src/core/error.ts';
import { concatBytes } from '../../../src/core/encoding/index.ts';
import { encodeEventLog, eventTypes, parseEventLog } from '../../../src/core/event-log/index.ts';
import { appraise, type AppraisalPolicy, type Evidence, type Trust } from '../../../src/core/appraisal/index.ts';
import type { PcrSelection } from '../../../src/core/tpm/index.ts';
import type { Verdict } from '../../../src/core/verdict/index.ts';
import { approve, expectEvent, statementOf } from '../golden/material.ts';
import { quoteClaim, signedStatement, softwareKey, nonce as softNonce, pcrsOf } from '../tpm/software-key.ts';
import { bootLayers, labEvidence, labGoldens, labKey, labNonce, labPolicy, labTrust } from './lab.ts';

const at = new Date('2026-11-25T12:00:00Z');
const evidence = labEvidence('sb-on');
const goldens = labGoldens('sb-on');
const trust = labTrust('sb-on', goldens);
const policy = labPolicy();

interface Change {
  readonly evidence?: Partial<Evidence>;
  readonly trust?: Partial<Trust>;
  readonly policy?: Partial<AppraisalPolicy>;
}

function appraiseChanged(change: Change = {}): Verdict {
  return appraise(
    { ...evidence, ...change.evidence },
    { ...trust, ...change.trust },
    { ...policy, ...change.policy },
    at,
  );
}

function refuses(verdict: Verdict, code: string, status: Verdict['status'] = 'none'): void {
  assert.ok(
    verdict.findings.some((finding) => finding.code === code && finding.severity === 'error'),
    `${code} is among ${verdict.findings.map((finding) => finding.code).join(', ')}`,
  );
  assert.equal(verdict.status, status);
}

function flip(bytes: Uint8Array, index: number, mask = 0x01): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[index] = (copy[index] ?? 0) ^ mask;
  return copy;
}

describe('appraise', () => {
  it('T36: denies without a policy, without golden measurements, and without both', () => {
    const unruled = appraise(evidence, trust, undefined, at);
    refuses(unruled, 'POLICY_ABSENT');
    assert.deepEqual(unruled.vector, {});
    assert.equal(unruled.policy, undefined);
    assert.equal(unruled.expiresAt, unruled.issuedAt);
    refuses(appraiseChanged({ trust: { goldens: [] } }), 'LAYER_GOLDEN_NONE');
    refuses(appraise(evidence, { ...trust, goldens: [] }, undefined, at), 'POLICY_ABSENT');
  });

  it('rejects when there is nothing to verify, each time with its own code', () => {
    refuses(appraiseChanged({ policy: { layers: [] } }), 'POLICY_DEMANDS_NOTHING');
    refuses(appraiseChanged({ policy: { layers: ['confidential-guest'] } }), 'LAYER_GOLDEN_NONE');
    refuses(appraiseChanged({ evidence: { attest: new Uint8Array() } }), 'TPM_SIGNATURE_INVALID', 'contraindicated');
    refuses(appraiseChanged({ evidence: { pcrs: new Map() } }), 'TPM_PCRS_MISSING', 'contraindicated');
    refuses(
      appraiseChanged({ trust: { qualifyingData: new Uint8Array() } }),
      'TPM_QUALIFYING_DATA_TOO_SHORT',
      'contraindicated',
    );
  });

  it('never gives an affirming verdict for a policy that skipped its own parser', () => {
    refuses(appraiseChanged({ policy: { bank: 'sha1' as never } }), 'POLICY_BANK_REFUSED');
    for (const verdictSeconds of [0, -1, Number.NaN, 0.5]) {
      refuses(appraiseChanged({ policy: { verdictSeconds } }), 'POLICY_LIFETIME_INVALID');
    }
  });

  it('T34: gives an absent, empty, cut, oversized and unmeasured log each its own reason, and trusts none', () => {
    const noAction = encodeEventLog([{ pcr: 0, type: eventTypes.EV_NO_ACTION, data: new Uint8Array(16) }], {
      banks: ['sha256'],
    });
    const log = evidence.eventLog ?? new Uint8Array();
    const cases: readonly (readonly [Uint8Array | undefined, string])[] = [
      [undefined, 'LOG_ABSENT'],
      [new Uint8Array(), 'EVENT_LOG_EMPTY'],
      [log.subarray(0, log.length - 1), 'EVENT_LOG_TRUNCATED'],
      [new Uint8Array(4 * 1024 * 1024 + 1), 'EVENT_LOG_TOO_LARGE'],
      [noAction, 'EVENT_LOG_NO_MEASUREMENTS'],
    ];
    assert.equal(new Set(cases.map(([, code]) => code)).size, cases.length);
    for (const [eventLog, code] of cases) {
      const verdict = appraiseChanged({ evidence: { eventLog } });
      refuses(verdict, code);
      assert.deepEqual(verdict.layers, {});
    }
  });

  it('tells a log that lacks events from a log that disagrees', () => {
    const log = evidence.eventLog ?? new Uint8Array();
    const events = parseEventLog(log).events;
    const last = events[events.length - 3]; // the initrd, in PCR 9
    assert.equal(last?.pcr, 9);
    const shortened = concatBytes(log.subarray(0, last.offset), log.subarray(events[events.length - 2]?.offset ?? 0));
    refuses(appraiseChanged({ evidence: { eventLog: shortened } }), 'LOG_PCR_MISMATCH');
    const without9 = concatBytes(
      ...events
        .filter(({ pcr }) => pcr !== 9)
        .map(({ offset, index }) => log.subarray(offset, events[index + 1]?.offset)),
    );
    refuses(appraiseChanged({ evidence: { eventLog: without9 } }), 'LAYER_PCR_UNLOGGED');
  });

  it('T22: rejects a quote that leaves out a PCR the policy needs, and one without the bank', () => {
    const signer = softwareKey();
    const quoted = (bank: 'sha256' | 'sha384', pcrs: readonly number[], empty: PcrSelection[] = []): Verdict => {
      const claim = quoteClaim(signer.key, { selections: [...empty, { bank, pcrs }] });
      const { attest, signature } = signedStatement(signer, claim);
      return appraise(
        { attest, signature, pcrs: pcrsOf(claim.selections), eventLog: evidence.eventLog },
        { ...trust, host: { id: 'hv-01', attestationKey: signer.key }, qualifyingData: softNonce },
        policy,
        at,
      );
    };
    const partial = quoted('sha256', [0, 2, 4, 7, 8, 9, 11, 12]);
    refuses(partial, 'QUOTE_PCR_MISSING');
    assert.deepEqual(
      partial.findings.filter(({ code }) => code === 'QUOTE_PCR_MISSING').map(({ pcr }) => pcr),
      [14],
    );
    const other = quoted('sha384', [0, 2, 4, 7, 8, 9, 11, 12, 14], [{ bank: 'sha256', pcrs: [] }]);
    refuses(other, 'QUOTE_BANK_MISSING');
    const missing = other.findings.find(({ code }) => code === 'QUOTE_BANK_MISSING');
    assert.equal(missing?.observed, 'sha384', 'a bank of which nothing was quoted is not covered');
  });

  it('T24: never trusts a quote over PCR 16 or 23', () => {
    const signer = softwareKey();
    for (const pcr of [16, 23]) {
      for (const bank of ['sha256', 'sha384'] as const) {
        const selections = [
          { bank: 'sha256' as const, pcrs: [0, 2, 4, 7, 8, 9, 11, 12, 14, ...(bank === 'sha256' ? [pcr] : [])] },
          ...(bank === 'sha384' ? [{ bank, pcrs: [pcr] }] : []),
        ];
        const { attest, signature } = signedStatement(signer, quoteClaim(signer.key, { selections }));
        const host = { id: 'hv-01', attestationKey: signer.key };
        const verdict = appraise(
          { attest, signature, pcrs: pcrsOf(selections), eventLog: evidence.eventLog },
          { ...trust, host, qualifyingData: softNonce },
          policy,
          at,
        );
        refuses(verdict, 'QUOTE_PCR_RESETTABLE');
      }
    }
  });

  it('T29: rejects a quote for another challenge, whatever a policy leaves out', () => {
    const least = { layers: ['firmware'] as const, requireFacts: {}, conditions: [] };
    for (const lenient of [{}, least, { ...least, layers: [] }]) {
      const change = { trust: { qualifyingData: labNonce('sb-off') }, policy: lenient };
      refuses(appraiseChanged(change), 'TPM_QUALIFYING_DATA_MISMATCH', 'contraindicated');
    }
  });

  it('rejects a quote by another key', () => {
    const host = { id: 'hv-01', attestationKey: softwareKey().key };
    refuses(appraiseChanged({ trust: { host } }), 'TPM_SIGNATURE_INVALID', 'contraindicated');
    refuses(
      appraiseChanged({ trust: { host: { id: 'hv-01', attestationKey: labKey('rsa') } } }),
      'TPM_SIGNATURE_SCHEME_MISMATCH',
      'contraindicated',
    );
  });

  it('T33: refuses evidence older than evidence already accepted, and the same evidence twice', () => {
    const { boot } = appraiseChanged();
    assert.ok(boot !== undefined);
    const clock = {
      clockMs: BigInt(boot.clockMs),
      resetCount: boot.resetCount,
      restartCount: boot.restartCount,
      safe: true,
    };
    const after = (change: Partial<typeof clock>): Verdict =>
      appraiseChanged({ trust: { previousBoot: { clock: { ...clock, ...change }, firmwareVersion: 1n } } });
    refuses(after({}), 'BOOT_ROLLED_BACK', 'contraindicated');
    refuses(after({ clockMs: clock.clockMs + 1n }), 'BOOT_ROLLED_BACK', 'contraindicated');
    refuses(after({ resetCount: clock.resetCount + 1 }), 'BOOT_ROLLED_BACK', 'contraindicated');
    assert.equal(after({ clockMs: clock.clockMs - 1n }).status, 'affirming');
    assert.equal(after({ resetCount: clock.resetCount - 1, clockMs: 0n }).boot?.epoch, 'rebooted');
  });

  it('T32: gives the same bytes in whatever order golden measurements come', () => {
    const set = [...goldens, ...labGoldens('kernel-cloud'), ...labGoldens('initrd-changed')];
    for (const run of ['sb-on', 'cfg-tampered']) {
      const answer = (list: Trust['goldens']): string =>
        JSON.stringify(appraise(labEvidence(run), labTrust(run, list), policy, at));
      const first = answer(set);
      fc.assert(
        fc.property(fc.shuffledSubarray(set, { minLength: set.length }), (list) => answer(list) === first),
        { numRuns: 20 },
      );
    }
  });

  it('is deterministic: the same input gives the same bytes, another moment another promise', () => {
    assert.equal(JSON.stringify(appraiseChanged()), JSON.stringify(appraiseChanged()));
    const later = appraise(evidence, trust, policy, new Date(at.getTime() + 1000));
    const times = { challengedAt: '', issuedAt: '', expiresAt: '' };
    assert.deepEqual({ ...later, ...times }, { ...appraiseChanged(), ...times });
  });

  it('counts from the challenge, however late the evidence comes, and never from a moment to come', () => {
    const timesFor = (challengedAt: Date) => {
      const verdict = appraise(evidence, { ...trust, challengedAt }, policy, at);
      return [verdict.challengedAt, verdict.issuedAt, verdict.expiresAt];
    };
    const { expiresAt } = appraiseChanged();
    const early = new Date(at.getTime() - 60_000);
    const end = new Date(Date.parse(expiresAt) - 60_000);
    assert.deepEqual(timesFor(early), [early.toISOString(), at.toISOString(), end.toISOString()]);
    const ahead = new Date(at.getTime() + 60_000);
    assert.deepEqual(timesFor(ahead), [at.toISOString(), at.toISOString(), expiresAt]);
  });

  it('lets an unvouched TPM be no better than a warning, and claims nothing of its hardware', () => {
    const verdict = appraiseChanged({ trust: { endorsement: 'unverified' } });
    assert.equal(verdict.status, 'warning');
    assert.equal(verdict.vector.hardware, undefined);
    assert.deepEqual(
      verdict.findings.map(({ code }) => code),
      ['ENDORSEMENT_UNVERIFIED'],
    );
  });

  it('stops believing a golden measurement when it expires', () => {
    const notAfter = new Date('2026-11-25T12:00:00Z');
    const expiring = goldens.map(({ statement }) => approve({ ...statement, notAfter }));
    const before = appraise(evidence, { ...trust, goldens: expiring }, policy, new Date(notAfter.getTime() - 1));
    assert.equal(before.status, 'affirming');
    refuses(appraiseChanged({ trust: { goldens: expiring } }), 'LAYER_GOLDEN_NOT_VALID');
  });

  it('lets no verdict outlive a golden measurement it rests on, and only those', () => {
    const at = new Date('2026-11-25T12:00:00Z');
    const inTenSeconds = new Date(at.getTime() + 10_000);
    const endingAll = (layer: string) =>
      goldens.map((golden) =>
        golden.statement.layer === layer ? approve({ ...golden.statement, notAfter: inTenSeconds }) : golden,
      );
    const expiryWith = (known: typeof goldens, layers = policy.layers) =>
      appraise(evidence, { ...trust, goldens: known }, { ...policy, layers }, at).expiresAt;
    const whole = new Date(at.getTime() + policy.verdictSeconds * 1000).toISOString();
    assert.equal(expiryWith(goldens), whole);
    for (const layer of policy.layers) assert.equal(expiryWith(endingAll(layer)), inTenSeconds.toISOString(), layer);
    assert.equal(expiryWith(endingAll('kernel'), ['firmware']), whole, 'the kernel was not demanded');
    const renewed = [...endingAll('kernel'), ...goldens];
    assert.equal(expiryWith(renewed), whole, 'of two that match, the one that holds longer counts');
    assert.equal(expiryWith(renewed.toReversed()), whole);
  });

  it('claims approved executables only when every layer that executes was demanded', () => {
    const verdict = appraiseChanged({ policy: { layers: ['firmware', 'secure-boot'] } });
    assert.equal(verdict.status, 'affirming');
    assert.deepEqual(verdict.vector, { 'instance-identity': 2, hardware: 2 });
  });

  it('says which layers share a PCR with the demanded ones and are not demanded', () => {
    const layers = bootLayers.filter((layer) => layer !== 'initrd');
    const verdict = appraiseChanged({ policy: { layers } });
    assert.equal(verdict.status, 'affirming');
    assert.deepEqual(
      verdict.findings.map(({ code, pcr, observed }) => [code, pcr, observed]),
      [['LAYERS_SHARE_PCR', 9, 'initrd']],
    );
  });

  it('T8: never trusts a quote, a signature or a PCR value with any one byte changed', () => {
    for (let index = 0; index < evidence.attest.length; index += 1) {
      assert.equal(appraiseChanged({ evidence: { attest: flip(evidence.attest, index) } }).status, 'contraindicated');
    }
    for (let index = 0; index < evidence.signature.length; index += 1) {
      const verdict = appraiseChanged({ evidence: { signature: flip(evidence.signature, index) } });
      assert.equal(verdict.status, 'contraindicated');
    }
    const values = evidence.pcrs.get('sha256') ?? new Map<number, Uint8Array>();
    for (const [pcr, value] of values) {
      for (let index = 0; index < value.length; index += 1) {
        const pcrs = new Map([['sha256' as const, new Map(values).set(pcr, flip(value, index))]]);
        assert.equal(appraiseChanged({ evidence: { pcrs } }).status, 'contraindicated');
      }
    }
  });

  it('T8: never trusts a log with any byte of an attested digest changed', () => {
    const log = evidence.eventLog ?? new Uint8Array();
    const { events } = parseEventLog(log);
    const covered = [0, 2, 4, 7, 8, 9, 14];
    for (const { pcr, offset, index, digests } of events) {
      const digest = digests.get('sha256');
      if (index === 0 || !covered.includes(pcr) || digest === undefined) continue;
      const start = Buffer.from(log).indexOf(Buffer.from(digest), offset);
      assert.ok(start > 0);
      for (let byte = 0; byte < digest.length; byte += 5) {
        const verdict = appraiseChanged({ evidence: { eventLog: flip(log, start + byte) } });
        refuses(verdict, 'LOG_PCR_MISMATCH');
      }
    }
  }).timeout(120_000);

  it('T8: any other byte of the log is refused, or binds no demanded layer and changes no claim', () => {
    const log = evidence.eventLog ?? new Uint8Array();
    const good = claimsOf(appraiseChanged());
    for (let index = 0; index < log.length; index += 31) {
      const verdict = appraiseChanged({ evidence: { eventLog: flip(log, index, 0x21) } });
      if (verdict.status !== 'affirming') continue;
      assert.deepEqual(claimsOf(verdict), good);
      assert.ok(verdict.findings.every(({ code }) => code === 'LOG_PCR_MISMATCH_UNDEMANDED' || code === 'LOG_QUIRK'));
    }
  }).timeout(120_000);

  it('does not believe a fact when the data that says it is changed and the digest is left', () => {
    const log = evidence.eventLog ?? new Uint8Array();
    const secureBoot = parseEventLog(log).events[4];
    assert.equal(secureBoot?.untrustedType, eventTypes.EV_EFI_VARIABLE_DRIVER_CONFIG);
    const end = parseEventLog(log).events[5]?.offset ?? 0;
    const demand = { requireFacts: { secureBoot: 'enabled' as const } };
    assert.equal(appraiseChanged({ policy: demand }).status, 'affirming');
    refuses(
      appraiseChanged({ policy: demand, evidence: { eventLog: flip(log, end - 1) } }),
      'FACT_SECURE_BOOT_UNKNOWN',
    );
  });

  it('rejects an event that belongs to no layer, by whatever label', () => {
    const narrow = { layers: ['secure-boot' as const] };
    assert.equal(appraiseChanged({ policy: narrow }).status, 'affirming');
    const other = approve(statementOf('secure-boot', [expectEvent(7, 'something else')]));
    refuses(
      appraiseChanged({ policy: narrow, trust: { goldens: [other] } }),
      'SECURE_BOOT_DIVERGED',
      'contraindicated',
    );
  });
});

describe('appraise under faults', () => {
  /** Makes the n-th read of any member throw. */
  function sabotage<T extends object>(target: T, count: { left: number }, fault: Error): T {
    return new Proxy(target, {
      get(object, key, receiver): unknown {
        count.left -= 1;
        if (count.left === 0) throw fault;
        const value: unknown = Reflect.get(object, key, receiver);
        const isPlain =
          typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
        return isPlain || Array.isArray(value) ? sabotage(value, count, fault) : value;
      },
    });
  }

  function appraiseSabotaged(
    left: number,
    fault: Error,
  ): { readonly verdict?: Verdict; readonly thrown?: unknown; left: number } {
    const count = { left };
    try {
      const verdict = appraise(
        sabotage(evidence, count, fault),
        sabotage(trust, count, fault),
        sabotage(policy, count, fault),
        at,
      );
      return { verdict, left: count.left };
    } catch (thrown) {
      return { thrown, left: count.left };
    }
  }

  it('T7: never trusts when any read of evidence, trust or policy throws', () => {
    const defect = new RangeError('a defect');
    const typed = new MalformedError('ENCODING_HEX_INVALID', 'a typed failure');
    const budget = 1_000_000;
    const unharmed = appraiseSabotaged(budget, defect);
    assert.equal(unharmed.verdict?.status, 'affirming');
    const reads = budget - unharmed.left;
    assert.ok(reads > 50);
    for (let left = 1; left <= reads; left += reads > 2000 ? 7 : 1) {
      for (const fault of [defect, typed]) {
        const { verdict, thrown } = appraiseSabotaged(left, fault);
        assert.ok(thrown === fault || (verdict !== undefined && verdict.status !== 'affirming'), `read ${left}`);
      }
    }
  }).timeout(120_000);

  it('T7: lets a defect pass through instead of making a verdict of it', () => {
    const defect = new RangeError('a defect');
    const broken = {
      ...evidence,
      get pcrs(): never {
        throw defect;
      },
    };
    assert.throws(() => appraise(broken, trust, policy, at), defect);
  });

  it('T7: never trusts when a value has another type than the program was promised', () => {
    for (const eventLog of ['text', 7, {}, []]) {
      let verdict: Verdict | undefined;
      try {
        verdict = appraiseChanged({ evidence: { eventLog: eventLog as never } });
      } catch (error) {
        assert.ok(!(error instanceof AttestationError));
      }
      assert.notEqual(verdict?.status, 'affirming');
    }
  });
});

function claimsOf(verdict: Verdict): object {
  return { ...verdict, findings: [], eventLogDigest: '' };
}
