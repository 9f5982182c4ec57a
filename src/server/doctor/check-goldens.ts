// What the doctor says of golden measurements and those who sign them.
import { counted } from '../../core/encoding/index.ts';
import { endsSoon, isValidAt, type AuthorisedSigner } from '../../core/golden/index.ts';
import type { ServerConfig } from '../config/config.ts';
import { viewGolden } from '../golden/approve.ts';
import { readActiveGoldens } from '../golden/read-active.ts';
import type { Check } from './check.ts';
import type { SignerRecord, Store } from '../storage/index.ts';

/** One that is stored as active, also when its time is over or has not come; without what is large. */
export interface ActiveGolden {
  readonly id: string;
  readonly layer: string;
  readonly isApproved: boolean;
  /** What is damaged is nothing of these. */
  readonly isValid: boolean;
  readonly endsSoon: boolean;
  readonly hasEnded: boolean;
}

interface Ground {
  readonly signers: readonly AuthorisedSigner[];
  readonly config: Pick<ServerConfig, 'goldenQuorum'>;
  readonly now: Date;
}

export async function standActive(
  store: Pick<Store, 'listGoldenHeads' | 'findGolden'>,
  { signers, config: { goldenQuorum }, now }: Ground,
): Promise<readonly ActiveGolden[]> {
  const goldens: ActiveGolden[] = [];
  for await (const record of readActiveGoldens(store)) {
    const { statement, signatures } = await viewGolden(record, signers);
    const { notAfter } = statement ?? {};
    goldens.push({
      id: record.id,
      layer: record.layer,
      isApproved: signatures.length >= goldenQuorum,
      isValid: statement !== undefined && isValidAt(statement, now),
      endsSoon: statement !== undefined && endsSoon(statement, now),
      hasEnded: notAfter !== undefined && notAfter <= now,
    });
  }
  return goldens;
}

export function checkGoldens(goldens: readonly ActiveGolden[]): readonly Check[] {
  const approved = goldens.filter(({ isApproved }) => isApproved);
  const short = goldens.length - approved.length;
  const active = approved.filter(({ isValid }) => isValid).length;
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
