// Golden measurements end quietly: the doctor says who is refused because some have, and is quiet where nobody is.
import assert from 'node:assert/strict';
import { decodeBase64, encodeBase64 } from '../../../src/core/encoding/index.ts';
import { encodeGoldenStatement, parseGoldenStatement } from '../../../src/core/golden/index.ts';
import { doctor } from '../../../src/server/index.ts';
import { applyPolicy, attest, authorise, bootLayers, enrol, paperHost, propose, trustSimulator, type Operator, type Statement } from '../../support/paper-story.ts'; // prettier-ignore
import { startTestServer, testStart, type TestServer } from '../../support/test-server.ts';

const day = 86_400;

const isKernel = ({ payload }: Statement): boolean => parseGoldenStatement(decodeBase64(payload)).layer === 'kernel';

describe('what the doctor says of golden measurements that end', () => {
  let server: TestServer;
  let operators: readonly Operator[];
  let statements: readonly Statement[];
  let again: () => Promise<string>;
  beforeEach(async () => {
    server = await startTestServer();
    await trustSimulator(server);
    await applyPolicy(server);
    operators = [await authorise(server, 'alice'), await authorise(server, 'bob')];
    const members: (readonly [Awaited<ReturnType<typeof enrol>>, ReturnType<typeof paperHost>])[] = [];
    for (const name of ['hv-1', 'hv-2']) {
      const host = paperHost(name);
      members.push([await enrol(server, host), host]);
    }
    again = async () => {
      const statuses: string[] = [];
      for (const [enrolled, host] of members) statuses.push((await attest(enrolled, host)).verdict.status);
      return [...new Set(statuses)].join();
    };
    await again();
    const capture = await server.operator.call('createCapture', { path: { hostId: 'hv-1' }, body: { layers: bootLayers } }); // prettier-ignore
    statements = capture.statements;
    for (const statement of statements) await approve(statement, isKernel(statement) ? 30 : undefined);
    assert.equal(await again(), 'affirming');
  });
  afterEach(() => server.close());

  const approve = (statement: Statement, days: number | undefined) => {
    const notAfter = days === undefined ? undefined : new Date(testStart.getTime() + days * day * 1000);
    const dated = { ...parseGoldenStatement(decodeBase64(statement.payload)), ...(notAfter && { notAfter }) };
    return propose(server, { ...statement, payload: encodeBase64(encodeGoldenStatement(dated)) }, operators);
  };
  const check = async () => {
    const found = (await doctor(server.dataDirectory, server.now())).find(({ name }) => name === 'golden-ends');
    return found?.ok === false ? { message: found.message, remedy: found.remedy } : undefined;
  };

  it('says in time that one ends, then who will be refused, then who is, and what to do', async () => {
    assert.equal(await check(), undefined);
    server.advance(20 * day);
    assert.equal((await check())?.message, '1 golden measurement to end within two weeks');
    server.advance(11 * day);
    const ended = '1 golden measurement has ended and nothing stands in (kernel)';
    assert.equal((await check())?.message, `${ended}: 2 hosts will be refused at the next attestation`);
    assert.notEqual(await again(), 'affirming');
    const refused = await check();
    assert.equal(refused?.message, `${ended}: 2 hosts are refused there`);
    assert.match(refused.remedy, /golden list --state expired.*golden draft --not-after/);
  });

  it('says nothing where another one in force accepts the same, with enough signatures', async () => {
    const kernel = statements.find(isKernel);
    assert.ok(kernel !== undefined);
    await approve(kernel, 300);
    server.advance(31 * day);
    assert.equal(await again(), 'affirming');
    assert.equal(await check(), undefined);
  });

  it('says nothing of what ended where no host is refused for it: the fleet moved on', async () => {
    server.advance(31 * day);
    for (const hostId of ['hv-1', 'hv-2'])
      await server.operator.call('retireHost', { path: { hostId }, body: { reason: 'moved on' } });
    assert.equal(await check(), undefined);
  });
});
