// Policies are versioned: a change is a new version, and a verdict names the version it was made under.
import { parsePolicy } from '../../core/appraisal/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { HostSelector, PolicyRecord } from '../storage/index.ts';
import type { Passage } from '../what-if/protection.ts';

/** @throws MalformedError APPRAISAL_POLICY_* */
export async function writePolicy(
  context: ServerContext,
  request: { readonly id: string; readonly document: Readonly<Record<string, unknown>>; readonly hosts: HostSelector },
  { actor, passage }: { readonly actor: string; readonly passage: Passage },
): Promise<PolicyRecord> {
  const { id, document, hosts } = request;
  const { layers, bank } = parsePolicy({ ...document, id, version: 1 });
  const at = context.now().getTime();
  const policy = { id, document, hosts, createdAt: at };
  const details = { layers, bank, document: JSON.stringify({ ...document, hosts }), ...passage.details };
  const audit = { at, actor, action: 'policy.written', subject: id, details };
  const version = await context.store.savePolicy(policy, { revision: passage.revision, audit });
  return { ...policy, version };
}

/** @throws ServerError POLICY_NOT_FOUND */
export async function findPolicy({ store }: ServerContext, id: string): Promise<PolicyRecord> {
  const policy = await store.findPolicy(id);
  if (policy === undefined) throw new ServerError('POLICY_NOT_FOUND', `no policy ${id}`);
  return policy;
}
