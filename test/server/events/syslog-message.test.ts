import assert from 'node:assert/strict';
import fc from 'fast-check';
import { printable, printableAgain } from '../../../src/core/encoding/index.ts';
import type { CloudEvent } from '../../../src/server/events/cloud-event.ts';
import { eventKinds } from '../../../src/server/events/event-kinds.table.ts';
import { encodeSyslogMessage, frameSyslogMessage, type SyslogForm } from '../../../src/server/events/syslog-message.ts';
import { parseSyslogMessage, splitFrames } from '../../support/syslog.ts';

const form: SyslogForm = {
  format: 'text',
  hostname: 'test.example',
  facility: 13,
  enterpriseNumber: 32473,
  maximumBytes: 8192,
};

function eventOf(data: CloudEvent['data'], { kind = 'verdict.changed', subject = 'hv-1' } = {}): CloudEvent {
  return {
    specversion: '1.0',
    id: '4711',
    source: 'touchstone:test.example',
    type: `dev.touchstone.${kind}`,
    subject,
    time: '2026-11-26T12:00:00.000Z',
    datacontenttype: 'application/json',
    sequence: '0000000000004711',
    data,
  };
}

const texts = fc.string({ unit: 'binary', maxLength: 3000 });
const data = fc.dictionary(
  fc.stringMatching(/^[a-z][a-zA-Z]{0,20}$/),
  fc.oneof(texts, fc.constant(null), fc.boolean(), fc.integer(), fc.array(texts, { maxLength: 10 })),
  { maxKeys: 9, noNullPrototype: true },
);

describe('a syslog message', () => {
  it('has the exact bytes of RFC 5424: priority, header, structured data, byte order mark and a line', () => {
    const bytes = encodeSyslogMessage(
      eventOf({ actor: 'host hv-1', status: 'contraindicated', findings: ['A', 'B'] }),
      form,
    );
    assert.equal(
      new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes),
      '<105>1 2026-11-26T12:00:00.000Z test.example touchstone - verdict.changed [touchstone@32473 id="4711" subject="hv-1" ' +
        'actor="host hv-1" status="contraindicated" findings="A" findings="B"] \ufeffa host has a new verdict: hv-1',
    );
  });

  it('has the level of its kind, and that of a verdict by what it says', () => {
    const severity = (event: CloudEvent) => parseSyslogMessage(encodeSyslogMessage(event, form)).severity;
    assert.equal(severity(eventOf({ status: 'affirming' })), 6);
    assert.equal(severity(eventOf({ status: 'warning' })), 4);
    assert.equal(severity(eventOf({ status: 'none' })), 4);
    assert.equal(severity(eventOf({ status: 'contraindicated' })), 1);
    assert.equal(severity(eventOf({}, { kind: 'identity.conflict' })), 1);
    assert.equal(severity(eventOf({}, { kind: 'verdict.voided' })), 5);
    assert.equal(severity(eventOf({}, { kind: 'subscription.test' })), 6);
  });

  it('has a message id for every kind', () => {
    for (const kind of Object.keys(eventKinds)) {
      assert.equal(parseSyslogMessage(encodeSyslogMessage(eventOf({}, { kind }), form)).kind, kind);
    }
  });

  it('gives any text back, and no text begins a line, a parameter or a message of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const bytes = encodeSyslogMessage(eventOf({ reason: printable(text), name: text }), form);
        const { parameters } = parseSyslogMessage(bytes);
        const shown = [['reason', printable(text)], ['name', printableAgain(text, Infinity)]]; // prettier-ignore
        assert.deepEqual(parameters.slice(2), shown);
        assert.ok(bytes.every((byte) => byte >= 0x20 && byte !== 0x7f));
      }),
    );
  });

  it('is never longer than its transport takes, says when it was shortened, and parses, whatever an event holds', () => {
    const forms = fc.record({
      format: fc.constantFrom('text' as const, 'ocsf' as const, 'cloudevents' as const),
      hostname: fc.stringMatching(/^[a-z][a-z.-]{0,254}$/),
      facility: fc.integer({ min: 0, max: 23 }),
      enterpriseNumber: fc.integer({ min: 1, max: 4_294_967_295 }),
      maximumBytes: fc.constantFrom(1180, 8192),
    });
    fc.assert(
      fc.property(data, fc.string({ unit: 'binary', maxLength: 64 }), forms, (fields, subject, chosen) => {
        const event = eventOf(fields, { subject });
        const bytes = encodeSyslogMessage(event, chosen);
        assert.ok(bytes.length <= chosen.maximumBytes);
        const { parameters, text, hasByteOrderMark } = parseSyslogMessage(bytes);
        const isShortened = parameters.some(([name]) => name === 'truncated');
        assert.equal(hasByteOrderMark, chosen.format === 'text' && text !== undefined);
        if (chosen.format === 'cloudevents' && !isShortened) assert.deepEqual(JSON.parse(text ?? ''), { ...event });
        else if (chosen.format !== 'text' && text !== undefined) JSON.parse(text);
      }),
    );
  });

  it('holds a document as plain ASCII without a byte order mark', () => {
    const bytes = encodeSyslogMessage(eventOf({ reason: 'Müller 🦆' }), { ...form, format: 'ocsf' });
    assert.ok(bytes.every((byte) => byte < 0x7f));
    const { text, hasByteOrderMark } = parseSyslogMessage(bytes);
    assert.equal(hasByteOrderMark, false);
    assert.deepEqual((JSON.parse(text ?? '') as { unmapped: object }).unmapped, { reason: 'Müller 🦆' });
  });
});

describe('frames of syslog messages', () => {
  it('always parse back, wherever the stream is cut in two', () => {
    const messages = fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 8 });
    fc.assert(
      fc.property(messages, fc.nat(), (all, cut) => {
        const stream = Buffer.concat(all.map(frameSyslogMessage));
        const at = stream.length === 0 ? 0 : cut % stream.length;
        const first = splitFrames(stream.subarray(0, at));
        const second = splitFrames(Buffer.concat([first.rest, stream.subarray(at)]));
        const plain = (bytes: Uint8Array) => [...bytes];
        assert.deepEqual([...first.messages, ...second.messages].map(plain), all.map(plain));
        assert.equal(second.rest.length, 0);
      }),
    );
  });
});
