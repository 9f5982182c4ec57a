// What whoever owns a host may do to its log without changing what the TPM holds: other types, other data, another order
// among registers, records that extend nothing, and measured bytes under another name.
import fc from 'fast-check';
import { concatBytes, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import {
  encodeUefiVariable,
  encodeUtf16,
  eventTypes,
  guids,
  type EventToEncode,
} from '../../../src/core/event-log/index.ts';
import type { CapturedBoot } from './captured-boots.ts';

export type Edit = (events: readonly EventToEncode[]) => readonly EventToEncode[];

/** An edit with a name, so that a counterexample says what was done. */
export interface NamedEdit {
  readonly name: string;
  readonly edit: Edit;
}

export const everyType: readonly number[] = [...Object.values(eventTypes), 0x12345678];

const prefixes = ['kernel_cmdline: ', 'grub_cmd: ', 'module_cmdline: ', 'grub_kernel_cmdline ', ''];
const names = ['SecureBoot', 'PK', 'KEK', 'db', 'dbx', 'MokSBState', 'SbatLevel', 'DeployedMode', 'Boot0000', 'Shim'];

function replace(
  events: readonly EventToEncode[],
  at: number,
  change: Partial<EventToEncode>,
): readonly EventToEncode[] {
  return events.map((event, index) => (index === at ? { ...event, ...change } : event));
}

export function relabel(at: number, type: number): NamedEdit {
  return { name: `event ${at} as type 0x${type.toString(16)}`, edit: (events) => replace(events, at, { type }) };
}

/** The measured bytes of an event, shown as something else: a digest covers bytes, not what they are called. */
export function disguises({ measured }: CapturedBoot, at: number): readonly NamedEdit[] {
  const content = measured[at];
  if (content === undefined) return [];
  const shown = (name: string, type: number, data: Uint8Array): NamedEdit => ({
    name: `event ${at} as ${name}`,
    edit: (events) => replace(events, at, { type, data }),
  });
  const nul = Uint8Array.of(0);
  return [
    ...prefixes.map((prefix) => shown(`GRUB's "${prefix}"`, eventTypes.EV_IPL, concatBytes(encodeUtf8(prefix), content, nul))), // prettier-ignore
    ...names.flatMap((name) =>
      [guids.globalVariable, guids.imageSecurityDatabase, guids.shimLock].flatMap((guid) => {
        const data = encodeUefiVariable({ guid, name, data: content });
        return [eventTypes.EV_EFI_VARIABLE_BOOT, eventTypes.EV_EFI_VARIABLE_DRIVER_CONFIG, eventTypes.EV_EFI_VARIABLE_AUTHORITY].map((type) => shown(`variable ${name}`, type, data)); // prettier-ignore
      }),
    ),
    shown('whole', eventTypes.EV_IPL, content),
    shown('separator', eventTypes.EV_SEPARATOR, content),
    shown('action', eventTypes.EV_EFI_ACTION, content),
    shown('text', eventTypes.EV_IPL, encodeUtf16(new TextDecoder().decode(content))),
  ];
}

/** What a host gives up: the register is no longer explained, and facts of other registers must not gain by it. */
function losses(boot: CapturedBoot, at: number): readonly NamedEdit[] {
  const pcr = boot.events[at]?.pcr;
  return [
    { name: `without event ${at}`, edit: (events) => events.filter((_, place) => place !== at) },
    { name: `without PCR ${pcr}`, edit: (events) => events.filter((event) => event.pcr !== pcr) },
    { name: `event ${at} twice`, edit: (events) => events.flatMap((event, place) => (place === at ? [event, event] : [event])) }, // prettier-ignore
  ];
}

/** Hides one event, or two, and shows another of the facts' registers as something else: what one fact would gain by. */
export function disguisesOf(boot: CapturedBoot): fc.Arbitrary<readonly NamedEdit[]> {
  const told = boot.events.flatMap(({ pcr }, place) => (pcr === 0 || pcr === 5 || pcr === 7 || pcr === 8 || pcr === 12 ? [place] : [])); // prettier-ignore
  const place = told.length === 0 ? fc.constant(0) : fc.constantFrom(...told);
  const hide = fc.tuple(place, fc.constantFrom(...everyType)).map(([at, type]): NamedEdit => ({
    name: `event ${at} hidden as type 0x${type.toString(16)}`,
    edit: (events) => replace(events, at, { type, data: encodeUtf8('hidden') }),
  }));
  const show = fc.tuple(place, fc.nat(200)).map(([at, choice]) => pick(disguises(boot, at), choice));
  const lose = fc.tuple(place, fc.nat(2)).map(([at, choice]) => pick(losses(boot, at), choice));
  return fc
    .tuple(fc.array(fc.oneof(hide, show), { minLength: 1, maxLength: 3 }), fc.option(lose))
    .map(([edits, loss]) => (loss === null ? edits : [...edits, loss]));
}

/** Any of these at any place of the log. Shrinks to fewer events, and towards the start of the log. */
export function editsOf(boot: CapturedBoot, foreign: readonly Uint8Array[]): fc.Arbitrary<readonly NamedEdit[]> {
  const at = fc.nat(boot.events.length - 1);
  const type = fc.constantFrom(...everyType);
  const data = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(...foreign, ...boot.events.map((event) => event.data)),
  );
  const edit: fc.Arbitrary<NamedEdit> = fc.oneof(
    fc.tuple(at, type).map(([place, label]) => relabel(place, label)),
    fc.tuple(at, data).map(([place, bytes]) => ({ name: `event ${place} with ${bytes.length} other bytes`, edit: (events: readonly EventToEncode[]) => replace(events, place, { data: bytes }) })), // prettier-ignore
    fc.tuple(at, type, data).map(([place, label, bytes]) => ({ name: `event ${place} as type 0x${label.toString(16)} with ${bytes.length} bytes`, edit: (events: readonly EventToEncode[]) => replace(events, place, { type: label, data: bytes }) })), // prettier-ignore
    fc.tuple(at, fc.nat(200)).map(([place, choice]) => pick(disguises(boot, place), choice)),
    at.map((place) => ({ name: `event ${place} before the one before it`, edit: (events: readonly EventToEncode[]) => swap(events, place) })), // prettier-ignore
    fc.tuple(at, fc.nat(2)).map(([place, choice]) => pick(losses(boot, place), choice)),
    fc.tuple(at, data).map(([place, bytes]) => ({ name: `EV_NO_ACTION before event ${place}`, edit: (events: readonly EventToEncode[]) => insert(events, place, bytes) })), // prettier-ignore
  );
  return fc.array(edit, { minLength: 1, maxLength: 6 });
}

function pick(edits: readonly NamedEdit[], choice: number): NamedEdit {
  return edits[choice % Math.max(1, edits.length)] ?? { name: 'nothing', edit: (events) => events };
}

/** Only where the two are of different registers: the order within one is what the TPM holds. */
function swap(events: readonly EventToEncode[], at: number): readonly EventToEncode[] {
  const [before, event] = [events[at - 1], events[at]];
  if (before === undefined || event === undefined || before.pcr === event.pcr) return events;
  return [...events.slice(0, at - 1), event, before, ...events.slice(at + 1)];
}

function insert(events: readonly EventToEncode[], at: number, data: Uint8Array): readonly EventToEncode[] {
  const informative = { pcr: events[at]?.pcr ?? 0, type: eventTypes.EV_NO_ACTION, data };
  return [...events.slice(0, at), informative, ...events.slice(at)];
}

export function applyEdits(boot: CapturedBoot, edits: readonly NamedEdit[]): readonly EventToEncode[] {
  return edits.reduce((events, { edit }) => edit(events), boot.events);
}
