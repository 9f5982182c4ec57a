// Secure Boot variables as firmware measures them into PCR 7, from a log or from files, before and after a change.
import { VerificationError } from '../error.ts';
import { bytesEqual, concatBytes } from '../encoding/index.ts';
import {
  annotateEventLog,
  encodeUefiVariable,
  eventTypes,
  guids,
  parseSignatureDatabase,
  type BoundEvent,
  type ClaimedEventLog,
  type DecodedVariable,
  type EventToEncode,
} from '../event-log/index.ts';
import { copyEvent } from './copy-event.ts';
import { requireLogAllowed } from './forbidden.ts';

export interface SecureBootVariables {
  readonly enabled: boolean;
  /** As measured, in order: SecureBoot, PK, KEK, db, dbx, and what the firmware adds (dbt, dbr). */
  readonly variables: readonly DecodedVariable[];
}

export interface VariableContents {
  readonly pk: Uint8Array;
  readonly kek: Uint8Array;
  readonly db: Uint8Array;
  readonly dbx: Uint8Array;
}

export interface VariableChange {
  readonly name: 'KEK' | 'db' | 'dbx';
  /** `append` as SetVariable with EFI_VARIABLE_APPEND_WRITE does: what is there already is not added again. */
  readonly kind: 'append' | 'replace';
  /** EFI_SIGNATURE_LISTs: see `readSignatureUpdate`. */
  readonly value: Uint8Array;
}

/** Secure Boot with these keys. All empty: Secure Boot off. */
export function createSecureBootVariables({ pk, kek, db, dbx }: VariableContents): SecureBootVariables {
  const enabled = pk.length > 0;
  const database = guids.imageSecurityDatabase;
  return {
    enabled,
    variables: [
      variable(guids.globalVariable, 'SecureBoot', Uint8Array.of(enabled ? 1 : 0)),
      variable(guids.globalVariable, 'PK', pk),
      variable(guids.globalVariable, 'KEK', kek),
      variable(database, 'db', db),
      variable(database, 'dbx', dbx),
    ],
  };
}

/** What the firmware measured before its separator. The log proves nothing by itself: who signs the prediction vouches
 * for it.
 * @throws VerificationError PREDICTION_VARIABLES_MISSING */
export function readSecureBootVariables(log: ClaimedEventLog): SecureBootVariables {
  const events = annotateEventLog(log).events.filter(({ pcr }) => pcr === 7);
  const end = events.findIndex(isSeparator);
  if (end === -1) throw missing('PCR 7 has no separator');
  const variables = events.slice(0, end).map((event) => {
    const { decoded } = event;
    if (decoded?.kind !== 'uefi-variable' || event.coverage !== 'whole') {
      throw missing(`event ${event.index} of PCR 7 is no variable whose digest covers it`);
    }
    return decoded;
  });
  const state = variables.find(({ name }) => name === 'SecureBoot')?.data;
  if (state?.length !== 1 || !variables.some(({ name }) => name === 'db')) throw missing('no SecureBoot, or no db');
  return { enabled: state[0] === 1, variables };
}

/** @throws VerificationError PREDICTION_VARIABLES_MISSING; MalformedError EVENT_LOG_SIGNATURE_LIST_INVALID */
export function changeVariables(state: SecureBootVariables, changes: readonly VariableChange[]): SecureBootVariables {
  const variables = changes.reduce((current, { name, kind, value }) => {
    if (!current.some((each) => each.name === name)) throw missing(`no variable ${name} to change`);
    parseSignatureDatabase(value);
    return current.map((each) =>
      each.name === name ? { ...each, data: kind === 'replace' ? value : append(each.data, value) } : each,
    );
  }, state.variables);
  return { ...state, variables };
}

export function valueOf({ variables }: SecureBootVariables, name: string): Uint8Array {
  return variables.find((each) => each.name === name)?.data ?? new Uint8Array();
}

export function measureVariables({ variables }: SecureBootVariables): readonly EventToEncode[] {
  const type = eventTypes.EV_EFI_VARIABLE_DRIVER_CONFIG;
  const events = variables.map((each): EventToEncode => ({ pcr: 7, type, data: encodeUefiVariable(each) }));
  return [...events, { pcr: 7, type: eventTypes.EV_SEPARATOR, data: new Uint8Array(4) }];
}

/** What followed the separator, and the MOK lists: for a boot whose loaders stay as they are.
 * @throws VerificationError PREDICTION_VARIABLES_MISSING when a change takes away the authority of one of them, or the log
 *   is one of the other state of Secure Boot; PREDICTION_IMAGE_FORBIDDEN when dbx then forbids one of them */
export function keepAuthorities(log: ClaimedEventLog, state: SecureBootVariables): readonly EventToEncode[] {
  const before = readSecureBootVariables(log);
  if (before.enabled !== state.enabled) throw missing('the log is one of the other state of Secure Boot: give the binaries (--efi)'); // prettier-ignore
  const [forbidden, planned] = [before, state].map((each) => parseSignatureDatabase(valueOf(each, 'dbx')));
  if (state.enabled && forbidden && planned) requireLogAllowed(log, forbidden, planned);
  const { events } = annotateEventLog(log);
  const end = events.findIndex((event) => event.pcr === 7 && isSeparator(event));
  const kept = events.filter(({ pcr }, position) => pcr === 14 || (pcr === 7 && position > end));
  const { entries } = parseSignatureDatabase(valueOf(state, 'db'));
  for (const { decoded, index } of kept) {
    if (decoded?.kind !== 'uefi-variable' || decoded.name !== 'db') continue;
    if (!entries.some(({ data }) => bytesEqual(decoded.data.subarray(-data.length), data))) {
      throw missing(`the authority of event ${index} is no longer in db: give the binaries (--efi)`);
    }
  }
  return kept.flatMap(({ index }) => log.events.filter((event) => event.index === index)).map(copyEvent);
}

function isSeparator({ decoded }: BoundEvent): boolean {
  return decoded?.kind === 'separator' && decoded.value === 'normal';
}

/** Lists of `added`, each with the signatures only that `value` lacks. [UEFI §8.2.2] */
function append(value: Uint8Array, added: Uint8Array): Uint8Array {
  const present = parseSignatureDatabase(value).entries;
  const lists: Uint8Array[] = [];
  for (let offset = 0; offset < added.length;) {
    const view = new DataView(added.buffer, added.byteOffset + offset, 28);
    const list = added.subarray(offset, offset + view.getUint32(16, true));
    const size = view.getUint32(24, true);
    const fresh = parseSignatureDatabase(list).entries.flatMap((entry, index) => {
      const isKnown = present.some(
        ({ typeGuid, owner, data }) =>
          typeGuid === entry.typeGuid && owner === entry.owner && bytesEqual(data, entry.data),
      );
      return isKnown ? [] : [list.subarray(28 + index * size, 28 + (index + 1) * size)];
    });
    if (fresh.length > 0) lists.push(resize(list.subarray(0, 28), fresh));
    offset += list.length;
  }
  return concatBytes(value, ...lists);
}

function resize(header: Uint8Array, signatures: readonly Uint8Array[]): Uint8Array {
  const list = concatBytes(header, ...signatures);
  new DataView(list.buffer, list.byteOffset).setUint32(16, list.length, true);
  return list;
}

function variable(guid: string, name: string, data: Uint8Array): DecodedVariable {
  return { kind: 'uefi-variable', guid, name, data };
}

function missing(problem: string): VerificationError {
  return new VerificationError('PREDICTION_VARIABLES_MISSING', problem);
}
