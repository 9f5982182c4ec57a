// The second act: the controller logs in at Keystone, over TLS, with no more rights than it needs.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startKeystone, tokenSeconds, type Keystone } from './keystone.ts';
import { offered, printed, runOnce, startController, trait, uuidOf, type Stage } from './openstack-stage.ts';
import { openProviders, startPlacement, type PlacementService, type Providers } from './placement.ts';
import { openRest } from './rest.ts';
import { startTlsFront, type TlsFront } from './tls-front.ts';
import { tamperedHost, trustedHost } from './touchstone.ts';

const password = 'lab: only, 1';
const [trusted, tampered] = [uuidOf(1), uuidOf(2)];

interface GuardedPlacement {
  readonly keystone: Keystone;
  readonly placement: PlacementService;
  readonly providers: Providers;
  /** Where users find them. */
  readonly fronts: { readonly placement: TlsFront; readonly keystone: TlsFront };
}

/** Placement behind Keystone, both behind TLS, and a user `touchstone` who has the role that deploy/openstack gives its rights. */
async function openGuarded({ folder, fleet, defer }: Stage): Promise<GuardedPlacement> {
  const keystone = await startKeystone(join(folder, 'keystone'), password);
  defer(() => keystone.stop());
  const service = { folder: join(folder, 'guarded'), auth: keystone.authOfPlacement, presented: {} };
  const placement = await startPlacement(service);
  defer(() => placement.stop());
  const front = async (url: string): Promise<TlsFront> => {
    const opened = await startTlsFront(url, fleet.caFile, join(folder, 'touchstone.key'));
    defer(() => opened.close());
    return opened;
  };
  const fronts = { placement: await front(placement.url), keystone: await front(keystone.url) };
  await keystone.publish(fronts.placement.url);
  await keystone.createUser('touchstone', 'touchstone');
  // The story itself comes as `placement`, who is an administrator.
  const providers = openProviders(async (method, path, body, headers) => {
    const token = await keystone.tokenOf('placement', password);
    return placement.ask(method, path, body, { 'x-auth-token': token, ...headers });
  });
  return { keystone, placement, providers, fronts };
}

export async function tellLogin(stage: Stage): Promise<void> {
  const { fleet, step } = stage;
  const { keystone, placement, providers, fronts } = await openGuarded(stage);
  await providers.create(trustedHost, trusted);
  await providers.create(tamperedHost, tampered);
  const clouds = join(stage.folder, 'clouds.yaml');
  const cloud = { OS_CLIENT_CONFIG_FILE: clouds, OS_CLOUD: 'lab' };
  const write = (auth: object): void => {
    const entry = { auth: { auth_url: fronts.keystone.url, ...auth }, interface: 'internal', cacert: fleet.caFile };
    writeFileSync(clouds, stringify({ clouds: { lab: entry } }), { mode: 0o600 });
  };
  const writePassword = (secret: string): void => {
    const user = { username: 'touchstone', user_domain_id: 'default', password: secret };
    write({ ...user, project_name: 'service', project_domain_id: 'default' });
  };

  await step('with Keystone, over TLS, an application credential of role touchstone is enough', async () => {
    const secret = 'of the application credential';
    const id = await keystone.createCredential('touchstone', 'touchstone', secret);
    write({ application_credential_id: id, application_credential_secret: secret });
    await runOnce(stage, [], 'credential.log', cloud);
    assert.deepEqual(await providers.candidates(trait), [trustedHost]);
    return `placement at ${fronts.placement.url} by the catalogue`;
  });
  await step('that role may do nothing else', async () => {
    const token = await keystone.tokenOf('touchstone', password);
    const ask = openRest(placement.url, { 'x-auth-token': token, 'openstack-api-version': 'placement 1.39' });
    const tried = [
      ['GET', '/resource_providers', undefined],
      ['DELETE', `/resource_providers/${tampered}`, undefined],
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
    writePassword(password);
    const controller = startController(stage, [], 'renewed.log', cloud);
    await offered(providers, [trustedHost]);
    await new Promise((resolve) => setTimeout(resolve, (tokenSeconds + 5) * 1000));
    const id = await fleet.quarantine(trustedHost, 'after the first token');
    await offered(providers, []);
    await fleet.lift(id);
    await offered(providers, [trustedHost]);
    assert.doesNotMatch(controller.output(), /"event":"failed"/);
    await controller.stop();
    return 'no refusal';
  });
  await step('a token that Keystone revoked is replaced, with the password that the file holds now', async () => {
    const controller = startController(stage, [], 'revoked.log', cloud);
    await providers.addTrait(tampered, trait);
    // It is at work.
    await offered(providers, [trustedHost]);
    writePassword('another: one, 2');
    await keystone.setPassword('touchstone', 'another: one, 2');
    const id = await fleet.quarantine(trustedHost, 'with another password');
    await offered(providers, []);
    await fleet.lift(id);
    await offered(providers, [trustedHost]);
    assert.doesNotMatch(controller.output(), /"event":"failed"/);
    return 'no refusal';
  });
  await step('a wrong password is told, and gives nobody the trait', async () => {
    writePassword('wrong');
    const controller = startController(stage, [], 'wrong.log', cloud);
    const text = await printed(controller, /login at Keystone: 401/);
    assert.doesNotMatch(text, /wrong"/);
    return /login at Keystone: [^\n]{1,120}/.exec(text)?.[0] ?? '';
  });
}
