// Traits over the wire: exactly what is sent to placement, and what becomes of conflicts, refusals and lost answers.
import assert from 'node:assert/strict';
import {
  createPlacement,
  createProviderPlatform,
  type Clock,
  type Member,
  type Standing,
} from '../../../src/controller/index.ts';
import { startPlacementApi, uuidOf, type PlacementApi } from '../../support/placement-api.ts';

const trait = 'CUSTOM_TOUCHSTONE_TRUSTED';
const trusted: Standing = { trusted: true, said: true, codes: [], reason: 'trusted' };
const denied: Standing = { trusted: false, said: true, codes: ['HOST_UNKNOWN'], reason: 'the host is not enrolled' };
const silent: Standing = { trusted: false, said: false, codes: ['TOUCHSTONE_SILENT'], reason: 'silent' };

const shownHost = { uuid: uuidOf(1), name: 'hv-1', root_provider_uuid: uuidOf(1) };

/** Waits for nothing. */
const clock: Clock = {
  monotonic: () => performance.now(),
  sleep: () => new Promise((resolve) => setImmediate(resolve)),
};

describe('resource providers', () => {
  let api: PlacementApi;
  const closers: (() => void)[] = [];
  beforeEach(async () => {
    api = await startPlacementApi(['hv-1', 'hv-2']);
  });
  afterEach(async () => {
    closers.splice(0).forEach((close) => close());
    await api.close();
  });

  function open() {
    const access = { baseUrl: api.url, ca: undefined, headers: { 'x-auth-token': 'admin' } };
    const placement = createPlacement({ get: () => Promise.resolve(access), refused: () => false });
    closers.push(() => placement.close());
    const hostNames = () => Promise.resolve(({ name }: { name: string }) => name);
    return createProviderPlatform({ placement, clock, trait, hostNames, resyncSeconds: 30 });
  }
  async function firstOf(platform: ReturnType<typeof open>) {
    const [member] = await platform.list();
    assert.ok(member);
    return member;
  }
  const sent = (): readonly string[] => api.requests.map(({ method, path }) => `${method} ${path}`);
  const traitsPath = `/resource_providers/${uuidOf(1)}/traits`;

  it('are listed in two requests of one microversion: all, and those that have the trait', async () => {
    api.write('hv-2', [trait]);
    const members = await open().list();
    assert.deepEqual(members.map(({ name, hostId, hasTrait }) => [name, hostId, hasTrait]), [['hv-1', 'hv-1', false], ['hv-2', 'hv-2', true]]); // prettier-ignore
    assert.deepEqual(sent(), ['GET /resource_providers', `GET /resource_providers?required=${trait}`]);
    for (const { token, microversion } of api.requests)
      assert.deepEqual([token, microversion], ['admin', 'placement 1.18']);
  });

  it('have no trait while none was created, and nothing is created to look', async () => {
    assert.deepEqual((await open().list()).map(({ hasTrait }) => hasTrait), [false, false]); // prettier-ignore
    assert.deepEqual(sent().slice(2), [`GET /traits/${trait}`]);
    assert.equal(api.traits.size, 0);
  });

  it('get the trait beside those of others, by the generation that was read; it is created where it is not known', async () => {
    api.write('hv-1', ['HW_CPU_X86_AVX2', 'CUSTOM_RACK_3']);
    const platform = open();
    const member = await firstOf(platform);
    api.requests.splice(0);
    const written = await platform.write(member, trusted);
    assert.deepEqual(sent(), [`GET ${traitsPath}`, `PUT ${traitsPath}`, `PUT /traits/${trait}`, `GET ${traitsPath}`, `PUT ${traitsPath}`]); // prettier-ignore
    assert.deepEqual(api.requests.at(-1)?.body, {
      resource_provider_generation: 1,
      traits: ['HW_CPU_X86_AVX2', 'CUSTOM_RACK_3', trait],
    });
    assert.equal(api.requests.at(-1)?.contentType, 'application/json');
    assert.ok(written !== undefined && platform.isInStep(written, trusted) && !platform.isInStep(written, denied));
  });

  it('lose the trait alone, by a denial and by silence alike', async () => {
    for (const standing of [denied, silent]) {
      api.write('hv-1', ['HW_CPU_X86_AVX2', trait, 'CUSTOM_RACK_3']);
      const platform = open();
      const member = await firstOf(platform);
      assert.equal(platform.isInStep(member, standing), false);
      const written = await platform.write(member, standing);
      assert.deepEqual(api.traitsOf('hv-1'), ['HW_CPU_X86_AVX2', 'CUSTOM_RACK_3']);
      assert.ok(written !== undefined && platform.isInStep(written, standing));
    }
  });

  it('that are right already are not written', async () => {
    const platform = open();
    const member = await firstOf(platform);
    api.write('hv-1', [trait]);
    api.requests.splice(0);
    await platform.write(member, trusted);
    assert.deepEqual(sent(), [`GET ${traitsPath}`]);
  });

  it('keep a trait that somebody else sets between reading and writing', async () => {
    api.traits.add(trait);
    const platform = open();
    const member = await firstOf(platform);
    let isFirst = true;
    api.interfere = ({ method }) => {
      if (method === 'PUT' && isFirst) {
        isFirst = false;
        api.write('hv-1', ['CUSTOM_NEW']);
      }
      return undefined;
    };
    await platform.write(member, trusted);
    assert.deepEqual(api.traitsOf('hv-1'), ['CUSTOM_NEW', trait]);
  });

  it('that others write all the time are given up for now, with a code', async () => {
    api.write('hv-1', [trait]);
    const platform = open();
    const member = await firstOf(platform);
    api.interfere = ({ method }) => {
      if (method === 'PUT') api.write('hv-1', [trait]);
      return undefined;
    };
    await assert.rejects(platform.write(member, denied), { code: 'CONTROLLER_CONFLICTS' });
    assert.equal(api.requests.filter(({ method }) => method === 'PUT').length, 5);
  });

  it('that are gone are not written', async () => {
    const platform = open();
    const member = await firstOf(platform);
    api.providers.delete(uuidOf(1));
    assert.equal(await platform.write(member, trusted), undefined);
    const other = await firstOf(platform);
    api.interfere = ({ method }) => (method === 'PUT' ? { status: 404 } : undefined);
    assert.equal(await platform.write(other, trusted), undefined, 'not between reading and writing either');
  });

  it('are in doubt after a write without an answer, until one is answered', async () => {
    api.traits.add(trait);
    const platform = open();
    const member = await firstOf(platform);
    api.interfere = ({ method }) => {
      if (method !== 'PUT') return undefined;
      // Written all the same.
      api.write('hv-1', [trait]);
      return { status: 502 };
    };
    await assert.rejects(platform.write(member, trusted), { code: 'CONTROLLER_PLATFORM_REFUSED', status: 502 });
    assert.equal(platform.isInStep(member, denied), false, 'as read before it would be in step');
    api.interfere = undefined;
    await platform.write(member, denied);
    assert.deepEqual(api.traitsOf('hv-1'), []);
    assert.equal(platform.isInStep(member, denied), true);
  });

  it('are what was written while a list was under way, not what the list read before', async () => {
    api.traits.add(trait);
    const platform = open();
    const member = await firstOf(platform);
    api.interfere = async ({ path }) => {
      if (!path.includes('required')) return { status: 200, body: { resource_providers: [shownHost] } };
      api.interfere = undefined;
      // The list has read by now that nobody has the trait.
      await platform.write(member, trusted);
      return { status: 200, body: { resource_providers: [] } };
    };
    const [later] = await platform.list();
    assert.ok(later?.hasTrait);
    assert.equal(platform.isInStep(later, denied), false, 'a denial is written');
  });

  it('that are parts of a host are no hosts; one with the trait would lend it to the host, and loses it', async () => {
    api.providers.set(uuidOf(8), { name: 'hv-1_numa0', root: uuidOf(1), generation: 0, traits: [] });
    api.providers.set(uuidOf(9), { name: 'hv-1_numa1', root: uuidOf(1), generation: 0, traits: [trait] });
    api.traits.add(trait);
    const members: readonly Member[] = await open().list();
    assert.deepEqual(members.map(({ name, hostId }) => [name, hostId]), [['hv-1', 'hv-1'], ['hv-2', 'hv-2'], ['hv-1_numa1', undefined]]); // prettier-ignore
  });

  it('are listed again and again; a failure is told, and the next list tells all', async () => {
    const platform = open();
    const controller = new AbortController();
    const told: string[] = [];
    let failures = 0;
    api.interfere = () => ((failures += 1) < 3 ? { status: 503, headers: { 'retry-after': '1' } } : undefined);
    const following = platform.follow(
      {
        replaced: (members) => {
          told.push(members.map(({ name }) => name).join());
          if (told.at(-1) === 'hv-2') controller.abort();
          else api.providers.delete(uuidOf(1));
        },
        changed: () => assert.fail(),
        gone: () => assert.fail(),
        failed: (error) => told.push((error as { code: string }).code),
      },
      controller.signal,
    );
    await following;
    assert.deepEqual(told, ['CONTROLLER_PLATFORM_REFUSED', 'CONTROLLER_PLATFORM_REFUSED', 'hv-1,hv-2', 'hv-2']);
  });

  it('are not guessed from answers that placement would not give', async () => {
    const bodies: readonly (object | undefined)[] = [undefined, {}, [], { resource_providers: [{ uuid: 'u', name: 'n' }] }, { resource_providers: {} }]; // prettier-ignore
    for (const body of bodies) {
      api.interfere = () => ({ status: 200, ...(body === undefined ? {} : { body }) });
      await assert.rejects(open().list(), { code: 'CONTROLLER_PLATFORM_UNREADABLE' }, JSON.stringify(body));
    }
    api.interfere = undefined;
    const platform = open();
    const member = await firstOf(platform);
    for (const body of [
      { traits: [] },
      { traits: [1], resource_provider_generation: 0 },
      { resource_provider_generation: 0 },
    ]) {
      api.interfere = () => ({ status: 200, body });
      await assert.rejects(platform.write(member, trusted), { code: 'CONTROLLER_PLATFORM_UNREADABLE' });
    }
  });

  it('are refused with what placement said', async () => {
    api.interfere = () => ({ status: 400, body: { errors: [{ detail: 'something else' }] } });
    await assert.rejects(open().list(), {
      code: 'CONTROLLER_PLATFORM_REFUSED',
      status: 400,
      message: /something else/,
    });
    api.interfere = undefined;
    api.write('hv-1', [trait]);
    const platform = open();
    const member = await firstOf(platform);
    api.interfere = ({ method }) =>
      method === 'PUT' ? { status: 400, body: { errors: [{ detail: 'bad' }] } } : undefined;
    await assert.rejects(platform.write(member, denied), { status: 400, message: /bad/ });
  });
});
