// Trust anchors in a table: name, standing, id, subject.
import type { JsonAnswerOf } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { shortId } from '../inputs/short-id.ts';
import { formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

export type Anchor = JsonAnswerOf<'createTrustAnchor'>;

/** Ids are shortened: `--json` has them whole. */
export function formatAnchors(paper: Paper, anchors: readonly Anchor[]): string[] {
  return formatTable(paper, ['anchor', 'scope', 'id', 'subject'], anchors.map(anchorRow));
}

function anchorRow({ id, name, scope, subject, staged, withdrawnAt }: Anchor): string[] {
  const standing = staged ? `staged (${scope})` : scope;
  return [
    printable(name),
    withdrawnAt === undefined ? standing : `withdrawn ${withdrawnAt.slice(0, 10)}`,
    shortId(id),
    printable(subject),
  ];
}
