// Warnings of golden measurements that accept again what operators took out of force.
import type { components } from '../../api/index.ts';
import { printable, printableAgain } from '../../core/encoding/index.ts';
import type { Paper } from '../terminal.ts';

export type BringsBack = components['schemas']['BringsBack'];

export interface Recurring {
  readonly layer: string;
  readonly bringsBack?: BringsBack;
  /** Of a revoked one: those in force that accept the same. */
  readonly broughtBackBy?: readonly string[];
}

/** One line for each golden measurement that comes back. */
export function describeBroughtBack(paper: Paper, { layer, bringsBack = [], broughtBackBy = [] }: Recurring): string[] {
  return [
    ...bringsBack.map(({ golden, isCertain, acceptedBecause }) => {
      const verb = isCertain ? 'accepts again the boots of a' : 'may accept again boots of a';
      const accepted = acceptedBecause === undefined ? '' : `; its signers mean it: ${printable(acceptedBecause)}`;
      return paper.tone(
        isCertain ? 'bad' : 'warn',
        `${layer} ${verb} ${golden.state} one: ${printableAgain(golden.message)}${accepted}`,
      );
    }),
    ...broughtBackBy.map((id) =>
      paper.tone('bad', `${layer} is still accepted by ${id}, which expects the same: revoke that one too`),
    ),
  ];
}

/** Whether a server refuses it: it accepts for certain what was revoked, and nobody says that it is meant. */
export function isRefusedRecurrence(bringsBack: BringsBack = []): boolean {
  return refusedRecurrences(bringsBack).length > 0;
}

/** Ids of the revoked golden measurements for which it is refused. */
export function refusedRecurrences(bringsBack: BringsBack = []): readonly string[] {
  return bringsBack
    .filter((each) => each.golden.state === 'revoked' && each.isCertain && each.acceptedBecause === undefined)
    .map(({ golden }) => golden.id);
}
