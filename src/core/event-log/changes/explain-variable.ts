// A changed UEFI variable in words: Secure Boot and its keys, who let something run, the SBAT level, boot entries.
import { counted, encodeHex, printable } from '../../encoding/index.ts';
import { attempt } from '../attempt.ts';
import type { EventPair } from './align-events.ts';
import { parseLoadOption } from '../uefi/boot-option.ts';
import { verb, words, type ChangeWords } from './change-words.ts';
import type { DecodedVariable, SignatureEntry } from '../events/decoded-event.ts';
import { formatBootNumber, readBootOrder } from '../events/describe-event.ts';
import { guids } from '../uefi/guid.ts';
import { nameOfSubject, readCertificate } from '../uefi/key-certificates.ts';
import type { BoundEvent } from '../replayed-log.ts';
import { parseSbatLevel } from '../facts/shim-facts.ts';
import { parseSignatureDatabase, readAuthoritySignature } from '../uefi/signature-list.ts';
import { decodeAscii, trimNul } from '../events/text.ts';

export function explainVariable(pair: EventPair): ChangeWords {
  const [old, fresh] = [variableOf(pair.before), variableOf(pair.after)];
  const known = fresh ?? old;
  return (
    (old && fresh && explainSwitch(old, fresh)) ??
    (old && fresh && explainDatabase(old, fresh)) ??
    (known && explainNamed(known, pair, [old, fresh])) ??
    explainAny(pair)
  );
}

function variableOf(event: BoundEvent | undefined): DecodedVariable | undefined {
  return event?.dataBound === true && event.decoded?.kind === 'uefi-variable' ? event.decoded : undefined;
}

function explainAny(pair: EventPair): ChangeWords {
  const event = pair.after ?? pair.before;
  const name = event?.decoded?.kind === 'uefi-variable' ? event.decoded.name : '';
  return words('variable', `variable ${printable(name, 100)} ${verb(pair)}: ${event?.description ?? ''}`);
}

function explainSwitch(old: DecodedVariable, { name, data }: DecodedVariable): ChangeWords | undefined {
  if (name !== 'SecureBoot' || old.name !== name) return undefined;
  const isOn = data.length === 1 && data[0] === 1;
  return words('secure-boot', `Secure Boot was switched ${isOn ? 'on' : 'off'}`);
}

type Sides = readonly [DecodedVariable | undefined, DecodedVariable | undefined];

function explainNamed(variable: DecodedVariable, pair: EventPair, sides: Sides): ChangeWords | undefined {
  const { name, guid, data } = variable;
  if (name === 'SbatLevel' && guid === guids.shimLock) return explainSbatLevel(pair, sides);
  if (name === 'BootOrder' && guid === guids.globalVariable) {
    const [before, after] = sides.map((side) => side && readBootOrder(side.data).map(formatBootNumber).join(' '));
    return words('variable', `boot order ${fromTo(pair, before, after)}`);
  }
  if (/^Boot[0-9A-F]{4}$/i.test(name)) {
    const option = attempt(() => parseLoadOption(data));
    const text = option && `: ${printable(`${option.description} ${option.devicePath}`, 300)}`;
    return words('variable', `boot entry ${name} ${verb(pair)}${text ?? ''}`);
  }
  return explainAuthority(sides);
}

function fromTo(pair: EventPair, before: string | undefined, after: string | undefined): string {
  if (before === undefined || after === undefined) return `${verb(pair)}: ${after ?? before ?? ''}`;
  return `changed from ${before} to ${after}`;
}

function explainSbatLevel(pair: EventPair, sides: Sides): ChangeWords | undefined {
  const [before, after] = sides.map((side) => {
    const level = side && parseSbatLevel(decodeAscii(trimNul(side.data)));
    const least = Object.entries(level?.generations ?? {}).map(([name, generation]) => `${name} ${generation}`);
    return level && `${level.date}${least.length === 0 ? '' : ` (${least.join(', ')})`}`;
  });
  return before === undefined && after === undefined
    ? undefined
    : words('variable', `SBAT level of shim ${fromTo(pair, before, after)}`);
}

/** An authority is what let an image run: it comes and goes with what ran. */
function explainAuthority(sides: Sides): ChangeWords | undefined {
  const [before, after] = sides.map((side) => side && nameAuthority(side));
  if (before === undefined && after === undefined) return undefined;
  if (before === undefined) return words('authority', `authority newly used: ${after ?? ''}`, [after ?? '']);
  if (after === undefined) return words('authority', `authority no longer used: ${before}`, [], [before]);
  return words('authority', `authority ${after} used instead of ${before}`, [after], [before]);
}

function nameAuthority({ name, data }: DecodedVariable): string | undefined {
  const signature = attempt(() => readAuthoritySignature(data));
  if (signature === undefined) return undefined;
  const subject = readCertificate(signature)?.subject;
  const who = subject === undefined ? encodeHex(signature.sha256.value).slice(0, 16) : nameOfSubject(subject);
  return `${who} in ${printable(name, 60)}`;
}

function explainDatabase(old: DecodedVariable, fresh: DecodedVariable): ChangeWords | undefined {
  const [before, after] = [entriesOf(old), entriesOf(fresh)];
  if (before === undefined || after === undefined) return undefined;
  const [gained, lost] = [entriesBeyond(after, before), entriesBeyond(before, after)];
  const parts = [countOf('gained', gained), countOf('lost', lost)].filter((part) => part !== '');
  const label = (entry: SignatureEntry): string => {
    const subject = readCertificate(entry)?.subject;
    return `${entry.type} ${encodeHex(entry.sha256.value)}${subject === undefined ? '' : ` ${nameOfSubject(subject)}`}`;
  };
  const what = parts.join(' and ') || 'has the same entries in another order or with other owners';
  return words('signature-database', `${fresh.name} ${what}`, gained.map(label), lost.map(label));
}

/** Of a database, never of an authority that bears its name. */
function entriesOf({ name, data }: DecodedVariable): readonly SignatureEntry[] | undefined {
  return /^(?:PK|KEK|db[xtr]?)$/.test(name) ? attempt(() => parseSignatureDatabase(data).entries) : undefined;
}

function entriesBeyond(
  entries: readonly SignatureEntry[],
  others: readonly SignatureEntry[],
): readonly SignatureEntry[] {
  const keyOf = ({ typeGuid, sha256 }: SignatureEntry): string => `${typeGuid} ${encodeHex(sha256.value)}`;
  const known = new Set(others.map(keyOf));
  return entries.filter((entry) => !known.has(keyOf(entry)));
}

function countOf(word: string, entries: readonly SignatureEntry[]): string {
  if (entries.length === 0) return '';
  const certificates = entries.filter(({ type }) => type === 'x509').length;
  const hashes = entries.length - certificates;
  const parts = [
    certificates === 0 ? '' : counted(certificates, 'certificate'),
    hashes === 0 ? '' : counted(hashes, 'hash', 'hashes'),
  ];
  return `${word} ${parts.filter((part) => part !== '').join(' and ')}`;
}
