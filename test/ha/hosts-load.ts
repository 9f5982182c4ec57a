// Hosts that attest all the time, each challenge and each answer at whichever server comes: there is no affinity, and now and then a host
// comes back to the server where it was before.
import { createHash, X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiProblem,
  type ApiClient,
  type AttestationRequest,
  type Challenge,
  type Prove,
} from '../../src/api/index.ts';
import type { PaperHost } from '../../src/simulator/index.ts';
import { enrol, evidenceFor } from '../support/paper-story.ts';
import type { TestServer } from '../support/test-server.ts';
import { noteFailure, noteWrite, count, type Ledger, type Weather } from './ledger.ts';
import { anyOf, type Site } from './site.ts';

export interface Member {
  readonly host: PaperHost;
  readonly hostId: string;
  readonly token: string;
  readonly prove: Prove;
}

/** The share of evidence that is shown to two servers at once, and of answers that are shown again. */
const twice = 0.3;

export async function attestForEver(site: Site, member: Member): Promise<void> {
  const { ledger, weather } = site;
  let next: Challenge | undefined;
  while (!site.isOver()) {
    try {
      next = await attestOnce(site, member, next);
    } catch (error) {
      next = undefined;
      noteFailure(ledger, weather, 'attestation', error);
    }
    await sleep(site.pauseMs * (0.5 + Math.random()));
  }
}

/** Answers the challenge that came with the last answer, or asks for one. Resolves to the one that comes with this answer. */
async function attestOnce(site: Site, member: Member, next: Challenge | undefined): Promise<Challenge | undefined> {
  const { ledger, replicas } = site;
  const client = (): ApiClient => anyOf(replicas).client(member.token, member.prove);
  const path = { hostId: member.hostId };
  const body = { bootId: await member.host.bootId() };
  const challenge = next ?? (await client().call('createChallenge', { path, body }));
  const evidence = await evidenceFor(member.host, challenge);
  const shown = Math.random() < twice ? 2 : 1;
  const answers = await Promise.allSettled(
    Array.from({ length: shown }, () => client().call('createAttestation', { path, body: evidence })),
  );
  const accepted = answers.filter(({ status }) => status === 'fulfilled').length;
  const own = hostLedger(ledger, member.hostId);
  own.acknowledged += accepted;
  if (accepted > 1) ledger.broken.push(`the nonce of ${challenge.challengeId} was accepted ${accepted} times`);
  if (accepted > 0) noteWrite(ledger, 'attestations acknowledged');
  if (accepted > 0 && next !== undefined)
    count(ledger, 'attestations acknowledged, answering the challenge that came with the last');
  const failures = answers.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  own.unknown += failures.filter((error) => !isSpent(error)).length;
  for (const error of failures) if (!isSpent(error) || accepted === 0) noteUnanswered(site, error);
  if (Math.random() < twice) await showAgain(site, member, evidence, accepted > 0);
  return answers.find((one) => one.status === 'fulfilled')?.value.nextChallenge;
}

/** Evidence that was accepted is never accepted again; of what was not answered nobody knows. */
async function showAgain(site: Site, member: Member, evidence: AttestationRequest, isAccepted: boolean): Promise<void> {
  const { ledger, replicas } = site;
  const own = hostLedger(ledger, member.hostId);
  try {
    const client = anyOf(replicas).client(member.token, member.prove);
    await client.call('createAttestation', { path: { hostId: member.hostId }, body: evidence });
    own.acknowledged += 1;
    noteWrite(ledger, 'attestations acknowledged');
    if (isAccepted) ledger.broken.push(`the nonce of ${evidence.challengeId} was accepted again`);
  } catch (error) {
    if (isSpent(error)) {
      count(ledger, 'replays refused');
      return;
    }
    own.unknown += 1;
    noteUnanswered(site, error);
  }
}

function noteUnanswered({ ledger, weather }: { ledger: Ledger; weather: Weather }, error: unknown): void {
  // Both of two shown at once may be late: the one that was recorded lost its answer.
  if (isSpent(error)) count(ledger, 'recorded without an answer');
  else noteFailure(ledger, weather, 'attestation', error);
}

function isSpent(error: unknown): boolean {
  return error instanceof ApiProblem && error.code === 'CHALLENGE_NOT_FOUND';
}

export function hostLedger({ hosts }: Ledger, hostId: string) {
  let own = hosts.get(hostId);
  if (own === undefined) hosts.set(hostId, (own = { acknowledged: 0, unknown: 0 }));
  return own;
}

/** A new host each time, which begins again where it was not answered: it has the same TPM. */
export async function enrolForEver(site: Site): Promise<void> {
  const { ledger, weather } = site;
  for (let number = 1; !site.isOver();) {
    const host = site.newHost(`new-${number}`);
    try {
      const { hostId } = await enrol(anyServer(site), host);
      ledger.enrolled.set(hostId, await ekDigestOf(host));
      noteWrite(ledger, 'enrolments acknowledged');
      number += 1;
    } catch (error) {
      noteFailure(ledger, weather, 'enrolment', error);
    }
    await sleep(site.pauseMs * 3);
  }
}

/** As the API shows it: the SHA-256 of the key. */
async function ekDigestOf(host: PaperHost): Promise<string> {
  const { certificate } = await host.ekCertificates();
  const key = new X509Certificate(certificate!).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('hex');
}

/** As much of a test server as a story needs: each call goes to another replica. */
export function anyServer({ replicas, operatorToken }: Site): TestServer {
  const operator = {
    call: (...args: Parameters<ApiClient['call']>) =>
      anyOf(replicas)
        .client(operatorToken)
        .call(...args),
  };
  const client = (token?: string, prove?: Prove): ApiClient => anyOf(replicas).client(token, prove);
  return { operator, client } as unknown as TestServer;
}
