// `npm run lab:openstack`: OpenStack's placement and Keystone as Debian ships them, our controller with the files of
// deploy/openstack, and which hosts GET /allocation_candidates offers as hosts gain and lose trust.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { stringify } from 'yaml';
import { createPlacement, createProviderPlatform, type Standing } from '../../src/controller/index.ts';
import { until, type Child } from './child.ts';
import { startKeystone, tokenSeconds } from './keystone.ts';
import { openProviders, startPlacement, withoutKeystone } from './placement.ts';
import { ensurePrograms } from './programs.ts';
import { openRest } from './rest.ts';
import { tellStory } from './story.ts';
import { startTlsFront } from './tls-front.ts';
import { decisionSeconds, openFleet, strangeHost, tamperedHost, trustedHost } from './touchstone.ts';

const trait = 'CUSTOM_TOUCHSTONE_TRUSTED';
const foreign = ['CUSTOM_RACK_3', 'HW_CPU_X86_AVX2'];
const uuidOf = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`;
const [trusted, tampered, strange, part] = [1, 2, 3, 4].map(uuidOf) as [string, string, string, string];
const resyncSeconds = 2;

/** What is running ends with this process, however it ends. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await tellStory(async ({ step }, print) => {
  ensurePrograms('--platforms');
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-openstack-'));
  const closers: (() => Promise<void>)[] = [];
  try {
    const fleet = await openFleet(folder);
    closers.push(() => fleet.server.close().catch(() => undefined));
    const { server } = fleet;
    const presented = { 'x-auth-token': 'admin' };
    const service = { folder: join(folder, 'placement') };
    let placement = await startPlacement({ ...service, auth: withoutKeystone, presented });
    closers.push(() => placement.stop());
    let providers = openProviders(placement.ask);

    const start = (args: readonly string[], log: string, env: Readonly<Record<string, string>>): Child => {
      const resync = ['--resync', String(resyncSeconds)];
      const controller = fleet.startController(['openstack', ...resync, ...args], join(folder, log), env);
      closers.push(() => controller.stop());
      return controller;
    };
    /** Runs once, and says what it says at its end. */
    const once = async (args: readonly string[], log: string, env: Readonly<Record<string, string>>) => {
      const controller = start(['--once', ...args], log, env);
      const isRunning = (): Promise<boolean> => Promise.resolve(controller.isRunning());
      await until('it ends', isRunning, (running) => !running);
      return (JSON.parse(controller.output()) as Once).members;
    };
    const offered = (names: readonly string[], seconds = 30) =>
      until(
        `placement offers ${names.join() || 'nobody'}`,
        () => providers.candidates(trait),
        (seen) => seen.join() === names.join(),
        seconds,
      );
    const timed = async (act: () => Promise<unknown>): Promise<string> => {
      const startedAt = Date.now();
      await act();
      return `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
    };
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
      const members = await once(['--dry-run'], 'dry.log', admin);
      assert.deepEqual(members.map(({ member, trusted: yes, inStep }) => [member, yes, inStep]).sort(), [['node-1', true, false], ['node-2', false, true], ['node-3', false, true]]); // prettier-ignore
      assert.equal((await placement.ask('GET', `/traits/${trait}`)).status, 404);
      return members.map(({ member, trusted: yes }) => `${member} ${String(yes)}`).join(', ');
    });

    let first = start([], 'first.log', admin);
    await step(
      'the trusted host gets the trait, and placement offers it alone to flavors that require it',
      async () => {
        await offered([trustedHost]);
        assert.deepEqual(await providers.traitsOf(trusted), [...foreign, trait].sort());
        assert.deepEqual(await providers.traitsOf(tampered), []);
        return `${trustedHost}: ${(await providers.traitsOf(trusted)).join(', ')}`;
      },
    );
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
      const away = await timed(() => offered([]));
      assert.deepEqual(await providers.traitsOf(trusted), foreign);
      await fleet.lift(id);
      return `gone after ${away}, back after ${await timed(() => offered([trustedHost]))}`;
    });
    await step(
      'a generation that is old by one is refused by placement, read again, and nobody’s trait is lost',
      async () => {
        const access = { baseUrl: placement.url, ca: undefined, headers: presented };
        const wire = createPlacement({ get: () => Promise.resolve(access), refused: () => false });
        const outcomes: string[] = [];
        let isFirst = true;
        const interrupted = {
          ...wire,
          readTraits: async (uuid: string) => {
            const read = await wire.readTraits(uuid);
            if (isFirst) await providers.addTrait(uuid, 'CUSTOM_BETWEEN');
            isFirst = false;
            return read;
          },
          replaceTraits: async (...args: Parameters<typeof wire.replaceTraits>) => {
            const outcome = await wire.replaceTraits(...args);
            outcomes.push(outcome);
            return outcome;
          },
        };
        const clock = { monotonic: () => performance.now(), sleep: () => Promise.resolve() };
        const hostNames = () => Promise.resolve(() => trustedHost);
        const platform = createProviderPlatform({
          placement: interrupted,
          clock,
          trait: 'CUSTOM_OTHER',
          hostNames,
          resyncSeconds,
        });
        const yes: Standing = { trusted: true, said: true, codes: [], reason: 'trusted' };
        const member = (await platform.list()).find(({ uuid }) => uuid === tampered);
        assert.ok(member);
        await platform.write(member, yes);
        wire.close();
        assert.deepEqual(outcomes, ['conflict', 'unknown-trait', 'written']);
        assert.deepEqual(await providers.traitsOf(tampered), ['CUSTOM_BETWEEN', 'CUSTOM_OTHER']);
        return outcomes.join(', ');
      },
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
          await offered([]);
          await fleet.lift(id);
          await offered([trustedHost]);
        }
        stop.abort();
        await writing;
        assert.deepEqual(await providers.traitsOf(trusted), [...foreign, ...written, trait].sort());
        return `${written.length} traits of others`;
      },
    );
    await step('lapse: a silent host loses the trait by the time alone; attesting gives it back', async () => {
      server.advance(700);
      const away = await timed(() => offered([]));
      assert.match(first.output(), /VERDICT_EXPIRED/);
      await fleet.attest();
      await offered([trustedHost]);
      return `gone after ${away}`;
    });
    await step('a provider that nova-compute makes anew has no trait, and gets it', async () => {
      await providers.remove(part);
      await providers.remove(trusted);
      await providers.create(trustedHost, uuidOf(5));
      return timed(() => offered([trustedHost]));
    });
    await step('two controllers do not disturb each other; the second goes on when the first is killed', async () => {
      const second = start([], 'second.log', admin);
      const id = await fleet.quarantine(trustedHost, 'two of them');
      await offered([]);
      await fleet.lift(id);
      await offered([trustedHost]);
      await first.kill();
      const again = await fleet.quarantine(trustedHost, 'the first one is dead');
      await offered([]);
      await fleet.lift(again);
      await offered([trustedHost]);
      assert.doesNotMatch(second.output(), /"event":"failed"/);
      first = second;
      return 'the second one went on';
    });
    await step('Touchstone away: the trait goes when what it said last has run out; back: it returns', async () => {
      await server.running.close(0);
      const startedAt = Date.now();
      await offered([]);
      const seconds = (Date.now() - startedAt) / 1000;
      assert.ok(seconds <= decisionSeconds + 5, `${seconds} s`);
      assert.match(first.output(), /TOUCHSTONE_SILENT/);
      await server.restart();
      await fleet.attest();
      await offered([trustedHost], 60);
      return `gone after ${seconds.toFixed(1)} s (bound ${decisionSeconds} s)`;
    });
    await step('placement away: nothing is written meanwhile, and what was missed is made good', async () => {
      const { url } = placement;
      await placement.stop();
      const id = await fleet.quarantine(trustedHost, 'placement is away');
      await until('it is told', () => Promise.resolve(first.output()), (text) => /"about":"platform"/.test(text)); // prettier-ignore
      placement = await startPlacement({
        ...service,
        auth: withoutKeystone,
        presented,
        port: Number(new URL(url).port),
      });
      providers = openProviders(placement.ask);
      const away = await timed(() => offered([]));
      await fleet.lift(id);
      await offered([trustedHost]);
      return `gone ${away} after placement came back`;
    });
    await step('a label of the host at Touchstone says which provider it is', async () => {
      await first.stop();
      await fleet.label(trustedHost, { openstack: strange });
      const members = await once(['--host-from', 'label:openstack'], 'label.log', admin);
      assert.deepEqual(await providers.candidates(trait), [strangeHost]);
      return members.map(({ member, host }) => `${member} is ${String(host)}`).join(', ');
    });

    const password = 'lab: only, 1';
    const keystone = await startKeystone(join(folder, 'keystone'), password);
    closers.push(() => keystone.stop());
    await placement.stop();
    // The story goes on as `placement`, who is an administrator.
    const asAdmin = async () => ({ 'x-auth-token': await keystone.tokenOf('placement', password) });
    placement = await startPlacement({ ...service, auth: keystone.authOfPlacement, presented: {} });
    const keyFile = join(folder, 'touchstone.key');
    const fronts = [await startTlsFront(placement.url, fleet.caFile, keyFile), await startTlsFront(keystone.url, fleet.caFile, keyFile)] as const; // prettier-ignore
    closers.push(...fronts.map((front) => () => front.close()));
    providers = openProviders(async (method, path, body, headers) =>
      placement.ask(method, path, body, { ...(await asAdmin()), ...headers }),
    );
    await keystone.publish(fronts[0].url);
    await keystone.createUser('touchstone', 'touchstone');
    const clouds = join(folder, 'clouds.yaml');
    const cloud = { OS_CLIENT_CONFIG_FILE: clouds, OS_CLOUD: 'lab' };
    const write = (auth: object): void => {
      const entry = { auth: { auth_url: fronts[1].url, ...auth }, interface: 'internal', cacert: fleet.caFile };
      writeFileSync(clouds, stringify({ clouds: { lab: entry } }), { mode: 0o600 });
    };
    const withPassword = (secret: string) =>
      write({
        username: 'touchstone',
        user_domain_id: 'default',
        password: secret,
        project_name: 'service',
        project_domain_id: 'default',
      });
    await step('with Keystone, over TLS, an application credential of role touchstone is enough', async () => {
      const secret = 'of the application credential';
      const id = await keystone.createCredential('touchstone', 'touchstone', secret);
      write({ application_credential_id: id, application_credential_secret: secret });
      await once([], 'credential.log', cloud);
      assert.deepEqual(await providers.candidates(trait), [trustedHost]);
      return `placement at ${fronts[0].url} by the catalogue`;
    });
    await step('that role may do nothing else', async () => {
      const token = await keystone.tokenOf('touchstone', password);
      const ask = openRest(placement.url, { 'x-auth-token': token, 'openstack-api-version': 'placement 1.39' });
      const tried = [
        ['GET', '/resource_providers', undefined],
        ['DELETE', `/resource_providers/${strange}`, undefined],
        ['POST', '/resource_providers', { name: 'mine' }],
        ['GET', '/allocation_candidates?resources=VCPU:1', undefined],
        ['DELETE', `/traits/${trait}`, undefined],
        ['GET', '/usages?project_id=x', undefined],
      ] as const;
      const statuses: number[] = [];
      for (const [method, path, body] of tried) statuses.push((await ask(method, path, body)).status);
      assert.deepEqual(statuses, [200, 403, 403, 403, 403, 403]);
      return tried.map(([method, path], index) => `${method} ${path} ${statuses[index]}`).join(', ');
    });
    await step(`with a password, tokens of ${tokenSeconds} s are renewed before they end`, async () => {
      withPassword(password);
      const controller = start([], 'renewed.log', cloud);
      await offered([trustedHost]);
      await new Promise((resolve) => setTimeout(resolve, (tokenSeconds + 5) * 1000));
      const id = await fleet.quarantine(trustedHost, 'after the first token');
      await offered([]);
      await fleet.lift(id);
      await offered([trustedHost]);
      assert.doesNotMatch(controller.output(), /"event":"failed"/);
      await controller.stop();
      return 'no refusal';
    });
    await step('a token that Keystone revoked is replaced, with the password that the file holds now', async () => {
      const controller = start([], 'revoked.log', cloud);
      await until('it watches', () => Promise.resolve(controller.output()), () => true); // prettier-ignore
      await providers.addTrait(strange, trait);
      await offered([trustedHost]);
      withPassword('another: one, 2');
      await keystone.setPassword('touchstone', 'another: one, 2');
      const id = await fleet.quarantine(trustedHost, 'with another password');
      await offered([]);
      await fleet.lift(id);
      await offered([trustedHost]);
      assert.doesNotMatch(controller.output(), /"event":"failed"/);
      return 'no refusal';
    });
    await step('a wrong password is told, and gives nobody the trait', async () => {
      withPassword('wrong');
      const controller = start([], 'wrong.log', cloud);
      const text = await until('it is told', () => Promise.resolve(controller.output()), (said) => /login at Keystone: 401/.test(said)); // prettier-ignore
      assert.doesNotMatch(text, /wrong"/);
      return /"message":"([^"]*)/.exec(text)?.[1] ?? '';
    });
  } finally {
    for (const close of closers.reverse()) await close();
    if (process.argv.includes('--keep')) print(`kept: ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  }
});

interface Once {
  readonly members: readonly {
    readonly member: string;
    readonly host: string | null;
    readonly trusted: boolean;
    readonly inStep: boolean;
  }[];
}
