// What monitoring gets to see of a whole server, and that the document, the alerts, the dashboard and the server speak of the same metrics.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import request from 'supertest';
import { parse } from 'yaml';
import { routes } from '../../../src/api/index.ts';
import { findings } from '../../../src/core/appraisal/index.ts';
import { errorCodes } from '../../../src/core/error-codes.ts';
import { serverErrors } from '../../../src/server/index.ts';
import { writeExposition } from '../../../src/server/telemetry/exposition.ts';
import { mergeMeasures } from '../../../src/server/workers/merge-measures.ts';
import { enrol, paperHost, attest, trustedWorld, type TrustedWorld } from '../../support/paper-story.ts';
import { startReceiver, type EventReceiver } from '../../support/receiver.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

/** Sends these bytes on a connection of their own, and reads to its end. */
async function tell(url: string, bytes: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  socket.on('error', () => undefined).write(bytes);
  let said = '';
  for await (const part of socket.setEncoding('utf8')) said += String(part);
  return said;
}

const root = join(import.meta.dirname, '../../..');

describe('metrics', () => {
  let server: TestServer;
  let receiver: EventReceiver;
  let world: TrustedWorld;
  let token: string;
  before(async () => {
    receiver = await startReceiver();
    const events = { webhookHosts: [receiver.host], allowLoopback: true };
    server = await startTestServer({ settings: { events } });
    world = await trustedWorld(server);
    token = await server.token('monitor');
  });
  after(async () => {
    await server.close();
    await receiver.close();
  });

  const scrape = async (): Promise<string> => {
    const { status, text, headers } = await request(server.url)
      .get('/metrics')
      .set('authorization', `Bearer ${token}`)
      .set('accept', 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    return text;
  };
  /** Series by name and labels as they are written. */
  const read = async (): Promise<ReadonlyMap<string, number>> => {
    const lines = (await scrape()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
  };
  const valueOf = async (series: string): Promise<number | undefined> => (await read()).get(series);

  it('count attestations by verdict and finding, and time what they took', async () => {
    const trusted = 'touchstone_attestations_total{status="affirming"}';
    const before = await read();
    assert.ok((before.get(trusted) ?? 0) >= 1);
    await attest(world.enrolled, world.host);
    world.host.reboot({ tampering: ['changed-initrd'] });
    const { verdict } = await attest(world.enrolled, world.host);
    assert.notEqual(verdict.status, 'affirming');
    const after = await read();
    assert.equal(after.get(trusted), (before.get(trusted) ?? 0) + 1);
    assert.equal(after.get('touchstone_attestation_findings_total{code="INITRD_DIVERGED"}'), 1);
    for (const name of ['touchstone_appraisal_seconds_count', 'touchstone_storage_seconds_count'])
      assert.equal(after.get(name), (before.get(name) ?? 0) + 2, name);
    world.host.reboot({ tampering: [] });
    await attest(world.enrolled, world.host);
  });

  it('count answers by operation and problem, and name no operation where there is none', async () => {
    await request(server.url).get('/nothing');
    await request(server.url).get('/v1/hosts');
    const series = await read();
    assert.equal(series.get('touchstone_answers_total{operation="none",code="REQUEST_ROUTE_UNKNOWN"}'), 1);
    assert.equal(series.get('touchstone_answers_total{operation="listHosts",code="AUTH_REQUIRED"}'), 1);
    assert.ok((series.get('touchstone_answers_total{operation="getMetrics",code="OK"}') ?? 0) > 0);
    assert.equal(series.get('touchstone_answer_seconds_count{operation="listHosts"}'), 1);
  });

  it('count what was refused before it was a request, once for each sender', async () => {
    const head = `GET /v1/hosts HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\n`;
    const sent = [
      ['no HTTP\r\n\r\nnor this\r\n\r\n', 'REQUEST_HTTP_MALFORMED'],
      [`${head}X-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 'REQUEST_HEADERS_TOO_LARGE'],
      [`${head}Expect: a-miracle\r\nConnection: close\r\n\r\n`, 'REQUEST_EXPECTATION_UNSUPPORTED'],
      [`${head}\r\n`.repeat(200), 'SERVER_BUSY'],
      ['CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\nnot this, too', 'REQUEST_METHOD_NOT_ALLOWED'],
    ] as const;
    for (const [bytes, code] of sent) {
      const series = `touchstone_answers_total{operation="none",code="${code}"}`;
      const before = (await valueOf(series)) ?? 0;
      assert.match(await tell(server.url, bytes), new RegExp(`"code":"${code}"`));
      assert.equal(await valueOf(series), before + 1, code);
    }
  });

  it('say how the fleet stands, as admission would at this moment', async () => {
    assert.equal(await valueOf('touchstone_hosts{state="fresh"}'), 1);
    assert.equal(await valueOf('touchstone_verdicts{status="affirming"}'), 1);
    const body = { hosts: { all: true as const }, reason: 'a test', expiresInSeconds: 60 };
    await server.operator.call('createQuarantine', { body });
    assert.equal(await valueOf('touchstone_hosts{state="quarantined"}'), 1);
    assert.equal(await valueOf('touchstone_verdicts{status="none"}'), 1);
    server.advance(60);
    assert.equal(await valueOf('touchstone_verdicts{status="affirming"}'), 1);
    server.advance(30 * 86_400);
    const series = await read();
    assert.equal(series.get('touchstone_hosts{state="lost"}'), 1);
    assert.equal(series.get('touchstone_hosts{state="fresh"}'), 0);
    assert.equal(series.get('touchstone_verdicts{status="affirming"}'), 0);
    assert.equal(series.get('touchstone_verdicts_held'), 0);
    assert.equal(series.get('touchstone_verdicts_break_glass'), 0);
    assert.equal(series.get('touchstone_store_up'), 1);
  });

  it('say how long events wait for a receiver that takes none, and since when it refuses', async () => {
    const body = { url: `${receiver.url}/hook` };
    const { id } = await server.operator.call('createSubscription', { body });
    const of = `{subscription="${id}"}`;
    receiver.answer = () => ({ status: 503 });
    const sent = receiver.sent;
    await enrol(server, paperHost('hv-2'), server.client(await server.token('joiner')));
    await receiver.until(() => receiver.sent > sent + 1);
    server.advance(300);
    const behind = await read();
    assert.ok((behind.get(`touchstone_outbox_events${of}`) ?? 0) >= 1);
    assert.equal(behind.get(`touchstone_outbox_oldest_seconds${of}`), 300);
    assert.equal(behind.get(`touchstone_outbox_failing_seconds${of}`), 300);
    assert.equal(behind.get(`touchstone_outbox_paused${of}`), 0);
    assert.ok((behind.get('touchstone_audit_entries_total') ?? 0) > 10);
    receiver.answer = undefined;
  });

  it('say when what is in force ends, and how much of it has', async () => {
    const coming = 'touchstone_next_end_timestamp_seconds{of="attestation-ca"}';
    assert.ok(((await valueOf(coming)) ?? 0) > server.now().getTime() / 1000);
    assert.equal(await valueOf('touchstone_ended{of="attestation-ca"}'), 0);
    server.advance(100 * 365 * 86_400);
    assert.equal(await valueOf('touchstone_ended{of="attestation-ca"}'), 1);
    assert.equal(await valueOf(coming), undefined);
  });

  it('never name a host', async () => {
    const text = await scrape();
    for (const { id } of (await server.operator.call('listHosts', {})).items) assert.ok(!text.includes(id), id);
  });

  it('are listed in docs/metrics.md with their help, all of them and no other', async () => {
    const told = [...(await scrape()).matchAll(/^# HELP (\S+) (.*)\n# TYPE \S+ (\S+)$/gm)];
    const rows = told.map(([, name, help, type]) => `${name} ${type} ${help}`);
    const document = readFileSync(join(root, 'docs/metrics.md'), 'utf8');
    const cells = [...document.matchAll(/^\| `([a-z_]+)`[^|]*\| (\w+) +\| (.*?) +\|$/gm)];
    assert.deepEqual(cells.map(([, name, type, help]) => `${name} ${type} ${help}`).sort(), rows.sort());
  });

  it('are what the alerts of deploy/monitoring look at', async () => {
    const text = readFileSync(join(root, 'deploy/monitoring/touchstone.rules.yml'), 'utf8');
    const { groups } = parse(text) as { groups: { rules: { alert?: string; expr: string }[] }[] };
    const rules = groups.flatMap(({ rules: all }) => all);
    assert.ok(rules.length >= 10);
    const codes = [...Object.keys(findings), ...Object.keys(errorCodes), ...Object.keys(serverErrors)];
    const watched = rules.flatMap(({ expr }) => /\bcode=~?"([^"]+)"/.exec(expr)?.[1]?.split('|') ?? []);
    assert.ok(watched.length >= 5);
    for (const code of watched)
      assert.ok(
        codes.some((one) => new RegExp(`^${code}$`).test(one)),
        code,
      );
    // Told where there are several.
    const ofWorkers = writeExposition(mergeMeasures([{ seat: 1, starts: 1, families: undefined }], []));
    assertKnown(
      (await scrape()) + ofWorkers,
      rules.map(({ expr }) => expr),
    );
  });

  it('are what the dashboard of deploy/monitoring shows, each panel with a sentence', async () => {
    const text = readFileSync(join(root, 'deploy/monitoring/touchstone-dashboard.json'), 'utf8');
    const { panels } = JSON.parse(text) as { panels: Panel[] };
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const shown = panels.filter(({ type }) => type !== 'row');
    assert.ok(shown.length >= 20);
    for (const { title, description = '', targets } of shown) {
      assert.match(description, /^[A-Z].*\.$/, title);
      assertKnown(
        await scrape(),
        targets.map(({ expr }) => expr),
      );
    }
    const named = text.match(/operation=~?\\"[a-zA-Z|]+/g) ?? [];
    assert.ok(named.length >= 3);
    for (const name of named.flatMap((one) => one.slice(one.indexOf('"') + 1).split('|')))
      assert.ok(Object.hasOwn(routes, name), name);
  });
});

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly targets: readonly { readonly expr: string }[];
}

/** Each metric in them is one that `scraped` tells. */
function assertKnown(scraped: string, expressions: readonly string[]): void {
  const told = new Map([...scraped.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
  for (const expr of expressions) {
    const names = [...expr.matchAll(/\b(?:touchstone|process)_[a-z_]+/g)].map(([name]) => name);
    assert.ok(names.length > 0 || expr.includes('up{'), expr);
    for (const name of names) {
      const family = told.get(name.replace(/_(bucket|sum|count)$/, '')) === 'histogram';
      assert.ok(family || told.has(name), `${name} in ${expr}`);
    }
  }
}
