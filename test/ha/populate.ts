// What the site is before anything is killed: hosts that are trusted, operators, and an orchestrator.
import { encodePem } from '../../src/core/encoding/index.ts';
import { attest, enrol, trustedWorld } from '../support/paper-story.ts';
import { anyServer, hostLedger, type Member } from './hosts-load.ts';
import type { OperatorsAtWork } from './operators-load.ts';
import type { Site } from './site.ts';

export interface Population {
  readonly members: readonly Member[];
  readonly work: OperatorsAtWork;
  /** The token of an orchestrator. */
  readonly orchestrator: string;
}

export async function populate(site: Site, size: number): Promise<Population> {
  const server = anyServer(site);
  const pem = encodePem('CERTIFICATE', site.authority.rootCertificate);
  await server.operator.call('createTrustAnchor', { body: { name: 'simulator', pem, scope: 'virtual' } });
  const { host, enrolled, operators } = await trustedWorld(server, 'hv-1', { authority: site.authority });
  const members: Member[] = [{ host, ...enrolled }];
  for (let number = 2; number <= size; number += 1) members.push(await addHost(site, `hv-${number}`));
  const suspect = await addHost(site, 'suspect');
  for (const { hostId } of members) hostLedger(site.ledger, hostId).acknowledged = hostId === 'hv-1' ? 2 : 1;
  const body = { layers: ['kernel' as const] };
  const { statements } = await server.operator.call('createCapture', { path: { hostId: 'hv-1' }, body });
  const orchestrator = await server.operator.call('createToken', { body: { name: 'scheduler', role: 'orchestrator' } });
  const work = { operators, statement: statements[0]!, labelled: 'hv-1', suspect: suspect.hostId };
  return { members, work, orchestrator: orchestrator.token };
}

async function addHost(site: Site, name: string): Promise<Member> {
  const host = site.newHost(name);
  const enrolled = await enrol(anyServer(site), host);
  await attest(enrolled, host);
  return { host, ...enrolled };
}
