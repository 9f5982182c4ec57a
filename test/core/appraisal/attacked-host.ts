// One honest boot, and a host that lies about it: what its TPM was extended with, what the quote says, what the log shows
// and what is sent beside it can each be another. For the attack catalogue (docs/threat-model.md).
import assert from 'node:assert/strict';
import { digestSizes, type HashAlgorithm } from '../../../src/core/crypto/index.ts';
import {
  encodeEventLog,
  parseEventLog,
  replayEventLog,
  verifyEventLog,
  type EventToEncode,
} from '../../../src/core/event-log/index.ts';
import { createGoldenStatements, type ApprovedGolden } from '../../../src/core/golden/index.ts';
import { appraise, type AppraisalPolicy, type Evidence, type Trust } from '../../../src/core/appraisal/index.ts';
import {
  verifyPcrs,
  verifyQuote,
  type ClaimedPcrs,
  type PcrSelection,
  type QuoteClaim,
} from '../../../src/core/tpm/index.ts';
import type { Verdict } from '../../../src/core/verdict/index.ts';
import { approve } from '../golden/material.ts';
import { nonce, signedQuote, softwareKey } from '../tpm/software-key.ts';
import { labBoots } from './captured-boots.ts';
import { labPolicy } from './lab.ts';
import { trustOf } from './paper-host.ts';

export const at = new Date('2026-11-25T12:00:00Z');
export const signer = softwareKey();
export const bootPcrs = Array.from({ length: 16 }, (_, pcr) => pcr);

/** A captured boot with Secure Boot: firmware, shim, GRUB, kernel, initrd. */
export const honest: readonly EventToEncode[] =
  labBoots().find(({ name }) => name === 'sb-on')?.events ?? assert.fail('no capture');

export interface Attack {
  /** What the TPM was extended with. */
  readonly measured?: readonly EventToEncode[];
  /** What the log shows. */
  readonly shown?: readonly EventToEncode[];
  readonly eventLog?: Uint8Array;
  /** Banks of the log. */
  readonly banks?: readonly HashAlgorithm[];
  readonly selections?: readonly PcrSelection[];
  /** What the TPM holds, where it is not what `measured` leads to. */
  readonly held?: (values: ClaimedPcrs) => ClaimedPcrs;
  /** What is sent beside the quote, where it is not what the TPM holds. */
  readonly sent?: (values: ClaimedPcrs) => ClaimedPcrs;
  readonly claim?: Partial<QuoteClaim>;
  readonly evidence?: Partial<Evidence>;
  readonly trust?: Partial<Trust>;
  readonly policy?: Partial<AppraisalPolicy>;
}

/** PCR values of the selections that events lead to; zero where nothing does. */
export function valuesOf(events: readonly EventToEncode[], selections: readonly PcrSelection[]): ClaimedPcrs {
  return new Map(
    selections.map(({ bank, pcrs }) => {
      const replayed = replayEventLog(parseEventLog(encodeEventLog(events, { banks: [bank] })), bank);
      return [bank, new Map(pcrs.map((pcr) => [pcr, replayed.get(pcr) ?? new Uint8Array(digestSizes[bank])]))];
    }),
  );
}

const bootSelection: readonly PcrSelection[] = [{ bank: 'sha256', pcrs: bootPcrs }];

export function evidenceOf(attack: Attack): Evidence {
  const { measured = honest, banks = ['sha256'], selections = bootSelection } = attack;
  const values = valuesOf(measured, selections);
  const held = attack.held?.(values) ?? values;
  const quote = signedQuote(signer, selections, held, attack.claim);
  const eventLog = attack.eventLog ?? encodeEventLog(attack.shown ?? measured, { banks });
  return { ...quote, pcrs: attack.sent?.(held) ?? held, eventLog, ...attack.evidence };
}

/** Golden measurements captured from a host that measured `events`. */
export function goldensOf(events: readonly EventToEncode[], bank: HashAlgorithm = 'sha256'): readonly ApprovedGolden[] {
  const quoted = { selections: [{ bank, pcrs: bootPcrs }], banks: [bank] };
  const { attest, signature, pcrs, eventLog = new Uint8Array() } = evidenceOf({ measured: events, ...quoted });
  const quote = verifyQuote({ attest, signature, key: signer.key, qualifyingData: nonce });
  return createGoldenStatements(verifyEventLog(parseEventLog(eventLog), verifyPcrs(quote, pcrs))).map(approve);
}

export const goldens = goldensOf(honest);

/** The verdict on the attack, by golden measurements of the honest boot. */
export function judge(attack: Attack = {}): Verdict {
  const trust = trustOf(signer, goldens, 'hv');
  return appraise(evidenceOf(attack), { ...trust, ...attack.trust }, { ...labPolicy(), ...attack.policy }, at);
}

/** The attack is refused, and this is among the reasons. */
export function refuses(attack: Attack, code: string): Verdict {
  const verdict = judge(attack);
  const codes = verdict.findings.filter(({ severity }) => severity === 'error').map((finding) => finding.code);
  assert.ok(codes.includes(code), `${code} is not among ${codes.join(', ')}`);
  assert.ok(verdict.status === 'none' || verdict.status === 'contraindicated', verdict.status);
  return verdict;
}

/** One event of the boot, changed. */
export function changeEvent(
  find: (event: EventToEncode) => boolean,
  change: (event: EventToEncode) => EventToEncode | readonly EventToEncode[],
  events = honest,
): readonly EventToEncode[] {
  const place = events.findIndex(find);
  assert.ok(place >= 0, 'no such event');
  return events.flatMap((event, index) => (index === place ? change(event) : event));
}
