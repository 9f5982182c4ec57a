// A clock that ran ahead for a while and was set right, with a start of the server between: what was dated ahead is over for good.
import assert from 'node:assert/strict';
import { extensionOids, parseCertificate, parseCrl } from '../../src/core/x509/index.ts';
import { encodeHex, parsePem } from '../../src/core/encoding/index.ts';
import { ServerError } from '../../src/server/errors.ts';
import { doctor, type StartOptions } from '../../src/server/index.ts';
import { wasJustEnded } from '../../src/server/lockout/lockout.ts';
import {
  attest,
  challengeFor,
  evidenceFor,
  submit,
  trustedWorld,
  type EnrolledHost,
  type TrustedWorld,
} from '../support/paper-story.ts';
import { refuses } from '../support/problems.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const day = 86_400;

describe('a clock that was ahead', () => {
  let server: TestServer;
  let world: TrustedWorld;
  const path = { hostId: 'hv-1' };
  beforeEach(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
  });
  afterEach(() => server.close());

  /** The host as it asks the server that runs now. */
  const host = (): EnrolledHost => {
    const { enrolled } = world;
    return { ...enrolled, client: server.client(enrolled.token, enrolled.prove) };
  };
  /** While it is stopped: a server that runs goes on with its time. */
  const setBack = (seconds: number, options: StartOptions = {}): Promise<void> =>
    server.restart(options, () => {
      server.advance(-seconds);
      return Promise.resolve();
    });
  const decide = async (): Promise<string> => {
    const { decision, reasons } = await server.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    return [decision, ...reasons.map(({ code }) => code)].join(' ');
  };
  const voided = async () => {
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    return items.filter(({ action }) => action === 'verdict.voided').map(({ details }) => details);
  };

  it('leaves no verdict that is young again when its time comes', async () => {
    server.advance(day);
    await attest(host(), world.host);
    assert.equal(await decide(), 'allow');
    await setBack(day);
    assert.equal(await decide(), 'deny VERDICT_VOIDED');
    assert.deepEqual(await voided(), [{ code: 'VERDICT_FROM_THE_FUTURE' }]);
    server.advance(day);
    assert.equal(await decide(), 'deny VERDICT_VOIDED');
    assert.equal((await attest(host(), world.host)).verdict.status, 'affirming');
    assert.equal(await decide(), 'allow');
  });

  it('keeps the server from starting where that cannot be written down', async () => {
    server.advance(day);
    await attest(host(), world.host);
    const isFull = () => Promise.reject(new ServerError('STORAGE_UNAVAILABLE', 'SQLITE_FULL'));
    const start = setBack(day, { wrapStore: (store) => ({ ...store, endAhead: isFull }) });
    await assert.rejects(start, { code: 'STORAGE_UNAVAILABLE' });
    await server.restart();
    assert.equal(await decide(), 'deny VERDICT_VOIDED');
  });

  it('ends nothing at the starts after that one, and nothing where it was right', async () => {
    await server.restart();
    assert.equal(await decide(), 'allow');
    server.advance(day);
    await attest(host(), world.host);
    await setBack(day);
    await attest(host(), world.host);
    assert.equal(await decide(), 'allow');
    await server.restart();
    assert.equal(await decide(), 'allow');
    assert.equal((await voided()).length, 1);
    await setBack(30);
    assert.equal(await decide(), 'allow');
  });

  it('leaves no list of the attestation CA that has a higher number than those that follow', async () => {
    const number = async (): Promise<number> => {
      const { body } = await server.client().callRaw('getAttestationCaCrl', { headers: { accept: '*/*' } });
      const { extensions } = parseCrl(body);
      const value = extensions.find(({ oid }) => oid === extensionOids.crlNumber)?.value;
      return Number.parseInt(encodeHex(value?.subarray(2) ?? new Uint8Array()), 16);
    };
    server.advance(day);
    const ahead = await number();
    await setBack(day);
    const behind = await number();
    assert.ok(behind > ahead, `${behind} after ${ahead}`);
    await server.restart();
    assert.equal(await number(), behind);
  });

  it('leaves no challenge to which a quote of that time would be a fresh answer', async () => {
    server.advance(day);
    const kept = await evidenceFor(world.host, await challengeFor(host(), world.host));
    await setBack(day);
    await refuses(submit(host(), kept), 'CHALLENGE_NOT_FOUND', 409);
    server.advance(day);
    await refuses(submit(host(), kept), 'CHALLENGE_NOT_FOUND', 409);
  });

  it('draws no challenge that a server with another clock takes for a fresh one', async () => {
    server.advance(day);
    const kept = await evidenceFor(world.host, await challengeFor(host(), world.host));
    // Of two servers that share a store, the one that is right: what the other one does now ends at no start.
    await setBack(day, { wrapStore: (store) => ({ ...store, endAhead: () => Promise.resolve(undefined) }) });
    await refuses(submit(host(), kept), 'CHALLENGE_EXPIRED', 409);
    await refuses(submit(host(), kept), 'CHALLENGE_NOT_FOUND', 409);
  });

  it('is what the doctor finds while the server goes on by it', async () => {
    const told = async (behindSeconds: number) => {
      const checks = await doctor(server.dataDirectory, new Date(server.now().getTime() - behindSeconds * 1000));
      return checks.map(({ message }) => message).filter((message) => message.includes('goes by'));
    };
    assert.deepEqual(await told(30), []);
    const [message = '', ...more] = await told(day);
    assert.match(message, /^a server of this store goes by 2026-11-25T12:00:00\.000Z, 86400 s ahead of this machine: /);
    assert.deepEqual(more, []);
  });

  it('leaves the host a certificate that begins in the future no longer than until it attests', async () => {
    server.advance(day);
    const { akCertificate: ahead = '' } = await attest(host(), world.host);
    const begins = (pem: string) => parseCertificate(parsePem(pem)[0]!.bytes).notBefore;
    assert.ok(begins(ahead) > new Date(server.now().getTime() - day * 1000));
    await setBack(day);
    const { akCertificate: right = '' } = await attest(host(), world.host);
    assert.ok(begins(right) <= server.now());
    assert.equal((await attest(host(), world.host)).akCertificate, undefined);
    assert.equal((await server.operator.call('getHost', { path })).state, 'fresh');
  });

  it('does not keep lockout protection from beginning until a hold that was ended then is past', () => {
    const lockout = { windowSeconds: 600 } as TestServer['config']['lockout'];
    const ended = (endedAt: number) => ({ id: 'hld_a', since: 0, until: 1, flipped: 1, fleet: 1, endedAt });
    const at = 10 * day * 1000;
    assert.equal(wasJustEnded({ lockout }, ended(at - 600_000), at), true);
    assert.equal(wasJustEnded({ lockout }, ended(at + 600_000), at), true);
    assert.equal(wasJustEnded({ lockout }, ended(at + day * 1000), at), false);
  });
});
