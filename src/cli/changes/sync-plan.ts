// What a folder of golden measurements says and the server does not yet: a plan, step by step.
import { encodeBase64 } from '../../core/encoding/index.ts';
import type { Golden } from '../commands/golden-record.ts';
import type { EndedGolden, GoldenFolder } from '../inputs/golden-folder.ts';
import type { PlannedChange } from './plan-gate.ts';
import type { ProposedFile } from './refuse-recurrence.ts';
import type { ProposedEnvelope } from './refuse-unsigned.ts';

/** One thing that the folder says and the server does not yet. */
export type Step =
  | {
      readonly action: 'propose' | 'add-signatures';
      readonly id: string;
      readonly layer: string;
      readonly file: string;
    }
  | { readonly action: 'retire' | 'revoke'; readonly id: string; readonly layer: string; readonly end: EndedGolden };

export function newIn(steps: readonly Step[], { envelopes }: GoldenFolder): readonly ProposedEnvelope[] {
  return steps.flatMap(({ action, id }) => (action === 'propose' ? (envelopes.get(id) ?? []) : []));
}

export function proposedBy(steps: readonly Step[], { envelopes }: GoldenFolder): readonly ProposedFile[] {
  return steps.flatMap(({ id }) => {
    const found = envelopes.get(id);
    return found === undefined ? [] : [{ id, file: found.file, statement: found.golden.untrustedStatement }];
  });
}

/** What is revoked already, and what the plan revokes. */
export function revokedAfter(steps: readonly Step[], known: ReadonlyMap<string, Golden>): readonly Golden[] {
  const planned = new Set(steps.flatMap(({ action, id }) => (action === 'revoke' ? [id] : [])));
  return [...known.values()].filter(({ id, state }) => state === 'revoked' || planned.has(id));
}

export function planSync(
  { envelopes, ended }: GoldenFolder,
  known: ReadonlyMap<string, Golden>,
  { retireMissing }: { readonly retireMissing?: boolean },
): readonly Step[] {
  const steps: Step[] = [];
  for (const [id, { file, golden }] of envelopes) {
    const { layer } = golden.untrustedStatement;
    const record = known.get(id);
    if (record === undefined) steps.push({ action: 'propose', id, layer, file });
    else if (isLacking(record, golden.signatures.length)) steps.push({ action: 'add-signatures', id, layer, file });
  }
  for (const end of ended) {
    const record = known.get(end.id);
    // Revoked is the last word: what was retired may still be revoked, never the reverse.
    if (record === undefined || record.state === 'revoked' || record.state === end.state) continue;
    steps.push({ action: end.state === 'retired' ? 'retire' : 'revoke', id: end.id, layer: record.layer, end });
  }
  if (retireMissing !== true) return steps;
  for (const { id, layer, state } of known.values()) {
    if (state !== 'active' || envelopes.has(id) || ended.some((end) => end.id === id)) continue;
    const end = { id, state: 'retired', reason: 'it is no longer in the folder that the server follows' } as const;
    steps.push({ action: 'retire', id, layer, end });
  }
  return steps;
}

/** Whether the file may hold a signature that counts and that the server does not have. */
function isLacking({ state, signatures, quorum }: Golden, held: number): boolean {
  return state === 'proposed' && signatures.length < quorum && held > signatures.length;
}

export function changeOf(steps: readonly Step[], { envelopes }: GoldenFolder): PlannedChange {
  const idsOf = (action: Step['action']): string[] => steps.flatMap((step) => (step.action === action ? step.id : []));
  const activate = steps.flatMap(({ id }) => {
    const golden = envelopes.get(id)?.golden;
    return golden === undefined ? [] : [{ statement: encodeBase64(golden.payload) }];
  });
  return { activate, retire: idsOf('retire'), revoke: idsOf('revoke') };
}
