// Golden measurements as the server has them on record.
import { readAllPages, type ApiClient, type JsonAnswerOf } from '../../api/index.ts';
import { printable, printableAgain } from '../../core/encoding/index.ts';
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
    const { id, layer, signatures, quorum, notAfter, landmark } = golden;
    const state = shownState(golden, at);
    return [
      layer,
      paper.tone(tones[state], state),
      `${signatures.length}/${quorum}`,
      signatures.map(({ signer }) => printable(signer)).join(', '),
      notAfter?.slice(0, 10) ?? '-',
      whatItIs(golden),
      landmark?.digest.replace(/^.*:/, '').slice(0, 8) ?? '-',
      id,
    ];
  });
  return [
    ...formatTable(paper, ['layer', 'state', 'signed', 'by', 'until', 'what', 'digest', 'id'], rows),
    ...items.flatMap((golden) => describeBroughtBack(paper, golden)),
  ];
}

/** As its signers describe it; else what tells it from others of its layer. */
function whatItIs({ layer, name, description, landmark }: Golden): string {
  if (description !== undefined) return printable(description, shownText);
  if (landmark === undefined || name !== `${layer} layer`) return printable(name, shownText);
  const words = landmark.description.replace(/^\(unverified\) /, '').replace(/^kernel_cmdline: /, '');
  const [, file] = /^image .*\bFile\((.*)\)$/.exec(words) ?? [];
  return printableAgain(file?.replaceAll('\\\\', '\\') ?? words, shownText);
}

const shownText = 40;
