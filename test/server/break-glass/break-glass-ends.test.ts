// How break-glass ends: by its time, by an operator, with the boot, and with the keys that signed.
import assert from 'node:assert/strict';
import { breakGlassPayloadType, encodeBreakGlass } from '../../../src/core/break-glass/index.ts';
import { encodeDsseEnvelope } from '../../../src/core/encoding/index.ts';
import { tellBreakGlassEnds } from '../../../src/server/break-glass/ends.ts';
import { isCurrent } from '../../../src/server/break-glass/grants.ts';
import { doctor } from '../../../src/server/index.ts';
import type { AuditDraft } from '../../../src/server/storage/index.ts';
import { boundHost, draftBreakGlass, submitBreakGlass } from '../../support/break-glass.ts';
import { authorise } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { useRefusedHost } from './refused-host.ts';

describe('the end of break-glass', () => {
  const world = useRefusedHost();
  const { again, admit, decision, submit, begin, end, auditOf } = world;

  it('does not come with another attestation of the same boot, nor with the server; the doctor warns', async () => {
    const { id: statement } = await begin();
    world.server.advance(300);
    await again();
    assert.equal(await decision(), 'allow');
    await world.server.running.close(0);
    const warned = (await doctor(world.server.dataDirectory, world.server.now())).find(
      ({ name }) => name === 'break-glass',
    );
    assert.deepEqual([warned?.ok, warned?.severity], [false, 'warning']);
    assert.match(
      warned!.message,
      /^break-glass admits up to \d hosts? that no golden measurement accepts, the last until 2026-/,
    );
    await world.server.restart();
    assert.equal(await decision(), 'allow');
    const { items } = await world.server.operator.call('listBreakGlass', {});
    assert.equal(items.find((one) => one.id === statement)?.state, 'in-force');
  });

  it('comes by its time', async () => {
    await begin({ seconds: 400 });
    world.server.advance(399);
    assert.equal(await decision(), 'allow');
    world.server.advance(1);
    assert.equal(await decision(), 'deny');
    await again();
    assert.equal(await decision(), 'deny', 'a new attestation brings no time back');
  });

  it('is told once where it comes by time, the hosts after the statement, before what begins after it, also when the server was away', async () => {
    const told = () =>
      auditOf('break-glass.begun', 'break-glass.ended', 'break-glass.expired', 'host.break-glass-expired');
    const first = await begin({ seconds: 60 });
    const ended = await begin({ seconds: 61 });
    await end(ended.id);
    world.server.advance(61);
    const second = await begin({ seconds: 60 });
    world.server.advance(60);
    await world.server.restart();
    const third = await begin();
    const story = [
      ['break-glass.begun', first.id],
      ['break-glass.begun', ended.id],
      ['break-glass.ended', ended.id],
      ['break-glass.expired', first.id],
      ['host.break-glass-expired', world.id],
      ['break-glass.begun', second.id],
      ['break-glass.expired', second.id],
      ['host.break-glass-expired', world.id],
      ['break-glass.begun', third.id],
    ];
    // Before it stand the ends of what other tests began.
    const entries = await told();
    const since = entries.slice(entries.findIndex(({ subject }) => subject === first.id));
    assert.deepEqual(
      since.map(({ action, subject }) => [action, subject]),
      story,
    );
    const [, expired] = since.filter(({ action }) => action === 'host.break-glass-expired');
    const details = { breakGlass: second.id, until: second.until, reason: 'kernel hotfix', ticket: 'INC-4711' };
    assert.deepEqual(expired?.details, details);
    const events = await world.server.operator.call('listEvents', { query: { kinds: 'host.break-glass-expired' } });
    assert.equal(events.items.filter((event) => 'subject' in event && event.subject === world.id).length, 2);
  });

  it('is told of the earlier moment where the configuration allows less than was signed', async () => {
    const statement = draftBreakGlass(world.server, [await boundHost(world.server, world.id)], { seconds: 3600 });
    const payload = encodeBreakGlass(statement);
    const envelope = encodeDsseEnvelope({
      payloadType: breakGlassPayloadType,
      payload,
      signatures: [{ sig: Uint8Array.of(0) }],
    });
    const record = { id: 'sha256:1', envelope, until: 0, storedAt: 0, storedBy: 'me', ended: undefined };
    const ends: unknown[] = [];
    const store = {
      listUntoldBreakGlass: () => Promise.resolve([record]),
      tellBreakGlassEnd: (breakGlass: string, { audit }: { readonly audit: AuditDraft }) => {
        ends.push([breakGlass, audit.details['until']]);
        return Promise.resolve(true);
      },
    };
    const at = world.server.now().getTime();
    const tellAt = (seconds: number) =>
      tellBreakGlassEnds({
        config: { breakGlass: { longestSeconds: 60 } },
        store,
        now: () => new Date(at + seconds * 1000),
      });
    await tellAt(59);
    assert.deepEqual(ends, []);
    await tellAt(60);
    assert.deepEqual(ends, [['sha256:1', new Date(at + 60_000).toISOString()]]);
  });

  it('comes by what the configuration allows, where that is sooner than what was signed', async () => {
    const statement = draftBreakGlass(world.server, [await boundHost(world.server, world.id)]);
    const isOver = (longestSeconds: number, seconds: number): boolean =>
      !isCurrent(
        { breakGlass: { longestSeconds } },
        statement,
        new Date(world.server.now().getTime() + seconds * 1000),
      );
    assert.deepEqual(
      [isOver(86_400, 3599), isOver(86_400, 3600), isOver(60, 59), isOver(60, 60)],
      [false, true, false, true],
    );
    assert.equal(isOver(0, 0), true, '0 allows none');
  });

  it('comes at once when an operator wants it, and is for good', async () => {
    const statement = draftBreakGlass(world.server, [await boundHost(world.server, world.id)]);
    const { id: breakGlass } = (await submitBreakGlass(world.server, statement, world.operators)).statement;
    await refuses(submitBreakGlass(world.server, statement, world.operators), 'BREAK_GLASS_KNOWN', 409);
    const ended = (await end(breakGlass)).statement;
    assert.deepEqual([ended.state, ended.ended?.reason], ['ended', 'golden measurements are active']);
    assert.equal(await decision(), 'deny');
    await refuses(end(breakGlass), 'BREAK_GLASS_ENDED', 409);
    await refuses(submitBreakGlass(world.server, statement, world.operators), 'BREAK_GLASS_KNOWN', 409);
    await refuses(end(`sha256:${'0'.repeat(64)}`), 'BREAK_GLASS_NOT_FOUND', 404);
    assert.equal(await decision(), 'deny');
    const told = await auditOf('break-glass.ended', 'host.break-glass-ended');
    assert.deepEqual(
      told.map(({ subject }) => subject),
      [breakGlass, world.id],
    );
  });

  it('comes with the boot: at the first word of another one, also of the same kernel, and when it is over', async () => {
    await begin();
    world.host.reboot();
    await world.enrolled.client.call('createChallenge', {
      path: { hostId: world.id },
      body: { bootId: await world.host.bootId() },
    });
    assert.equal(await decision(), 'deny');
    await again();
    assert.equal(await decision(), 'deny');
    await again();
    assert.equal(await decision(), 'deny');
  });

  it('comes when the keys that are left to it are no quorum', async () => {
    const [alice, bob] = world.operators;
    const carol = await authorise(world.server, 'carol');
    const keyOf = async (name: string) => (await world.server.operator.call('listSigners', {})).items.find((one) => one.name === name)?.keyid ?? ''; // prettier-ignore
    const { id: byTwo } = (await submit({}, [alice, carol])).statement;
    assert.equal(await decision(), 'allow');
    const keyid = await keyOf('carol');
    await world.server.operator.call('removeSigner', { path: { keyid }, body: { reason: 'laptop stolen' } });
    assert.equal(await decision(), 'deny');
    await again();
    assert.equal(await decision(), 'deny');
    const show = (breakGlassId: string) => world.server.operator.call('getBreakGlass', { path: { breakGlassId } });
    const { statement } = await show(byTwo);
    assert.deepEqual([statement.state, statement.signers], ['not-approved', []]);

    const dave = await authorise(world.server, 'dave');
    const { id: byThree } = (await submit({ ticket: 'INC-3' }, [alice, bob, dave])).statement;
    const removed = await keyOf('dave');
    await world.server.operator.call('removeSigner', { path: { keyid: removed }, body: { reason: 'has left' } });
    assert.deepEqual((await admit()).breakGlass?.signers, ['alice', 'bob'], 'two are enough');
    assert.equal((await show(byThree)).statement.state, 'in-force');
  });
});
