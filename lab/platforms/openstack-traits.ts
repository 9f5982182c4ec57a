// The first act: traits follow verdicts, against a placement without Keystone (`noauth2`).
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { createPlacement, createProviderPlatform } from '../../src/controller/index.ts';
import { until } from './child.ts';
import {
  offered,
  printed,
  resyncSeconds,
  runOnce,
  startController,
  timed,
  trait,
  uuidOf,
  type Stage,
} from './openstack-stage.ts';
import { openProviders, startPlacement, withoutKeystone, type PlacementService, type Providers } from './placement.ts';
import { decisionSeconds, strangeHost, tamperedHost, trustedHost } from './touchstone.ts';

const foreign = ['CUSTOM_RACK_3', 'HW_CPU_X86_AVX2'];
const [trusted, tampered, strange, part] = [1, 2, 3, 4].map(uuidOf) as [string, string, string, string];
const presented = { 'x-auth-token': 'admin' };

export async function tellTraits(stage: Stage): Promise<void> {
  const { fleet, step } = stage;
  const { server } = fleet;
  const service = { folder: join(stage.folder, 'placement'), auth: withoutKeystone, presented };
  let placement = await startPlacement(service);
  stage.defer(() => placement.stop());
  let providers = openProviders(placement.ask);
  const admin = { OS_AUTH_TYPE: 'admin_token', OS_TOKEN: 'admin', OS_ENDPOINT: placement.url };

  await step(
    'placement has three compute hosts and a part of one; no flavor that requires the trait finds any',
    async () => {
      await providers.create(trustedHost, trusted);
      await providers.create(tamperedHost, tampered);
      await providers.create(strangeHost, strange);
      await providers.create(`${trustedHost}_numa0`, part, trusted);
      for (const name of foreign) await providers.addTrait(trusted, name);
      assert.deepEqual(await providers.candidates(), [trustedHost, tamperedHost, strangeHost]);
      const { status } = await placement.ask('GET', `/allocation_candidates?resources=VCPU:1&required=${trait}`);
      assert.equal(status, 400);
      return `${(await providers.candidates()).join(', ')}; with the trait: 400, nobody created it`;
    },
  );
  await step('a dry run says who would get the trait, and creates nothing', async () => {
    const members = await runOnce(stage, ['--dry-run'], 'dry.log', admin);
    assert.deepEqual(members.map(({ member, trusted: yes, inStep }) => [member, yes, inStep]).sort(), [['node-1', true, false], ['node-2', false, true], ['node-3', false, true]]); // prettier-ignore
    assert.equal((await placement.ask('GET', `/traits/${trait}`)).status, 404);
    return members.map(({ member, trusted: yes }) => `${member} ${String(yes)}`).join(', ');
  });

  let first = startController(stage, [], 'first.log', admin);
  await step('the trusted host gets the trait, and placement offers it alone to flavors that require it', async () => {
    await offered(providers, [trustedHost]);
    assert.deepEqual(await providers.traitsOf(trusted), [...foreign, trait].sort());
    assert.deepEqual(await providers.traitsOf(tampered), []);
    return `${trustedHost}: ${(await providers.traitsOf(trusted)).join(', ')}`;
  });
  await step('a trait that somebody gives by hand goes, also that of a part of a host', async () => {
    for (const uuid of [tampered, strange, part]) await providers.addTrait(uuid, trait);
    const carriers = async () => {
      const all = await Promise.all([tampered, strange, part].map((uuid) => providers.traitsOf(uuid)));
      return all.filter((names) => names.includes(trait)).length;
    };
    return timed(() => until('nobody has it', carriers, (count) => count === 0, 2 * resyncSeconds + 5));
  });
  await step('quarantine takes the host off the list, and lifting it puts it back', async () => {
    const id = await fleet.quarantine(trustedHost, 'ticket 4711');
    const away = await timed(() => offered(providers, []));
    assert.deepEqual(await providers.traitsOf(trusted), foreign);
    await fleet.lift(id);
    return `gone after ${away}, back after ${await timed(() => offered(providers, [trustedHost]))}`;
  });
  await step('a generation that is old by one is refused by placement, read again, and nobody’s trait is lost', () =>
    meetConflict(placement, providers),
  );
  await step(
    'while somebody writes other traits all the time, the trait follows and all of theirs are kept',
    async () => {
      const stop = new AbortController();
      const written: string[] = [];
      const writing = (async () => {
        while (!stop.signal.aborted) {
          const name = `CUSTOM_N${written.length}`;
          await providers.addTrait(trusted, name);
          written.push(name);
        }
      })();
      for (let time = 0; time < 3; time += 1) {
        const id = await fleet.quarantine(trustedHost, 'busy');
        await offered(providers, []);
        await fleet.lift(id);
        await offered(providers, [trustedHost]);
      }
      stop.abort();
      await writing;
      assert.deepEqual(await providers.traitsOf(trusted), [...foreign, ...written, trait].sort());
      return `${written.length} traits of others`;
    },
  );
  await step('lapse: a silent host loses the trait by the time alone; attesting gives it back', async () => {
    server.advance(700);
    const away = await timed(() => offered(providers, []));
    assert.match(first.output(), /VERDICT_EXPIRED/);
    await fleet.attest();
    await offered(providers, [trustedHost]);
    return `gone after ${away}`;
  });
  await step('a provider that nova-compute makes anew has no trait, and gets it', async () => {
    await providers.remove(part);
    await providers.remove(trusted);
    await providers.create(trustedHost, uuidOf(5));
    return timed(() => offered(providers, [trustedHost]));
  });
  await step('two controllers do not disturb each other; the second goes on when the first is killed', async () => {
    const second = startController(stage, [], 'second.log', admin);
    const id = await fleet.quarantine(trustedHost, 'two of them');
    await offered(providers, []);
    await fleet.lift(id);
    await offered(providers, [trustedHost]);
    await first.kill();
    const again = await fleet.quarantine(trustedHost, 'the first one is dead');
    await offered(providers, []);
    await fleet.lift(again);
    await offered(providers, [trustedHost]);
    assert.doesNotMatch(second.output(), /"event":"failed"/);
    first = second;
    return 'the second one went on';
  });
  await step('Touchstone away: the trait goes when what it said last has run out; back: it returns', async () => {
    await server.running.close(0);
    const startedAt = Date.now();
    await offered(providers, []);
    const seconds = (Date.now() - startedAt) / 1000;
    assert.ok(seconds <= decisionSeconds + 5, `${seconds} s`);
    assert.match(first.output(), /TOUCHSTONE_SILENT/);
    await server.restart();
    await fleet.attest();
    await offered(providers, [trustedHost], 60);
    return `gone after ${seconds.toFixed(1)} s (bound ${decisionSeconds} s)`;
  });
  await step('placement away: nothing is written meanwhile, and what was missed is made good', async () => {
    const { url } = placement;
    await placement.stop();
    const id = await fleet.quarantine(trustedHost, 'placement is away');
    await printed(first, /"about":"platform"/);
    placement = await startPlacement({ ...service, port: Number(new URL(url).port) });
    providers = openProviders(placement.ask);
    const away = await timed(() => offered(providers, []));
    await fleet.lift(id);
    await offered(providers, [trustedHost]);
    return `gone ${away} after placement came back`;
  });
  await step('a label of the host at Touchstone says which provider it is', async () => {
    await first.stop();
    await fleet.label(trustedHost, { openstack: strange });
    const members = await runOnce(stage, ['--host-from', 'label:openstack'], 'label.log', admin);
    assert.deepEqual(await providers.candidates(trait), [strangeHost]);
    return members.map(({ member, host }) => `${member} is ${String(host)}`).join(', ');
  });
}

/** Our code writes between a reading and a writing of somebody else. */
async function meetConflict({ url }: PlacementService, providers: Providers): Promise<string> {
  const access = { baseUrl: url, ca: undefined, headers: presented };
  const wire = createPlacement({ get: () => Promise.resolve(access), refused: () => false });
  const outcomes: string[] = [];
  const interrupted: typeof wire = {
    ...wire,
    readTraits: async (uuid) => {
      const read = await wire.readTraits(uuid);
      if (outcomes.length === 0) await providers.addTrait(uuid, 'CUSTOM_BETWEEN');
      return read;
    },
    replaceTraits: async (...args) => {
      const outcome = await wire.replaceTraits(...args);
      outcomes.push(outcome);
      return outcome;
    },
  };
  const clock = { monotonic: () => performance.now(), sleep: () => Promise.resolve() };
  const hostNames = () => Promise.resolve(() => undefined);
  const platform = createProviderPlatform({
    placement: interrupted,
    clock,
    trait: 'CUSTOM_OTHER',
    hostNames,
    resyncSeconds,
  });
  const member = (await platform.list()).find(({ uuid }) => uuid === tampered);
  assert.ok(member);
  await platform.write(member, { trusted: true, said: true, codes: [], reason: 'trusted' });
  wire.close();
  assert.deepEqual(outcomes, ['conflict', 'unknown-trait', 'written']);
  assert.deepEqual(await providers.traitsOf(tampered), ['CUSTOM_BETWEEN', 'CUSTOM_OTHER']);
  return outcomes.join(', ');
}
