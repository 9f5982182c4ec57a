// kill -9 at random moments: a real server process, a real receiver, hosts that change all the time.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, components } from '../../../src/api/index.ts';
import { enrol, paperHost, trustSimulator } from '../../support/paper-story.ts';
import { startReceiver, type EventReceiver, type WireEvent } from '../../support/receiver.ts';
import { createServerProcess, type ServerProcess } from '../../support/server-process.ts';
import { startSyslogReceiver, type SyslogMessage, type SyslogReceiver } from '../../support/syslog.ts';

/** Each costs the start of a server: a few in every run, a hundred with `npm run kills`. */
const kills = Number(process.env['TOUCHSTONE_KILLS'] ?? 5);
const hosts = ['hv-1', 'hv-2', 'hv-3'];
/** The longest that a server lives after it has acknowledged its first change. */
const longestLifeMs = 60;

describe('events when the server is killed', function () {
  this.timeout(60_000 + kills * 30_000);
  let server: ServerProcess;
  let receiver: EventReceiver;
  let syslog: SyslogReceiver;
  before(async () => {
    receiver = await startReceiver();
    syslog = await startSyslogReceiver();
    const events = { webhookHosts: [receiver.host], allowLoopback: true, syslog: { receivers: [syslog.url] } };
    server = await createServerProcess({ events });
    await server.start();
  });
  after(async () => {
    await server.remove();
    await receiver.close();
    await syslog.close();
  });

  const acknowledged = new Map(hosts.map((host) => [host, [] as number[]]));
  /** Their time is over while the server lives, starts or is gone. */
  const quarantines: string[] = [];
  let count = 0;

  /** Changes one host until the server is gone; what was acknowledged must be told. */
  function changeUntilGone(api: ApiClient, hostId: string) {
    const change = async (): Promise<void> => {
      const number = (count += 1);
      await api.call('setHostLabels', { path: { hostId }, body: { labels: { number: String(number) } } });
      acknowledged.get(hostId)?.push(number);
    };
    const goOn = (): Promise<void> => change().then(goOn);
    const first = change();
    return { first, end: first.then(goOn).catch(() => undefined) };
  }

  /** From its first change to a moment that nobody chose. */
  async function liveAndDie(): Promise<void> {
    const api = server.client(server.token);
    const body = { hosts: { all: true as const }, reason: 'test', expiresInSeconds: 1 };
    quarantines.push((await api.call('createQuarantine', { body })).id);
    const begun = hosts.map((host) => changeUntilGone(api, host));
    const working = Promise.all(begun.map(({ end }) => end));
    await Promise.any(begun.map(({ first }) => first));
    await sleep(Math.random() * longestLifeMs);
    await server.end('SIGKILL');
    await working;
  }

  /** The audit log once every quarantine has ended in it, or twenty seconds are over. */
  async function readWholeAudit(): Promise<readonly AuditEntry[]> {
    const api = server.client(server.token);
    let log = await readAudit(api);
    for (let look = 0; look < 40 && endsIn(log).length < kills * hosts.length; look += 1) {
      await sleep(500);
      log = await readAudit(api);
    }
    return log;
  }

  it(`reach a webhook and a receiver of syslog all, in the order of each host, through ${kills} kills`, async () => {
    await trustSimulator(server.world());
    for (const name of hosts) await enrol(server.world(), paperHost(name));
    for (const { url } of [receiver, syslog]) {
      const body = { url, kinds: ['host.labelled' as const] };
      await server.client(server.token).call('createSubscription', { body });
    }
    for (let kill = 0; kill < kills; kill += 1) {
      if (kill > 0) await server.start();
      await liveAndDie();
    }
    await server.start();

    const log = await readWholeAudit();
    assert.deepEqual(
      endsIn(log).map(({ subject, details }) => [details['quarantine'], subject]),
      quarantines.flatMap((id) => hosts.map((host) => [id, host])),
      'each end is told once, of each host, in the order in which they ended',
    );
    const changes = log.filter(({ action }) => action === 'host.labelled').map(({ sequence }) => sequence);
    const logged = () => new Set(syslog.messages().map(idOf));
    await receiver.until(() => {
      const told = new Set(receiver.events().map(({ id }) => id));
      return changes.every((sequence) => told.has(String(sequence)));
    });
    await syslog.until(() => {
      const all = logged();
      return changes.every((sequence) => all.has(sequence));
    });

    const first = firstTimes(receiver.events());
    assert.deepEqual(
      first.map(({ id }) => Number(id)),
      changes,
      'what was told for the first time is the audit log, entry by entry, in its order',
    );
    assert.deepEqual([...logged()], changes, 'so is what syslog was told');
    for (const [host, numbers] of acknowledged) {
      const seen = first.filter(({ subject }) => subject === host).map(numberOf);
      assert.deepEqual(
        seen,
        [...seen].sort((left, right) => left - right),
        `${host} is out of order`,
      );
      for (const number of numbers) assert.ok(seen.includes(number), `${host} lost ${number}`);
    }
    const again = receiver.events().length - first.length;
    assert.ok(
      again <= kills,
      `${again} events came twice: each kill may repeat the one that was under way, and no other`,
    );
  });
});

function endsIn(log: readonly AuditEntry[]): readonly AuditEntry[] {
  return log.filter(({ action }) => action === 'host.quarantine-ended');
}

function idOf({ parameters }: SyslogMessage): number {
  return Number(parameters.find(([name]) => name === 'id')?.[1]);
}

function firstTimes(events: readonly WireEvent[]): readonly WireEvent[] {
  const seen = new Set<string>();
  return events.filter(({ id }) => !seen.has(id) && seen.add(id));
}

function numberOf({ data }: WireEvent): number {
  return Number((JSON.parse(String(data['labels'])) as { number: string }).number);
}

type AuditEntry = components['schemas']['AuditEntry'];

async function readAudit(api: ApiClient) {
  const all: AuditEntry[] = [];
  let after: number | undefined = 0;
  while (after !== undefined) {
    const { items, next }: { items: AuditEntry[]; next?: number | undefined } = await api.call('listAudit', {
      query: { after, limit: 1000 },
    });
    all.push(...items);
    after = next;
  }
  return all;
}
