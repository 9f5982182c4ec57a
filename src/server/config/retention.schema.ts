// What is kept how long.
import { seconds, section } from './schema-parts.ts';

export const retentionSchema = section('What is kept how long. Audit entries are kept for ever. See docs/storage.md.', {
  historyDays: {
    type: 'integer',
    minimum: 1,
    maximum: 36500,
    default: 365,
    description:
      'Verdicts that ended longer ago are swept, with their evidence and what they rested on: never the last one of a host, nor its newest verified evidence. Beside `attestation.keepEvidence`, which bounds how many there are.',
  },
  expiredHours: {
    type: 'integer',
    minimum: 24,
    maximum: 8760,
    default: 24,
    description:
      'How long challenges and certificates of attestation keys are kept after their end, of hosts that come no more. Those of others are cleared as they come.',
  },
  sweepSeconds: seconds(3600, 86400, 'From the beginning of one sweep to the next. One server of several sweeps.'),
});
