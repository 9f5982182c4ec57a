// kubernetes: the decision in the shapes of its webhook and of its scheduler's extender, whose fields are named as in Go.
import { judgeNodes, reviewRequest } from '../../admission/kubernetes/review.ts';
import type { Grant } from '../../attestation/host-verdict.ts';
import type { Handlers } from '../handler.ts';
import { present } from '../wire/present.ts';

type KubernetesOperations = Pick<
  Handlers,
  'reviewKubernetesAdmission' | 'filterKubernetesNodes' | 'prioritizeKubernetesNodes'
>;

export const kubernetesOperations: KubernetesOperations = {
  reviewKubernetesAdmission: async ({ body: { request } }, context) => {
    const { allowed, message, node, codes, warning, grant } = await reviewRequest(context, request);
    const auditAnnotations = {
      ...present('node', node),
      ...(codes.length > 0 ? { reasons: codes.join(',') } : {}),
      ...(grant === undefined ? {} : annotationsOf(grant)),
    };
    const status = message === undefined ? undefined : { code: 403 as const, reason: 'Forbidden' as const, message };
    const response = {
      uid: request.uid,
      allowed,
      auditAnnotations,
      ...present('status', status),
      ...present('warnings', warning === undefined ? undefined : [warning]),
    };
    return { status: 200, body: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response } };
  },
  filterKubernetesNodes: async ({ body }, context) => {
    const names = namesOf(body);
    const answers = await judgeNodes(context, body.Pod, names);
    const passing = new Set(answers.filter(({ refusal }) => refusal === undefined).map(({ node }) => node));
    // Taking other pods off a node makes it no more trusted: preemption is not tried there.
    const refused = answers.flatMap(({ node, refusal }) => (refusal === undefined ? [] : [[node, refusal] as const]));
    return {
      status: 200,
      body: {
        Nodes: body.Nodes
          ? { ...body.Nodes, items: body.Nodes.items.filter(({ metadata }) => passing.has(metadata.name)) }
          : null,
        NodeNames: body.NodeNames ? names.filter((name) => passing.has(name)) : null,
        FailedNodes: {},
        FailedAndUnresolvableNodes: Object.fromEntries(refused),
        Error: '',
      },
    };
  },
  prioritizeKubernetesNodes: async ({ body }, context) => {
    const answers = await judgeNodes(context, body.Pod, namesOf(body));
    return { status: 200, body: answers.map(({ node, score }) => ({ Host: node, Score: score })) };
  },
};

/** Texts, as all annotations are. */
function annotationsOf({ statement, signers, reason, ticket, until }: Grant) {
  const who = signers.join(',');
  return { ground: 'break-glass' as const, statement, signers: who, reason, ticket, until: until.toISOString() };
}

interface ExtenderArgs {
  readonly Nodes?: { readonly items: readonly { readonly metadata: { readonly name: string } }[] } | null;
  readonly NodeNames?: readonly string[] | null;
}

/** Names where the scheduler's cache is shared (`nodeCacheCapable`), whole nodes where it is not. */
function namesOf({ NodeNames, Nodes }: ExtenderArgs): readonly string[] {
  return NodeNames ?? Nodes?.items.map(({ metadata }) => metadata.name) ?? [];
}
