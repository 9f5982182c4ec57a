// What the doctor says of golden measurements and those who sign them.
import { counted } from '../../core/encoding/index.ts';
import { isValidAt } from '../../core/golden/index.ts';
import type { ServerConfig } from '../config/config.ts';
import type { GoldenView } from '../golden/approve.ts';
import type { Check } from './check.ts';
import type { SignerRecord } from '../storage/index.ts';

/** `goldens`: those that are stored as active, also when their time is over or has not come. */
export function checkGoldens(
  goldens: readonly GoldenView[],
  { config: { goldenQuorum }, now }: { readonly config: Pick<ServerConfig, 'goldenQuorum'>; readonly now: Date },
): readonly Check[] {
  const approved = goldens.filter(({ signatures }) => signatures.length >= goldenQuorum);
  const short = goldens.length - approved.length;
  const active = approved.filter(({ statement }) => statement !== undefined && isValidAt(statement, now)).length;
  return [
    {
      name: 'goldens',
      ok: active > 0,
      severity: 'warning',
      message: active > 0 ? `${active} active` : 'no active golden measurement: every host is denied',
      remedy: 'Capture one from a good host, sign and propose it: `touchstone golden capture HOST`.',
    },
    {
      name: 'golden-signatures',
      ok: short === 0,
      severity: 'warning',
      message:
        short === 0
          ? 'enough of the signers have signed what is active'
          : `nothing matches ${counted(short, 'golden measurement')} any more: too few signatures`,
      remedy: 'Have them signed: `touchstone golden approve --proposed --key KEY`.',
    },
  ];
}

export function checkSigners(signers: readonly SignerRecord[], { goldenQuorum }: ServerConfig): readonly Check[] {
  const people = new Set(signers.map(({ name }) => name)).size;
  return [
    {
      name: 'signers',
      ok: people >= goldenQuorum,
      severity: 'warning',
      message: `${counted(people, 'signer')}; ${goldenQuorum} must sign a golden measurement`,
      remedy: 'Authorise signers: `touchstone signer add`.',
    },
    {
      name: 'quorum',
      ok: goldenQuorum >= 2,
      severity: 'warning',
      message:
        goldenQuorum >= 2
          ? `${goldenQuorum} operators approve together`
          : 'allowSingleOperator: one operator approves golden measurements alone',
      remedy: 'In production set goldenQuorum: 2 and remove allowSingleOperator.',
    },
  ];
}
