// An AdmissionReview answered: nothing placed is allowed, a placement is one admission decision, the rest is denied. The API
// server asks again for each attempt and `dryRun` changes nothing here, since a decision has no side effect.
import { printable } from '../../../core/encoding/index.ts';
import type { ServerContext } from '../../context.ts';
import type { Grant } from '../../attestation/host-verdict.ts';
import { decideAdmission, decideAdmissions, type Decision } from '../decide.ts';
import { annotationsOf, findPlacement, type ReviewRequest } from './placement.ts';
import { demandsOfPod } from './pod-demands.ts';

export interface Review {
  readonly allowed: boolean;
  /** What whoever asked reads: `kubectl` prints it. */
  readonly message: string | undefined;
  readonly node: string | undefined;
  readonly codes: readonly string[];
  /** For whoever asked, beside an answer that allows. */
  readonly warning?: string | undefined;
  /** What an answer that allows rests on, where that is not the verdict itself. */
  readonly grant?: Grant | undefined;
}

type Context = Pick<ServerContext, 'reads' | 'config' | 'lockout' | 'breakGlass' | 'trust' | 'now'>;

const messageLimit = 1000;

export async function reviewRequest(context: Context, request: ReviewRequest): Promise<Review> {
  const placement = findPlacement(request);
  if (placement.kind === 'nowhere') return { allowed: true, message: undefined, node: undefined, codes: [] };
  if (placement.kind === 'unreadable') return deny(placement.why, undefined, ['REQUEST_UNREADABLE']);
  const { node, annotations } = placement;
  const read = demandsOfPod(context.config.kubernetes, request.namespace, annotations);
  if ('mistake' in read) return deny(read.mistake, node, ['DEMAND_UNREADABLE']);
  const decision = await decideAdmission(context, { hostId: node, workload: undefined, demands: read.demands });
  if (decision.allow) {
    return { allowed: true, message: undefined, node, codes: [], warning: warn(decision), grant: decision.held?.grant };
  }
  return deny(
    explain(decision),
    node,
    decision.reasons.map(({ code }) => code),
  );
}

function deny(message: string, node: string | undefined, codes: readonly string[]): Review {
  return { allowed: false, message: printable(message, messageLimit), node, codes };
}

/** At most 120 characters: Kubernetes may cut what is longer. [K8S-API admission.k8s.io/v1] */
function warn({ held }: Decision): string | undefined {
  if (held?.remembered !== undefined) {
    return `the database is away: this is what was known at ${held.remembered.asOf.toISOString()}`;
  }
  if (held?.grant !== undefined) {
    return `the node is refused now, and operators admit it by break-glass until ${held.grant.until.toISOString()}`;
  }
  const until = held?.hold?.until.toISOString();
  return until && `the node is refused now, and lockout protection holds its trust until ${until}`;
}

function explain({ hostId, reasons }: Decision): string {
  return `node ${hostId}: ${reasons.map(({ code, message }) => `${message} (${code})`).join('; ')}`;
}

export interface NodeAnswer {
  readonly node: string;
  /** Why the pod may not run there; undefined when it may. */
  readonly refusal: string | undefined;
  /** 0 to 10. */
  readonly score: number;
}

/** Every candidate of a scheduler, as of one moment. A pod whose demands cannot be read may run nowhere. */
export async function judgeNodes(
  context: Context,
  pod: object,
  nodes: readonly string[],
): Promise<readonly NodeAnswer[]> {
  const read = demandsOfPod(context.config.kubernetes, namespaceOf(pod), annotationsOf(pod));
  if ('mistake' in read)
    return nodes.map((node) => ({ node, refusal: printable(read.mistake, messageLimit), score: 0 }));
  const questions = nodes.map((hostId) => ({ hostId, workload: undefined, demands: read.demands }));
  const { decisions } = await decideAdmissions(context, [questions]);
  return (decisions[0] ?? []).map((decision) => ({
    node: decision.hostId,
    refusal: decision.allow ? undefined : printable(explain(decision), messageLimit),
    score: scoreOf(decision),
  }));
}

/** Trusted nodes first; those with warnings, or whose trust is held or granted, only where no other is. */
function scoreOf({ allow, held }: Decision): number {
  if (!allow) return 0;
  return held?.status === 'affirming' && held.hold === undefined && held.grant === undefined ? 10 : 1;
}

function namespaceOf(pod: object): string | undefined {
  const { metadata } = pod as { readonly metadata?: { readonly namespace?: unknown } };
  return typeof metadata?.namespace === 'string' ? metadata.namespace : undefined;
}
