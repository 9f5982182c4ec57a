import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { AuditRecord } from '../../../src/server/storage/index.ts';
import { cloudEventOf, isEvent } from '../../../src/server/events/cloud-event.ts';
import { eventKinds } from '../../../src/server/events/event-kinds.table.ts';

const root = join(import.meta.dirname, '../../..');

describe('kinds of events', () => {
  it('are the actions of the audit log: each that the server writes has its row, and no row is for nothing', () => {
    const folder = join(root, 'src/server');
    const text = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.table.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n')
      .replace('`golden.${state}`', "'golden.retired' : 'golden.revoked'")
      .replace('`host.${state}`', "'host.approved' : 'host.rejected'");
    const written = [...text.matchAll(/action(?::|\s=)\s[^,;\n]*/g)].flatMap(([part]) =>
      [...part.matchAll(/'([a-z-]+\.[a-z-]+)'/g)].map(([, action]) => action ?? ''),
    );
    assert.deepEqual([...new Set(written)].sort(), Object.keys(eventKinds).sort());
  });

  it('are the ones of the contract, in its order', () => {
    const { components } = parse(readFileSync(join(root, 'openapi.yaml'), 'utf8')) as {
      components: { schemas: { EventKind: { enum: string[] } } };
    };
    assert.deepEqual(components.schemas.EventKind.enum, Object.keys(eventKinds));
  });

  it('are documented, each with its fields', () => {
    const text = readFileSync(join(root, 'docs/events.md'), 'utf8');
    for (const [kind, { fields }] of Object.entries(eventKinds)) {
      const row = text.split('\n').find((line) => line.startsWith(`| \`${kind}\``)) ?? '';
      for (const name of Object.keys(fields)) assert.ok(row.includes(`\`${name}\``), `${kind}: ${name}`);
    }
  });
});

describe('an event', () => {
  const entry = (details: AuditRecord['details'], action = 'verdict.voided'): AuditRecord => ({
    sequence: 7,
    at: 0,
    actor: 'token tok_1',
    action,
    subject: 'hv-1',
    details,
    previousHash: new Uint8Array(32),
    hash: new Uint8Array(32),
  });
  const eventOf = (details: AuditRecord['details'], action?: string) => {
    const one = entry(details, action);
    assert.ok(isEvent(one));
    return cloudEventOf(one, 'test.example');
  };

  it('has the fields of its kind in their order, and none that its kind has not', () => {
    const { data } = eventOf({ endorser: 'e', secret: 'x', code: 'C' });
    assert.equal(JSON.stringify(data), '{"actor":"token tok_1","code":"C","endorser":"e"}');
  });

  it('stays small, whatever the audit entry holds', () => {
    const long = 'x'.repeat(100_000);
    const event = eventOf({ status: long, findings: Array.from({ length: 5000 }, () => long) }, 'verdict.changed');
    assert.ok(JSON.stringify(event).length < 40_000);
    assert.equal((event.data['status'] as string).length, 2049);
  });

  it('is none when no row says what it is', () => {
    assert.equal(isEvent(entry({}, 'moon.landed')), false);
    assert.equal(isEvent(entry({}, 'toString')), false);
  });
});
