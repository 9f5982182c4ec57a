// Operators at work: labels, golden measurements and quarantines, each asked for at whichever server comes.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiProblem } from '../../src/api/index.ts';
import { decodeBase64, encodeBase64 } from '../../src/core/encoding/index.ts';
import { propose, type Operator, type Statement } from '../support/paper-story.ts';
import { anyServer } from './hosts-load.ts';
import { count, noteFailure, noteWrite } from './ledger.ts';
import { anyOf, type Site } from './site.ts';

export interface OperatorsAtWork {
  readonly operators: readonly Operator[];
  /** A golden measurement that others are made from: alike, with digests that no host has. */
  readonly statement: Statement;
  /** Whose labels change. */
  readonly labelled: string;
  /** Who is set aside now and then, and is trusted otherwise. */
  readonly suspect: string;
}

/** How long a server may say yes from memory. */
const outageMs = 30_000;

export async function operateForEver(site: Site, work: OperatorsAtWork): Promise<void> {
  const acts = [labelHost, changeGoldens, setAside];
  for (let turn = 0; !site.isOver(); turn += 1) {
    try {
      await acts[turn % acts.length]!(site, work);
    } catch (error) {
      noteFailure(site.ledger, site.weather, 'operators', error);
    }
    await sleep(site.pauseMs);
  }
}

let labels = 0;

async function labelHost({ ledger, replicas, operatorToken }: Site, { labelled }: OperatorsAtWork): Promise<void> {
  const number = String((labels += 1));
  ledger.labelsSent.set(number, 1);
  const api = anyOf(replicas).client(operatorToken);
  await api.call('setHostLabels', { path: { hostId: labelled }, body: { labels: { number } } });
  ledger.labels.push(number);
  noteWrite(ledger, 'labels acknowledged');
}

async function changeGoldens(site: Site, { operators, statement }: OperatorsAtWork): Promise<void> {
  const { ledger, replicas, operatorToken } = site;
  const golden = await propose(anyServer(site), withOtherDigests(statement), operators);
  if (golden.state !== 'active') {
    ledger.broken.push(`a golden measurement with a quorum is ${golden.state}`);
    return;
  }
  ledger.goldens.set(golden.id, 'active');
  noteWrite(ledger, 'golden measurements acknowledged');
  if (Math.random() < 0.5) return;
  // From here on it may be revoked, whether that is answered or not.
  ledger.goldens.delete(golden.id);
  const body = { reason: 'the story goes on' };
  await anyOf(replicas)
    .client(operatorToken)
    .call('revokeGoldenMeasurement', { path: { goldenId: golden.id }, body });
  ledger.goldens.set(golden.id, 'revoked');
  noteWrite(ledger, 'revocations acknowledged');
}

/** The same measurement of something that nobody boots. */
function withOtherDigests({ payload, payloadType }: Statement): Statement {
  const text = new TextDecoder().decode(decodeBase64(payload));
  const other = text.replace(/[0-9a-f]{64}/g, () => randomBytes(32).toString('hex'));
  return { payloadType, payload: encodeBase64(new TextEncoder().encode(other)) };
}

/** From the acknowledgement on nobody is told yes, but by a server that could not know yet, and not for longer than it says. */
async function setAside({ ledger, replicas, operatorToken }: Site, { suspect }: OperatorsAtWork): Promise<void> {
  const hosts = { names: [suspect] };
  const api = anyOf(replicas).client(operatorToken);
  const { id } = await api.call('createQuarantine', { body: { hosts, reason: 'the story goes on' } });
  const since = Date.now();
  ledger.quarantines.push(id);
  noteWrite(ledger, 'quarantines acknowledged');
  try {
    for (const replica of replicas) {
      const asked = replica.client(operatorToken).call('createAdmissionDecision', { body: { host: suspect } });
      const answer = await asked.catch(() => undefined);
      if (answer?.decision !== 'allow') continue;
      const isExcused = answer.remembered !== undefined && Date.parse(answer.remembered.asOf) <= since;
      if (!isExcused || Date.parse(answer.validUntil) > since + outageMs) {
        ledger.broken.push(`${suspect} was admitted after its quarantine ${id} was acknowledged`);
      } else count(ledger, 'admitted from a memory that could not know yet');
    }
  } finally {
    await lift(replicas, operatorToken, id);
  }
}

/** Until it is: the next story begins with a host that is trusted. */
async function lift(replicas: Site['replicas'], operatorToken: string, quarantineId: string): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    try {
      const body = { reason: 'the story goes on' };
      await anyOf(replicas).client(operatorToken).call('liftQuarantine', { path: { quarantineId }, body });
      return;
    } catch (error) {
      // It was lifted, and the answer was lost.
      if (error instanceof ApiProblem && error.status < 500) return;
      await sleep(1_000);
    }
  }
}
