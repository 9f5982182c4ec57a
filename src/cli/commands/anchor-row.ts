// A trust anchor in a table: name, standing, id, subject.
import type { JsonAnswerOf } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';

export type Anchor = JsonAnswerOf<'createTrustAnchor'>;

export function anchorRow({ id, name, scope, subject, staged, withdrawnAt }: Anchor): string[] {
  const standing = staged ? `staged (${scope})` : scope;
  return [
    printable(name),
    withdrawnAt === undefined ? standing : `withdrawn ${withdrawnAt.slice(0, 10)}`,
    id,
    printable(subject),
  ];
}
