// Tokens as an operator fetches them from a server, and proves them offline by the same words.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { jwkOf } from '../../src/core/crypto/index.ts';
import { createEarJwt } from '../../src/core/verdict/index.ts';
import { createKeyPair } from '../core/crypto/test-keys.ts';
import { createEar, during } from '../core/verdict/verdicts.ts';
import { cli, cliJson, typed } from './cli-run.ts';
import { openOperatorsWorld, type OperatorsWorld } from './operators-world.ts';

describe('verify token', () => {
  let world: OperatorsWorld;
  const nonce = '00112233aabbccdd';
  const at = (name: string): string => world.at(name);
  const run = (words: readonly string[]) => cliJson(words, world.world);
  const verify = (file: string, ...more: readonly string[]) =>
    run([...typed`verify token ${file} --jwks ${at('jwks.json')}`, ...more]);
  const fetched = async (...more: readonly string[]): Promise<string> => {
    const file = at(`token-${more.join('-')}`);
    const { status } = await run([...typed`host token hv-1 --out ${file}`, ...more]);
    assert.equal(status, 0);
    return file;
  };

  before(async () => {
    world = await openOperatorsWorld();
    writeFileSync(at('jwks.json'), JSON.stringify(await world.server.operator.call('getJwks', {})));
  });
  after(() => world.close());

  for (const format of ['jwt', 'cwt']) {
    for (const generation of ['veraison-2023', 'draft-2025', 'draft-2026']) {
      it(`finds the nonce that was asked for, by the same digits: ${format}, ${generation}`, async () => {
        const file = await fetched('--nonce', nonce, '--format', format, '--generation', generation);
        for (const same of [nonce, nonce.toUpperCase()]) assert.equal((await verify(file, '--nonce', same)).status, 0);
        const other = await verify(file, '--nonce', nonce.replace('00', '01'));
        assert.deepEqual([other.status, other.document['code']], [1, 'VERDICT_TOKEN_NONCE']);
      });
    }
  }

  it('does not find a nonce where there is none', async () => {
    const { status, document } = await verify(await fetched(), '--nonce', nonce);
    assert.deepEqual([status, document['code']], [1, 'VERDICT_TOKEN_NONCE']);
  });

  it('takes digits for a text where the token of somebody else carries them as one', async () => {
    const pair = createKeyPair('ES256', 'key-1');
    const keys = { keys: [jwkOf(pair.verification)] };
    const [file, jwks] = [at('other.jwt'), at('other.jwks.json')];
    writeFileSync(jwks, JSON.stringify(keys));
    writeFileSync(file, await createEarJwt({ ...createEar(), nonces: [nonce] }, pair.signing));
    const { status } = await run(
      typed`verify token ${file} --jwks ${jwks} --at ${during.toISOString()} --nonce ${nonce}`,
    );
    assert.equal(status, 0);
  });

  it('reads a CWT as `host token` shows it', async () => {
    const { stdout } = await cli(typed`host token hv-1 --format cwt`, world.world);
    writeFileSync(at('shown.cwt'), stdout);
    assert.equal((await verify(at('shown.cwt'))).status, 0);
    assert.equal((await run(typed`inspect token ${at('shown.cwt')}`)).document['format'], 'CWT');
  });

  it('says of a text that is no token that it is none', async () => {
    for (const words of [
      typed`verify token ${at('token')} --jwks ${at('jwks.json')}`,
      typed`inspect token ${at('token')}`,
    ]) {
      const { status, document } = await run(words);
      assert.deepEqual([status, document['code']], [1, 'CLI_INPUT_UNRECOGNISED']);
      assert.match(String(document['message']), /\/token: no token: /);
    }
  });

  it('refuses of a decision what only a verdict has, and says what it needs', async () => {
    const { token } = await world.server.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    writeFileSync(at('decision.jwt'), token);
    const whole = typed`--issuer test.example --audience touchstone:admission --host hv-1`;
    assert.equal((await verify(at('decision.jwt'), ...whole)).status, 0);
    for (const more of [[], [...whole, '--require', 'affirming'], [...whole, '--nonce', nonce]]) {
      const { status, document } = await verify(at('decision.jwt'), ...more);
      assert.deepEqual([status, document['code']], [2, 'CLI_USAGE_INVALID']);
    }
  });

  it('ends with 1 for a decision that denies: there is no other word by which a script could ask', async () => {
    const { token } = await world.server.operator.call('createAdmissionDecision', { body: { host: 'hv-none' } });
    writeFileSync(at('denied.jwt'), token);
    const words = typed`--issuer test.example --audience touchstone:admission --host hv-none`;
    const { status, document } = await verify(at('denied.jwt'), ...words);
    assert.deepEqual([status, document['code']], [1, 'CLI_ADMISSION_DENIED']);
    assert.match(String(document['message']), /genuine, and denies hv-none \(HOST_UNKNOWN\)/);
  });
});
