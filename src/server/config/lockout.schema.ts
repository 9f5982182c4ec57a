// The settings of lockout protection.
import { seconds, section } from './schema-parts.ts';

export const lockoutSchema = section(
  'Lockout protection: off unless `sharePercent` is set. See docs/lockout.md before you set it.',
  {
    sharePercent: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      description:
        'When more than this share of all hosts loses trust by golden measurements or policies within the window, what was believed of them last is held.',
    },
    windowSeconds: seconds(900, 86400, 'The window in which hosts that lose trust are counted together.'),
    holdSeconds: seconds(
      3600,
      86400,
      'How long it is held, at most. There is no second hold before an operator ends the first.',
    ),
    leastHosts: {
      type: 'integer',
      minimum: 1,
      maximum: 1000000,
      default: 5,
      description: 'Fewer hosts than these never begin a hold, whatever their share.',
    },
    protected: {
      type: 'array',
      maxItems: 100,
      default: [],
      description:
        'Hosts that a change must not lose by accident, by names or by labels: operators say --include-protected to lose them.',
      items: {
        type: 'object',
        additionalProperties: false,
        minProperties: 1,
        maxProperties: 1,
        properties: {
          names: {
            type: 'array',
            minItems: 1,
            maxItems: 1000,
            uniqueItems: true,
            items: { type: 'string', pattern: '^[a-z0-9][a-z0-9.-]{0,62}$' },
            description: 'Hosts, by their ids.',
          },
          labels: {
            type: 'object',
            minProperties: 1,
            maxProperties: 64,
            additionalProperties: { type: 'string', maxLength: 256 },
            description: 'Hosts that have all of these labels.',
          },
        },
      },
    },
  },
);
