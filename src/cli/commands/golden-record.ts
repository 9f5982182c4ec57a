// Golden measurements as the server has them on record.
import { readAllPages, type ApiClient, type JsonAnswerOf } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { layers } from '../../core/event-log/index.ts';
import { describeBroughtBack } from '../views/brought-back-view.ts';
import { formatTable } from '../table.ts';
import type { Paper, Tone } from '../terminal.ts';

export type Golden = JsonAnswerOf<'getGoldenMeasurement'>;

/** States as they are shown: of what is active, whether it is in force, for whom, and whether another takes its place. */
export const shownStates = [
  'proposed',
  'active',
  'not-yet',
  'staged',
  'rolled-back',
  'superseded',
  'expired',
  'retired',
  'revoked',
] as const;

export type ShownState = (typeof shownStates)[number];

export function shownState(golden: Golden, at: Date): ShownState {
  const { state, inForce, notBefore, notAfter, supersededBy, keptBack } = golden;
  if (state !== 'active') return state;
  if (inForce) return supersededBy === undefined ? 'active' : 'superseded';
  if (notAfter !== undefined && new Date(notAfter) <= at) return 'expired';
  const hasBegun = notBefore === undefined || new Date(notBefore) <= at;
  if (!hasBegun || keptBack === undefined) return 'not-yet';
  return keptBack.state === 'running' ? 'staged' : 'rolled-back';
}

/** Every golden measurement of the server. */
export async function fetchGoldens(client: ApiClient): Promise<readonly Golden[]> {
  return readAllPages((query) => client.call('listGoldenMeasurements', { query }));
}

/** In the order of the boot; among equals as they came. */
function byLayer(left: Golden, right: Golden): number {
  return layers.indexOf(left.layer) - layers.indexOf(right.layer);
}

const tones = {
  active: 'good',
  proposed: 'warn',
  'not-yet': 'warn',
  staged: 'warn',
  'rolled-back': 'bad',
  superseded: 'dim',
  expired: 'bad',
  retired: 'dim',
  revoked: 'bad',
} as const satisfies Record<ShownState, Tone>;

export function formatGoldens(paper: Paper, items: readonly Golden[], at: Date): string[] {
  const rows = [...items].sort(byLayer).map((golden) => {
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
  return [
    ...formatTable(paper, ['layer', 'state', 'signed', 'by', 'until', 'what', 'id'], rows),
    ...items.flatMap((golden) => describeBroughtBack(paper, golden)),
  ];
}
