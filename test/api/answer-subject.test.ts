// Of whom an answer speaks, held against whom it was asked about.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { answerSubjects, requireSubject } from '../../src/api/answer-subject.ts';

type Schema = Readonly<Record<string, unknown>>;

const document = parse(readFileSync('openapi.yaml', 'utf8')) as Schema;

function follow(value: unknown): Schema {
  const reference = (value as Schema | undefined)?.['$ref'];
  if (typeof reference !== 'string') return (value ?? {}) as Schema;
  return follow(reference.split('/').slice(1).reduce((from, name) => from[name] as Schema, document)); // prettier-ignore
}

/** Whether the schema, or a member of it, names a host. */
function namesHost(schema: unknown, depth = 0): boolean {
  const members = Object.values((follow(schema)['properties'] as Schema | undefined) ?? {});
  return members.some(
    (member) => String((member as Schema)['$ref']).endsWith('/HostId') || (depth < 1 && namesHost(member, depth + 1)),
  );
}

describe('an answer about a host', () => {
  const other = { name: 'ApiUnreachable', code: 'API_ANSWER_OF_OTHER' };
  const at = { decidedAt: 'now', validUntil: 'then', reasons: [], token: 't' };
  const allow = (host: string) => ({ decision: 'allow' as const, host, ...at });

  it('is held to the host that was named, whichever operation names one and is answered with one', () => {
    const paths = Object.values(document['paths'] as Record<string, Record<string, Schema>>);
    const about = paths.flatMap((methods) => {
      const isOfHost = ((methods['parameters'] ?? []) as unknown as Schema[]).some((one) => String(one['$ref']).endsWith('/HostId')); // prettier-ignore
      return Object.values(methods).flatMap((operation) => {
        const good = Object.entries((operation['responses'] as Schema | undefined) ?? {}).find(([status]) => status.startsWith('20')); // prettier-ignore
        const json = (follow(good?.[1])['content'] as Record<string, Schema> | undefined)?.['application/json'];
        const id = String(operation['operationId']);
        return isOfHost && namesHost(json?.['schema']) ? [id] : [];
      });
    });
    const inBody = ['createAdmissionDecision', 'createAdmissionBatch'];
    assert.deepEqual([...about, ...inBody].sort(), Object.keys(answerSubjects).sort());
  });

  it('is refused where a decision is about another host', () => {
    requireSubject('createAdmissionDecision', { body: { host: 'hv-1' } }, allow('hv-1'));
    const asked = { body: { host: 'hv-2' } };
    assert.throws(() => requireSubject('createAdmissionDecision', asked, allow('hv-1')), {
      ...other,
      message: 'asked about hv-2, the server answers about hv-1',
    });
  });

  it('is refused where a batch does not answer for each host in its place, or answers for more', () => {
    const body = { requests: [{ hosts: ['a', 'b'] }, { hosts: ['c', 'c'] }] };
    const answers = (...rows: readonly string[][]) => ({ decidedAt: 'now', items: rows.map((row) => row.map(allow)) });
    requireSubject('createAdmissionBatch', { body }, answers(['a', 'b'], ['c', 'c']));
    for (const rows of [
      [
        ['b', 'a'],
        ['c', 'c'],
      ],
      [['a'], ['c', 'c']],
      [['a', 'b']],
      [['a', 'b'], ['c']],
      [
        ['a', 'a'],
        ['c', 'c'],
      ],
      [
        ['a', 'b'],
        ['c', 'c', 'd'],
      ],
      [['a', 'b'], ['c', 'c'], ['d']],
      [],
    ])
      // prettier-ignore
      assert.throws(() => requireSubject('createAdmissionBatch', { body }, answers(...rows)), other, rows.join(' '));
  });

  it('is refused where the verdict within it is of another host', () => {
    const path = { hostId: 'hv-1' };
    const said = { host: 'hv-1', state: 'fresh' as const, status: 'affirming' as const, reasons: [] };
    const times = { challengedAt: 'then', issuedAt: 'then', expiresAt: 'then' };
    const verdict = { host: 'hv-2', status: said.status, vector: {}, findings: [], layers: {}, ...times };
    requireSubject('getVerdict', { path }, said);
    requireSubject('getVerdict', { path }, { ...said, verdict: { ...verdict, host: 'hv-1' } });
    assert.throws(() => requireSubject('getVerdict', { path }, { ...said, verdict }), other);
    assert.throws(() => requireSubject('createAttestation', { path, body: {} as never }, { verdict, nextAttestationSeconds: 60 }), other); // prettier-ignore
  });
});
