import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ApiClient } from '../../../src/api/index.ts';
import {
  breadthOf,
  judgeByRules,
  matchesPattern,
  type ApprovalRule,
} from '../../../src/server/attestation/approval-rules.ts';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { spkiDigest } from '../../../src/core/crypto/index.ts';
import { verifyEndorsementKey } from '../../../src/core/tpm/index.ts';
import type { PaperHost } from '../../../src/simulator/index.ts';
import { checkConfig } from '../../../src/server/index.ts';
import { checkRules } from '../../../src/server/doctor/check-enrolment.ts';
import { enrol, paperHost, trustSimulator } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const approve = (name: string, when: ApprovalRule['when']): ApprovalRule => ({ name, effect: 'approve', when });
const deny = (name: string, when: ApprovalRule['when']): ApprovalRule => ({ name, effect: 'deny', when });
const applicant = { tpmManufacturer: ['id:49465800', 'Infineon'], joinToken: ['rack-3'], hostName: ['hv-1'] };

describe('rules of approval', () => {
  it('decide nothing when there is nothing to decide by: no rule, no condition, nothing known', () => {
    assert.equal(judgeByRules([], applicant), undefined);
    assert.equal(judgeByRules([approve('empty', {})], applicant), undefined);
    assert.equal(judgeByRules([approve('any', { tpmModel: '*' })], {}), undefined);
    assert.equal(judgeByRules([approve('any', { tpmModel: '*' })], { tpmModel: [] }), undefined);
  });

  it('want every condition', () => {
    const rule = approve('a', { tpmManufacturer: 'Infineon', joinToken: 'rack-*' });
    assert.deepEqual(judgeByRules([rule], applicant), { effect: 'approve', rule: 'a' });
    assert.equal(judgeByRules([rule], { ...applicant, joinToken: ['lab'] }), undefined);
    assert.equal(judgeByRules([rule], { ...applicant, joinToken: [] }), undefined);
    const byId = approve('b', { tpmManufacturer: 'id:49465800' });
    assert.equal(judgeByRules([byId], applicant)?.rule, 'b');
  });

  it('deny before they approve, in whatever order they stand', () => {
    const rules = [approve('a', { hostName: '*' }), deny('d', { hostName: 'hv-?' }), approve('b', { hostName: '*' })];
    for (const order of [rules, rules.toReversed()]) {
      assert.deepEqual(judgeByRules(order, applicant), { effect: 'deny', rule: 'd' });
    }
  });

  it('have patterns that match as they say, whatever the texts', () => {
    const cases: readonly (readonly [string, string, boolean])[] = [
      ['', '', true],
      ['', 'a', false],
      ['*', '', true],
      ['**', 'a', true],
      ['a*c', 'abbc', true],
      ['a*c', 'acb', false],
      ['?', '', false],
      ['a.c', 'abc', false],
      ['*ab*ab', 'xababab', true],
      ['A', 'a', false],
    ];
    for (const [pattern, text, expected] of cases)
      assert.equal(matchesPattern(pattern, text), expected, `${pattern} ${text}`);
    const letters = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 8 }).map((parts) => parts.join(''));
    const texts = fc.array(fc.constantFrom('a', 'b'), { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(letters, texts, (pattern, text) => {
        const asRegex = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        assert.equal(matchesPattern(pattern, text), asRegex.test(text));
      }),
    );
  });

  it('are called broad when hosts choose all they ask for, or when anybody may ask', () => {
    assert.match(breadthOf(approve('a', { hostName: 'hv-*' }), 'token') ?? '', /does not choose itself/);
    assert.match(breadthOf(approve('a', { joinToken: '*' }), 'token') ?? '', /does not choose itself/);
    assert.equal(breadthOf(approve('a', { tpmManufacturer: 'Infineon' }), 'token'), undefined);
    assert.match(breadthOf(approve('a', { tpmManufacturer: 'Infineon' }), 'open') ?? '', /anybody can buy/);
    assert.equal(breadthOf(approve('a', { tpmManufacturer: 'Infineon', joinToken: 'rack-3' }), 'open'), undefined);
    assert.equal(breadthOf(approve('a', { inventoryLabel: 'rack *' }), 'open'), undefined);
    assert.equal(breadthOf(deny('a', { hostName: '*' }), 'open'), undefined);
  });
});

describe('rules of approval, in force', () => {
  let server: TestServer;
  let joiner: ApiClient;
  afterEach(() => server.close());

  const start = async (rules: readonly ApprovalRule[], more: object = {}): Promise<void> => {
    server = await startTestServer({ settings: { enrolment: { approval: 'queue', rules, ...more } } });
    await trustSimulator(server);
    const body = { name: 'rack-3', role: 'joiner' } as const;
    joiner = server.client((await server.operator.call('createToken', { body })).token);
  };
  const register = async (host: PaperHost, label: string) => {
    const ekDigest = encodeHex(spkiDigest(verifyEndorsementKey(await host.ekPublic()).public.publicKey));
    await server.operator.call('registerEk', { path: { ekDigest }, body: { label } });
  };
  const audit = async () => (await server.operator.call('listAudit', { query: { limit: 1000 } })).items;

  it('let in who matches, by what a trust anchor vouches for and the token says, and nobody else', async () => {
    await start([approve('rack', { endorser: 'simulator', joinToken: 'rack-*' })]);
    await enrol(server, paperHost('hv-1'), joiner);
    assert.equal((await audit()).at(-1)?.details['approvedBy'], 'rule rack');
    const other = server.client(await server.token('joiner'));
    await refuses(enrol(server, paperHost('hv-2'), other), 'ENROLLMENT_WAITING');
  });

  it('believe no certificate that nobody vouches for', async () => {
    await start([approve('maker', { tpmManufacturer: '*' })], { allowUnverifiedEk: true });
    const foreign = paperHost('hv-1', { tampering: ['foreign-authority'] });
    await refuses(enrol(server, foreign, joiner), 'ENROLLMENT_WAITING');
    // An operator who registered the key vouches for the key, not for what its certificate says.
    const registered = paperHost('hv-2', { tampering: ['foreign-authority'] });
    await register(registered, 'rack 3');
    await server.close();
    await start([deny('maker', { tpmManufacturer: '*' })], { allowUnverifiedEk: true });
    await register(registered, 'rack 3');
    await enrol(server, registered, joiner);
  });

  it('deny a TPM that an operator registered or enrols, and leave nothing of it in the queue', async () => {
    await start([deny('scrapped', { inventoryLabel: 'scrap *' }), deny('odd', { hostName: 'odd-*' })]);
    const scrapped = paperHost('hv-1');
    await register(scrapped, 'scrap 17');
    const refusal = await refuses(enrol(server, scrapped, joiner), 'ENROLLMENT_DENIED', 403);
    assert.match(refusal.message, /rule scrapped/);
    await refuses(enrol(server, scrapped), 'ENROLLMENT_DENIED', 403);
    await refuses(server.operator.call('getHost', { path: { hostId: 'hv-1' } }), 'HOST_NOT_FOUND');
    await refuses(enrol(server, paperHost('odd-1'), joiner), 'ENROLLMENT_DENIED');
    assert.deepEqual((await server.operator.call('listPendingHosts', {})).items, []);
  });

  it('deny also where no approval is asked for', async () => {
    await start([deny('odd', { hostName: 'odd-*' })], { approval: 'none' });
    await refuses(enrol(server, paperHost('odd-1'), joiner), 'ENROLLMENT_DENIED');
    await enrol(server, paperHost('hv-1'), joiner);
  });

  it('can be tried on those who wait, which changes nothing', async () => {
    await start([]);
    for (const name of ['hv-1', 'odd-1', 'x-1']) {
      await refuses(enrol(server, paperHost(name), joiner), 'ENROLLMENT_WAITING');
    }
    const before = await audit();
    const rules = [approve('rack', { joinToken: 'rack-3', hostName: '*v-*' }), deny('odd', { hostName: 'odd-*' })];
    const { items } = await server.operator.call('tryApprovalRules', { body: { rules } });
    assert.deepEqual(items.map(({ hostName, outcome, rule }) => [hostName, outcome, rule]).sort(), [
      ['hv-1', 'approve', 'rack'],
      ['odd-1', 'deny', 'odd'],
      ['x-1', 'wait', undefined],
    ]);
    const inForce = await server.operator.call('tryApprovalRules', { body: {} });
    assert.deepEqual(new Set(inForce.items.map(({ outcome }) => outcome)), new Set(['wait']));
    const page = await server.operator.call('tryApprovalRules', { query: { limit: 2 }, body: {} });
    assert.deepEqual([page.items.length, page.next === undefined], [2, false]);
    assert.deepEqual(await audit(), before);
    await refuses(enrol(server, paperHost('hv-1'), joiner), 'ENROLLMENT_WAITING');
  });

  it('are told by the doctor when they are broad, or idle', async () => {
    const rules = [approve('names', { hostName: 'hv-*' })];
    await start(rules);
    const { enrolment } = server.config;
    const broad = checkRules(enrolment);
    assert.deepEqual([broad.ok, broad.severity], [false, 'warning']);
    assert.match(broad.message, /^rule names: it asks for nothing/);
    assert.equal(checkRules({ ...enrolment, rules: [] }).ok, true);
    const narrow = { ...enrolment, rules: [approve('a', { joinToken: 'rack-3' })] };
    assert.equal(checkRules(narrow).ok, true);
    assert.match(checkRules({ ...narrow, approval: 'none' }).message, /approve nothing/);
  });

  it('are refused in the configuration without a condition, or with an unknown one', async () => {
    await start([]);
    for (const when of [{}, { tpmVendor: 'x' }, { hostName: '' }]) {
      const enrolment = { rules: [{ name: 'x', effect: 'approve', when }] };
      assert.throws(() => checkConfig({ serverId: 'x', enrolment }, '.'), { code: 'CONFIG_INVALID' });
    }
  });
});
