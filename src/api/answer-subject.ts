// Does an answer speak of the host that was asked about? Something between that mixes up answers, or gives one to every question, must
// not make the yes about one host a yes about another.
import type { CallOptions, JsonAnswerOf, OperationId } from './client.ts';
import { ApiUnreachable } from './problem.ts';

/** Absent where there is more on the other side. */
type Pair = readonly [asked: string | undefined, named: string | undefined];
type Subjects<Op extends OperationId> = (asked: CallOptions<Op>, answer: JsonAnswerOf<Op>) => readonly Pair[];

interface OfHost {
  readonly path: { readonly hostId: string };
}

const byId = ({ path }: OfHost, { id }: { readonly id: string }): Pair[] => [[path.hostId, id]];
const byHost = ({ path }: OfHost, { host }: { readonly host: string }): Pair[] => [[path.hostId, host]];

/** Of each operation about hosts that were named, whose answer names them: what was asked beside what is named. */
export const answerSubjects: { readonly [Op in OperationId]?: Subjects<Op> } = {
  getHost: byId,
  setHostLabels: byId,
  releaseHost: byId,
  replaceTpm: byId,
  retireHost: byId,
  explainHost: byHost,
  createCapture: byHost,
  getEvidence: ({ path }, { hostId }) => [[path.hostId, hostId]],
  createAttestation: ({ path }, { verdict }) => [[path.hostId, verdict.host]],
  getVerdict: ({ path }, { host, verdict = { host } }) => [
    [path.hostId, host],
    [path.hostId, verdict.host],
  ],
  createAdmissionDecision: ({ body }, { host }) => [[body.host, host]],
  // One row per request and one decision per host, in their order: what is left out is not answered.
  createAdmissionBatch: ({ body: { requests } }, { items }) =>
    side(requests, items).flatMap(([request, decisions]) =>
      side(request?.hosts ?? [], decisions ?? []).map(([asked, decision]): Pair => [asked, decision?.host]),
    ),
};

/** Side by side, to the end of the longer. */
function side<One, Other>(
  left: readonly One[],
  right: readonly Other[],
): (readonly [One | undefined, Other | undefined])[] {
  const length = Math.max(left.length, right.length);
  return Array.from({ length }, (_, index) => [left[index], right[index]] as const);
}

/** @throws ApiUnreachable API_ANSWER_OF_OTHER */
export function requireSubject<Op extends OperationId>(
  operation: Op,
  asked: CallOptions<Op>,
  answer: JsonAnswerOf<Op>,
): void {
  const subjects: Subjects<Op> | undefined = answerSubjects[operation];
  const wrong = subjects?.(asked, answer).find(([one, other]) => one !== other);
  if (wrong === undefined) return;
  const [one = 'nobody', other = 'nobody'] = wrong;
  throw new ApiUnreachable('API_ANSWER_OF_OTHER', `asked about ${one}, the server answers about ${other}`);
}
