// Golden measurements as the server has them on record.
import type { ApiClient, JsonAnswerOf } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { readAllPages } from '../pages.ts';
import { formatTable } from '../table.ts';
import type { Paper, Tone } from '../terminal.ts';

export type Golden = JsonAnswerOf<'getGoldenMeasurement'>;

/** States as they are shown: of what is active, whether it is in force, and whether another takes its place. */
export const shownStates = ['proposed', 'active', 'not-yet', 'superseded', 'expired', 'retired', 'revoked'] as const;

export type ShownState = (typeof shownStates)[number];

export function shownState({ state, inForce, notAfter, supersededBy }: Golden, at: Date): ShownState {
  if (state !== 'active') return state;
  if (inForce) return supersededBy === undefined ? 'active' : 'superseded';
  return notAfter !== undefined && new Date(notAfter) <= at ? 'expired' : 'not-yet';
}

/** Every golden measurement of the server. */
export async function fetchGoldens(client: ApiClient): Promise<readonly Golden[]> {
  return readAllPages((query) => client.call('listGoldenMeasurements', { query }));
}

const tones = {
  active: 'good',
  proposed: 'warn',
  'not-yet': 'warn',
  superseded: 'dim',
  expired: 'bad',
  retired: 'dim',
  revoked: 'bad',
} as const satisfies Record<ShownState, Tone>;

export function formatGoldens(paper: Paper, items: readonly Golden[], at: Date): string[] {
  const rows = items.map((golden) => {
    const { id, layer, name, description, signatures, quorum, notAfter } = golden;
    const state = shownState(golden, at);
    return [
      layer,
      paper.tone(tones[state], state),
      `${signatures.length}/${quorum}`,
      signatures.map(({ signer }) => printable(signer)).join(', '),
      notAfter?.slice(0, 10) ?? '-',
      printable(description ?? name, 40),
      id,
    ];
  });
  return formatTable(paper, ['layer', 'state', 'signed', 'by', 'until', 'what', 'id'], rows);
}
