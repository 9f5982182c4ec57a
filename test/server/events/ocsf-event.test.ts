import assert from 'node:assert/strict';
import { ocsfEventOf } from '../../../src/server/events/ocsf-event.ts';
import { eventKinds, type EventKindRow } from '../../../src/server/events/event-kinds.table.ts';
import type { CloudEvent } from '../../../src/server/events/cloud-event.ts';

function eventOf(kind: string, data: CloudEvent['data'] = {}): CloudEvent {
  return {
    specversion: '1.0',
    id: '4711',
    source: 'touchstone:test.example',
    type: `dev.touchstone.${kind}`,
    subject: 'hv-1',
    time: '2026-11-26T12:00:00.000Z',
    datacontenttype: 'application/json',
    sequence: '0000000000004711',
    data,
  };
}

describe('an event as OCSF', () => {
  it('is a change of the state of a device where a verdict changes', () => {
    const data = { actor: 'host hv-1', status: 'contraindicated', before: 'affirming', findings: ['KERNEL_DIVERGED'] };
    assert.deepEqual(ocsfEventOf(eventOf('verdict.changed', data)), {
      category_uid: 5,
      category_name: 'Discovery',
      class_uid: 5019,
      class_name: 'Device Config State Change',
      activity_id: 2,
      activity_name: 'Collect',
      type_uid: 501902,
      type_name: 'Device Config State Change: Collect',
      device: { uid: 'hv-1', name: 'hv-1', type_id: 1, type: 'Server' },
      security_level_id: 3,
      security_level: 'Compromised',
      prev_security_level_id: 1,
      prev_security_level: 'Secure',
      severity_id: 4,
      severity: 'High',
      time: Date.parse('2026-11-26T12:00:00Z'),
      message: 'a host has a new verdict: hv-1',
      metadata: {
        version: '1.5.0',
        product: { name: 'Touchstone', vendor_name: 'Touchstone', uid: 'touchstone:test.example' },
        uid: '4711',
        sequence: 4711,
        event_code: 'verdict.changed',
      },
      unmapped: data,
    });
    const ended = ocsfEventOf(eventOf('verdict.voided'));
    assert.deepEqual([ended['security_level_id'], 'prev_security_level' in ended], [0, false]);
    const unknown = ocsfEventOf(eventOf('verdict.changed', { status: 'constructor', before: null }));
    assert.deepEqual([unknown['security_level_id'], unknown['prev_security_level_id']], [0, 0]);
  });

  it('is a finding where somebody should look at once, and the management of an entity otherwise', () => {
    const conflict = ocsfEventOf(eventOf('identity.conflict'));
    assert.deepEqual([conflict['type_uid'], conflict['severity_id'], conflict['status_id']], [200401, 4, 1]);
    const of = (kind: string) => {
      const {
        type_uid: type,
        entity,
        actor,
      } = ocsfEventOf(eventOf(kind, { actor: 'token tok_1' })) as Record<string, unknown>;
      return { type, entity: (entity as { type: string }).type, user: (actor as { user: { name: string } }).user.name };
    };
    assert.deepEqual(of('host.enrolled'), { type: 300406, entity: 'Device', user: 'token tok_1' });
    assert.deepEqual(of('host.quarantined').type, 300412);
    assert.deepEqual(of('golden.activated'), { type: 300410, entity: 'golden', user: 'token tok_1' });
    assert.deepEqual(of('policy.written').type, 300403);
    assert.deepEqual(of('token.revoked').type, 300404);
  });

  it('has what the base event demands, for every kind and for a trial', () => {
    const kinds = Object.entries<EventKindRow>(eventKinds);
    for (const [kind, { level }] of [...kinds, ['subscription.test', { level: 'info' }] as const]) {
      const event = ocsfEventOf(eventOf(kind, { status: 'affirming' })) as Record<string, number>;
      assert.equal(event['type_uid'], event['class_uid']! * 100 + event['activity_id']!, kind);
      assert.equal(Math.floor(event['class_uid']! / 1000), event['category_uid'], kind);
      const severity = { info: 1, notice: 2, warning: 3, alert: 4 }[level];
      if (kind !== 'verdict.changed') assert.equal(event['severity_id'], severity, kind);
    }
  });
});
