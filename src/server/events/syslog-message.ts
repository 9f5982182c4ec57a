// An event as a syslog message: header, structured data and a line for people, or a JSON document. [RFC5424]
import { encodeUtf8, printable, printableAgain, type JsonObject } from '../../core/encoding/index.ts';
import { kindOf, levelOf, titleOf, type CloudEvent } from './cloud-event.ts';
import { formatEvent, type EventFormat } from './event-format.ts';

export interface SyslogForm {
  readonly format: EventFormat;
  /** Printable ASCII without spaces, at most 255. */
  readonly hostname: string;
  /** 0 to 23. [RFC5424 §6.2.1] */
  readonly facility: number;
  /** Whose names the structured data uses. [RFC5424 §7.2.2] */
  readonly enterpriseNumber: number;
  readonly maximumBytes: number;
}

const severities = { alert: 1, warning: 4, notice: 5, info: 6 } as const;
/** Before text in UTF-8. [RFC5424 §6.4] */
const byteOrderMark = '\ufeff';

/** How much of the fields is told, for messages that would be too long otherwise: first everything, at last none. */
const measures = [
  { text: Infinity, items: Infinity },
  { text: 512, items: 20 },
  { text: 128, items: 5 },
  { text: 32, items: 1 },
  { text: 0, items: 0 },
] as const;

/** At most `maximumBytes`, which must be 1180 or more. What had to be left out is said by a parameter `truncated`. */
export function encodeSyslogMessage(event: CloudEvent, form: SyslogForm): Uint8Array {
  for (const measure of measures) {
    const message = encodeUtf8(messageOf(shorten(event, measure), form, measure.text < Infinity));
    if (message.length <= form.maximumBytes) return message;
  }
  const bare: SyslogForm = { ...form, format: 'text' };
  const { subject } = event;
  return encodeUtf8(
    headerOf(event, form) + elementOf({ ...event, subject: subject.slice(0, 64), data: {} }, bare, true),
  );
}

/** With its length before it, so that whatever a message holds, the next one begins where it should. [RFC5425 §4.3, RFC6587 §3.4.1] */
export function frameSyslogMessage(message: Uint8Array): Uint8Array {
  return Buffer.concat([encodeUtf8(`${message.length} `), message]);
}

function messageOf(event: CloudEvent, form: SyslogForm, isTruncated: boolean): string {
  return `${headerOf(event, form)}${elementOf(event, form, isTruncated)} ${bodyOf(event, form)}`;
}

/** The process id stays out: an event that is sent again has the same bytes. */
function headerOf(event: CloudEvent, { facility, hostname }: SyslogForm): string {
  const priority = facility * 8 + severities[levelOf(event)];
  return `<${priority}>1 ${event.time} ${hostname} touchstone - ${kindOf(event)} `;
}

/** JSON documents hold every field; then the element has only what a receiver sorts by. */
function elementOf(event: CloudEvent, { format, enterpriseNumber }: SyslogForm, isTruncated: boolean): string {
  const fields = format === 'text' ? Object.entries(event.data) : [];
  const parameters = [
    ['id', event.id] as const,
    ['subject', event.subject] as const,
    ...fields.flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((item) => [name, item] as const)),
    ...(isTruncated ? [['truncated', 'true'] as const] : []),
  ].filter(([, value]) => value !== null);
  const text = parameters.map(([name, value]) => ` ${name}="${escapeValue(String(value))}"`).join('');
  return `[touchstone@${enterpriseNumber}${text}]`;
}

/** Hosts name themselves, and operators write reasons: no line of theirs begins a message of its own. [RFC5424 §6.3.3] What stands in the
 * audit log was made printable when it came: its backslashes stay as they are. */
function escapeValue(text: string): string {
  return printableAgain(text, Infinity).replace(/["\\\]]/g, '\\$&');
}

/** A document is plain ASCII, for readers of JSON that stumble over a byte order mark. */
function bodyOf(event: CloudEvent, { format }: SyslogForm): string {
  if (format === 'text') return `${byteOrderMark}${titleOf(event)}: ${printable(event.subject)}`;
  return JSON.stringify(formatEvent(event, format)).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function shorten(event: CloudEvent, { text, items }: (typeof measures)[number]): CloudEvent {
  if (text === Infinity) return event;
  const cut = (value: string): string => (value.length > text ? `${value.slice(0, text)}…` : value);
  const shortened = (value: JsonObject[string]): JsonObject[string] =>
    typeof value === 'string' ? cut(value) : Array.isArray(value) ? value.slice(0, items).map(shortened) : value;
  const data =
    text === 0 ? {} : Object.fromEntries(Object.entries(event.data).map(([name, value]) => [name, shortened(value)]));
  return { ...event, data };
}
