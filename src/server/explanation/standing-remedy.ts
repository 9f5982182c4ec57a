// What an operator can do about a boot that is exactly what a golden measurement out of force describes.
import { captureCommand } from '../../core/appraisal/index.ts';
import type { Layer } from '../../core/event-log/index.ts';
import type { GoldenStanding } from '../golden/standing.ts';

const list = '`touchstone golden list`';

/** Never a capture of what was revoked or rolled back: that is how bad boots come back. */
export function remedyOf(
  { id, state, at, rollout = '' }: GoldenStanding,
  { host, layer }: { readonly host: string; readonly layer: string },
): string {
  const recapture = captureCommand(host, layer as Layer);
  switch (state) {
    case 'revoked':
      return `Boot another image, one that is active: ${list}. Never capture this one: it was revoked.`;
    case 'rolled-back':
      return `Boot what the host ran before rollout ${rollout}, or see why it was rolled back (\`touchstone golden rollout status ${rollout}\`); another rollout can bring it again.`;
    case 'retired':
      return `Update the host to what is in force; or, where this is to be good again, have it approved anew: ${recapture}`;
    case 'expired':
      return `Update the host to what is in force; or renew what ended: \`touchstone golden draft FILE --not-after DATE --out DIR\` over its file, or ${recapture}`;
    case 'staged':
      return `Wait until rollout ${rollout} opens to this host, or open its next stage: \`touchstone golden rollout advance ${rollout}\``;
    case 'not-yet':
      return `Wait until ${new Date(at ?? 0).toISOString()}, when it begins; or have one that begins earlier approved: \`touchstone golden draft FILE --not-before DATE --out DIR\``;
    case 'proposed':
      return `Read it, and sign it if it is yours: \`touchstone golden approve ${id} --key KEY\``;
  }
}
