// An event as the Open Cybersecurity Schema Framework has it, for a SIEM: the class by what the event is about, the rest in its
// dictionary. What the schema has no place for stands in `unmapped` under our own names. [OCSF]
import type { JsonObject } from '../../core/encoding/index.ts';
import { isEventKind, kindOf, levelOf, rowOf, titleOf, type CloudEvent } from './cloud-event.ts';
import type { EventKind } from './event-kinds.table.ts';

/** The version that the documents follow; a later 1.x reads them as well. */
const schemaVersion = '1.5.0';

/** The kinds that say what a host is worth: Device Config State Change. [OCSF device_config_state_change] */
const stateKinds: readonly string[] = ['verdict.changed', 'verdict.voided'] satisfies EventKind[];
/** The kinds that somebody should look into at once: Detection Finding. [OCSF detection_finding] */
const findingKinds: readonly string[] = [
  'identity.conflict',
  'enrolment.refused',
  'lockout.held',
  'break-glass.begun',
] satisfies EventKind[];

/** What was done to an entity, where `change` of the kind does not say it well. [OCSF entity_management] */
const activities: Readonly<Partial<Record<EventKind, Activity>>> = {
  'host.enrolled': [6, 'Enroll'],
  'host.released': [7, 'Unenroll'],
  'host.retired': [7, 'Unenroll'],
  'host.quarantined': [12, 'Suspend'],
  'host.quarantine-lifted': [13, 'Resume'],
  'host.quarantine-ended': [13, 'Resume'],
  'golden.activated': [10, 'Activate'],
  'golden.retired': [11, 'Deactivate'],
  'subscription.paused': [12, 'Suspend'],
  'subscription.replayed': [13, 'Resume'],
};
const changes = { created: [1, 'Create'], changed: [3, 'Update'], ended: [4, 'Delete'] } as const;

const severities = {
  info: [1, 'Informational'],
  notice: [2, 'Low'],
  warning: [3, 'Medium'],
  alert: [4, 'High'],
} as const;

const securityLevels: ReadonlyMap<unknown, Activity> = new Map([
  ['affirming', [1, 'Secure']],
  ['warning', [2, 'At Risk']],
  ['contraindicated', [3, 'Compromised']],
]);
const unknownLevel: Activity = [0, 'Unknown'];

type Activity = readonly [id: number, name: string];

export function ocsfEventOf(event: CloudEvent): JsonObject {
  const kind = kindOf(event);
  const body = stateKinds.includes(kind)
    ? stateChangeOf(event)
    : findingKinds.includes(kind)
      ? findingOf(event)
      : entityChangeOf(event);
  const [severity_id, severity] = severities[levelOf(event)];
  return {
    ...body,
    severity_id,
    severity,
    time: Date.parse(event.time),
    message: `${titleOf(event)}: ${event.subject}`,
    metadata: {
      version: schemaVersion,
      product: { name: 'Touchstone', vendor_name: 'Touchstone', uid: event.source },
      uid: event.id,
      sequence: Number(event.sequence),
      event_code: kind,
    },
    unmapped: event.data,
  };
}

interface EventClass {
  readonly category: Activity;
  readonly uid: number;
  readonly name: string;
  readonly activity: Activity;
}

function classOf({ category, uid, name, activity }: EventClass): JsonObject {
  return {
    category_uid: category[0],
    category_name: category[1],
    class_uid: uid,
    class_name: name,
    activity_id: activity[0],
    activity_name: activity[1],
    type_uid: uid * 100 + activity[0],
    type_name: `${name}: ${activity[1]}`,
  };
}

function stateChangeOf({ data, subject }: CloudEvent): JsonObject {
  const [level, levelName] = securityLevels.get(data['status']) ?? unknownLevel;
  const [before, beforeName] = securityLevels.get(data['before']) ?? unknownLevel;
  return {
    ...classOf({
      category: [5, 'Discovery'],
      uid: 5019,
      name: 'Device Config State Change',
      activity: [2, 'Collect'],
    }),
    device: deviceOf(subject),
    security_level_id: level,
    security_level: levelName,
    ...('before' in data ? { prev_security_level_id: before, prev_security_level: beforeName } : {}),
  };
}

function findingOf(event: CloudEvent): JsonObject {
  return {
    ...classOf({ category: [2, 'Findings'], uid: 2004, name: 'Detection Finding', activity: [1, 'Create'] }),
    finding_info: { uid: event.id, title: titleOf(event) },
    status_id: 1,
    status: 'New',
    device: deviceOf(event.subject),
  };
}

function entityChangeOf(event: CloudEvent): JsonObject {
  const kind = kindOf(event);
  const { actor, actorName } = event.data;
  const row = isEventKind(kind) ? rowOf(kind) : undefined;
  const activity = (isEventKind(kind) ? activities[kind] : undefined) ?? changes[row?.change ?? 'changed'];
  const isHost = row?.about === 'host';
  return {
    ...classOf({ category: [3, 'Identity & Access Management'], uid: 3004, name: 'Entity Management', activity }),
    entity: {
      uid: event.subject,
      type_id: isHost ? 1 : 99,
      type: isHost ? 'Device' : (row?.about ?? 'subscription'),
      ...(isHost ? { device: deviceOf(event.subject) } : {}),
    },
    actor: {
      user: {
        name: typeof actor === 'string' ? actor : 'server',
        ...(typeof actorName === 'string' ? { full_name: actorName } : {}),
      },
    },
  };
}

/** A server; its name is the one that it enrolled under. */
function deviceOf(hostId: string): JsonObject {
  return { uid: hostId, name: hostId, type_id: 1, type: 'Server' };
}
