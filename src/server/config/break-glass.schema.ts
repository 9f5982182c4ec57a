// The setting of break-glass statements.
import { section } from './schema-parts.ts';

export const breakGlassSchema = section('Break-glass statements, see docs/break-glass.md.', {
  longestSeconds: {
    type: 'integer',
    minimum: 0,
    maximum: 604800,
    default: 86400,
    description: 'How long a statement may last, from the time it was issued. 0: none is accepted.',
  },
});
