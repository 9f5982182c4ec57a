// The settings of who is told of events.
import { seconds, section } from './schema-parts.ts';

const file = (description: string) => ({ type: 'string', minLength: 1, maxLength: 4096, description });

const syslog = section('Receivers of syslog, such as a SIEM.', {
  receivers: {
    type: 'array',
    maxItems: 100,
    default: [],
    description:
      'Addresses that operators may subscribe, with their port: `syslog+tls://siem.example:6514`. Without encryption, `syslog+tcp://` and `syslog+udp://`: others on the way read and write what they carry, and of datagrams nobody knows whether they arrive.',
    items: { type: 'string', pattern: '^syslog\\+(tls|tcp|udp)://(\\[[0-9a-f:.]+\\]|[a-z0-9.-]+):[0-9]{1,5}$' },
  },
  facility: {
    type: 'integer',
    minimum: 0,
    maximum: 23,
    default: 13,
    description: 'The facility of the messages; 13 is that of audit logs, 10 that of security messages.',
  },
  enterpriseNumber: {
    type: 'integer',
    minimum: 1,
    maximum: 4294967295,
    default: 32473,
    description:
      'Stands behind the at sign in the name of the structured data. 32473 is set aside for examples; set the private enterprise number of your organisation where receivers look at it.',
  },
  certificateFile: file(
    'Certificate chain, PEM, shown to receivers that ask who sends. Relative to the data directory.',
  ),
  keyFile: file('Its private key, mode 0600.'),
});

export const eventsSchema = section('Who is told of events. Nobody is, unless a host is named. See docs/events.md.', {
  webhookHosts: {
    type: 'array',
    maxItems: 1000,
    default: [],
    description:
      'Hosts that webhooks may stand on, with the port where it is not the usual one. Operators subscribe receivers on these only, by https.',
    items: { type: 'string', pattern: '^[a-z0-9.-]+(?::[0-9]{1,5})?$' },
  },
  allowLoopback: {
    type: 'boolean',
    default: false,
    description: 'Whether a webhook may be on this machine, and then by http. For trials.',
  },
  syslog,
  caFile: {
    type: 'string',
    minLength: 1,
    description:
      "Certificates that receivers are verified with instead of the system's, PEM. Relative to the data directory.",
  },
  timeoutSeconds: seconds(10, 60, 'How long a receiver has to acknowledge.'),
  pauseAfterSeconds: seconds(86400, 2592000, 'How long a receiver may fail before its subscription is paused.'),
  maximumSubscriptions: {
    type: 'integer',
    minimum: 1,
    maximum: 1000,
    default: 100,
    description: 'How many subscriptions there may be; each may have one request under way.',
  },
  maximumListeners: {
    type: 'integer',
    minimum: 1,
    maximum: 100000,
    default: 200,
    description:
      'How many may wait for events or listen to them at once. Others are told when to come back (503, Retry-After).',
  },
});
