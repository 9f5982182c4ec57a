// Every boot log we have, as an honest host would be attested with it: registers that the log itself leads to, quoted by a
// key made when the tests run. Our own captures; and other people's, where they are present.
import { readdirSync, readFileSync } from 'node:fs';
import type { HashAlgorithm } from '../../../src/core/crypto/index.ts';
import {
  annotateEventLog,
  encodeEventLog,
  eventTypes,
  parseEventLog,
  replayEventLog,
  verifyEventLog,
  type ClaimedEventLog,
  type EventToEncode,
  type ReplayedLog,
} from '../../../src/core/event-log/index.ts';
import { verifyPcrs, verifyQuote, type AttestedPcrs, type ClaimedPcrs } from '../../../src/core/tpm/index.ts';
import type { Evidence } from '../../../src/core/appraisal/index.ts';
import { AttestationError } from '../../../src/core/error.ts';
import { outcomeOf } from '../../support/hostile-bytes.ts';
import { vectorCases } from '../../support/vectors.ts';
import { nonce, signedQuote, softwareKey } from '../tpm/software-key.ts';

export const quotingKey = softwareKey();

export interface CapturedBoot {
  readonly name: string;
  readonly events: readonly EventToEncode[];
  /** What each event measured, where the log shows it: what an attacker can put under another label. */
  readonly measured: readonly (Uint8Array | undefined)[];
  readonly banks: readonly HashAlgorithm[];
  readonly attested: AttestedPcrs;
  /** Without a log: that is the attacker's to write. */
  readonly quoted: Pick<Evidence, 'attest' | 'signature' | 'pcrs'>;
  readonly truth: ReplayedLog;
}

/** The log as its host may rewrite it. */
export function encodeBoot({ banks }: Pick<CapturedBoot, 'banks'>, events: readonly EventToEncode[]): Uint8Array {
  return encodeEventLog(events, { banks });
}

const lab = new URL('../../fixtures/lab/boot/', import.meta.url);

function labLogs(): readonly { name: string; bytes: Uint8Array }[] {
  return readdirSync(lab).map((name) => ({
    name,
    bytes: new Uint8Array(readFileSync(new URL(`${name}/binary_bios_measurements`, lab))),
  }));
}

/** Our own captures, all that have a log. */
export function labBoots(): readonly CapturedBoot[] {
  return labLogs()
    .filter(({ bytes }) => bytes.length > 0)
    .map(({ name, bytes }) => captureBoot(name, parseEventLog(bytes)));
}

/** Other people's that can be read and are of a TPM; none where there are none. */
export function vectorBoots(): readonly CapturedBoot[] {
  return vectorCases('eventlog', '.bin').flatMap(({ file, bytes }) => {
    if (outcomeOf(() => parseEventLog(bytes)) instanceof AttestationError) return [];
    const log = parseEventLog(bytes);
    const isUsable = log.registers === 'tpm' && log.banks.length > 0 && log.events.some(({ untrustedType }) => untrustedType !== eventTypes.EV_NO_ACTION); // prettier-ignore
    return isUsable ? [captureBoot(file, log)] : [];
  });
}

function captureBoot(name: string, log: ClaimedEventLog): CapturedBoot {
  const { banks } = log;
  const kept = log.events.filter(({ index, untrustedType }) => index > 0 || untrustedType !== eventTypes.EV_NO_ACTION);
  const events = kept.map(({ pcr, untrustedType, untrustedData, digests }): EventToEncode => ({
    pcr,
    type: untrustedType,
    data: untrustedData,
    digests,
  }));
  const written = parseEventLog(encodeBoot({ banks }, events));
  const { attested, quoted } = quoteReplay(written);
  const known = new Map(annotateEventLog(written).events.map(({ index, boundContent }) => [index - 1, boundContent]));
  return {
    name,
    events,
    measured: events.map((_, position) => known.get(position)),
    banks,
    attested,
    quoted,
    truth: verifyEventLog(written, attested),
  };
}

/** The same boot, after which whoever owns the host extended registers with what would look good. */
export function hauntBoot(boot: CapturedBoot, later: readonly EventToEncode[]): CapturedBoot {
  const log = parseEventLog(encodeBoot(boot, [...boot.events, ...later]));
  return captureBoot(`${boot.name}, haunted`, log);
}

const pcrs = Array.from({ length: 16 }, (_, pcr) => pcr);

/** In the strongest bank, PCR 0 to 15 as the log leads to them. */
function quoteReplay(log: ClaimedEventLog): Pick<CapturedBoot, 'attested' | 'quoted'> {
  const bank = log.banks.at(-1) ?? 'sha1';
  const replayed = replayEventLog(log, bank);
  const size = replayed.values().next().value?.length ?? 0;
  const values: ClaimedPcrs = new Map([
    [bank, new Map(pcrs.map((pcr) => [pcr, replayed.get(pcr) ?? new Uint8Array(size)]))],
  ]);
  const selections = [{ bank, pcrs }];
  const { attest, signature } = signedQuote(quotingKey, selections, values);
  const quote = verifyQuote({ attest, signature, key: quotingKey.key, qualifyingData: nonce });
  return { attested: verifyPcrs(quote, values), quoted: { attest, signature, pcrs: values } };
}
