// Golden measurements that are not in force, for asking what they would change, or what a boot has to do with them.
import type { ApprovedGolden } from './approval.ts';
import { documentIdOf } from './envelope.ts';
import { parseGoldenStatement } from './parse-statement.ts';
import type { GoldenStatement } from './statement.ts';

/**
 * A golden measurement as if a quorum had signed it. It proves nothing but that the statement is well formed: what-if
 * and explanations alone may use it (`test/house.test.ts` holds that), and nothing that follows from it is ever stored or acted upon.
 *
 * @throws MalformedError as `parseGoldenStatement`
 */
export function supposeApproved(payload: Uint8Array): ApprovedGolden {
  return supposeApprovedStatement(documentIdOf(payload), parseGoldenStatement(payload));
}

/** The same of a statement that was read before: `id` is that of its bytes. */
export function supposeApprovedStatement(id: string, statement: GoldenStatement): ApprovedGolden {
  return { id, statement, signatures: [] } as unknown as ApprovedGolden;
}
