// Orchestrators that ask all the time about hosts that are trusted all the time.
import { setTimeout as sleep } from 'node:timers/promises';
import { count, noteFailure } from './ledger.ts';
import { anyOf, type Site } from './site.ts';

export async function askForEver(site: Site, token: string, hosts: readonly string[]): Promise<void> {
  const { ledger, replicas, weather } = site;
  while (!site.isOver()) {
    try {
      const body = { host: anyOf(hosts) };
      const answer = await anyOf(replicas).client(token).call('createAdmissionDecision', { body });
      if (answer.decision === 'deny') ledger.broken.push(`${body.host} was denied: ${JSON.stringify(answer.reasons)}`);
      else count(ledger, answer.remembered === undefined ? 'admissions' : 'admissions from memory');
    } catch (error) {
      noteFailure(ledger, weather, 'admission', error);
    }
    await sleep(site.pauseMs / 4);
  }
}
