// An audit entry as outsiders are told of it: a CloudEvent in JSON. The same entry gives the same bytes, whenever it is sent and to
// whomever that may know names; its sequence is its id, so that who was told twice can see it. [CE §3, CE-JSON §3]
import type { JsonObject } from '../../core/encoding/index.ts';
import type { AuditRecord } from '../storage/index.ts';
import { eventKinds, type EventKind, type EventKindRow } from './event-kinds.table.ts';

export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** For receivers that compare texts. */
  readonly sequence: string;
  readonly data: JsonObject;
}

/** An audit entry of a kind that outsiders are told of. */
export interface EventEntry extends AuditRecord {
  readonly action: EventKind;
}

const typePrefix = 'dev.touchstone.';
/** Whatever an audit entry holds, an event stays small. The audit log has the whole. */
const longestText = 2048;
const longestItem = 256;
const longestList = 100;

/** An entry that an older or newer release wrote under another name is none. */
export function isEvent(entry: AuditRecord): entry is EventEntry {
  return isEventKind(entry.action);
}

export function isEventKind(name: string): name is EventKind {
  return Object.hasOwn(eventKinds, name);
}

export function rowOf(kind: EventKind): EventKindRow {
  return eventKinds[kind];
}

/** What an event tells of; a trial is none of the kinds. */
export function kindOf({ type }: Pick<CloudEvent, 'type'>): string {
  return type.slice(typePrefix.length);
}

/** How much an event should alarm whoever reads it: that of its kind, and of a verdict what it says. */
export function levelOf(event: CloudEvent): EventKindRow['level'] {
  const kind = kindOf(event);
  if (kind === 'verdict.changed') return levelOfStatus(event.data['status']);
  return isEventKind(kind) ? rowOf(kind).level : 'info';
}

function levelOfStatus(status: JsonObject[string] | undefined): EventKindRow['level'] {
  if (status === 'affirming') return 'info';
  return status === 'contraindicated' ? 'alert' : 'warning';
}

/** One line for people. */
export function titleOf(event: CloudEvent): string {
  const kind = kindOf(event);
  return isEventKind(kind) ? rowOf(kind).title : 'a trial, which tells of nothing';
}

/** `actorName`: what the token that acted is called, for those who may know. It never changes, and so neither do the bytes. */
export function cloudEventOf(entry: EventEntry, serverId: string, actorName?: string): CloudEvent {
  return {
    ...envelopeOf(entry.action, serverId),
    id: String(entry.sequence),
    subject: entry.subject,
    time: new Date(entry.at).toISOString(),
    sequence: String(entry.sequence).padStart(16, '0'),
    data: dataOf(entry, actorName),
  };
}

/** What a receiver gets that is only tried. It is in no audit log, and has no place in the sequence. */
export function testEvent(
  id: string,
  subscription: string,
  { serverId, at }: { serverId: string; at: Date },
): CloudEvent {
  return {
    ...envelopeOf('subscription.test', serverId),
    id,
    subject: subscription,
    time: at.toISOString(),
    sequence: '0'.repeat(16),
    data: {},
  };
}

function envelopeOf(kind: string, serverId: string) {
  return {
    specversion: '1.0',
    id: '',
    source: `touchstone:${serverId}`,
    type: typePrefix + kind,
    subject: '',
    time: '',
    datacontenttype: 'application/json',
    sequence: '',
  } as const;
}

/** The fields that the kind has, in the order of its row; who acted comes first. */
function dataOf({ action, actor, details }: EventEntry, actorName: string | undefined): JsonObject {
  const names = Object.keys(rowOf(action).fields).filter((name) => Object.hasOwn(details, name));
  const who = { actor, ...(actorName === undefined ? {} : { actorName }) };
  return { ...who, ...Object.fromEntries(names.map((name) => [name, bounded(details[name] ?? null)])) };
}

function bounded(value: AuditRecord['details'][string]): JsonObject[string] {
  if (typeof value === 'string') return cut(value, longestText);
  if (value === null || typeof value !== 'object') return value;
  return value.slice(0, longestList).map((item) => cut(item, longestItem));
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
