// What a change would do is said before anybody is asked to consent to it, and by --dry-run without being made.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spkiDigest } from '../../../src/core/crypto/index.ts';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { verifyEndorsementKey } from '../../../src/core/tpm/index.ts';
import type { Store } from '../../../src/server/storage/index.ts';
import { attestAll, bootFleet, trusted, type Fleet } from '../../server/what-if/fleet.ts';
import { bootLayers } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { cli, cliJson, operatorAt, type CliWorld } from '../cli-run.ts';

interface Effect {
  readonly lost: number;
  readonly protectedLosses: readonly { readonly host: string }[];
  readonly withdrawnAnchors?: readonly { readonly count: number; readonly hosts: readonly string[] }[];
  readonly lapsed?: readonly string[];
  readonly groups: readonly {
    readonly kind: string;
    readonly hosts: readonly string[];
    readonly ended?: readonly { readonly end: string }[];
  }[];
}

describe('what a change would do, before it is made', () => {
  let server: TestServer;
  let fleet: Fleet;
  let world: CliWorld;
  let anchorId = '';
  beforeEach(async () => {
    server = await startTestServer({ settings: { lockout: { protected: [{ names: ['old-1'] }] } } });
    fleet = await bootFleet(server, { old: 3, new: 1 });
    world = operatorAt(server);
    const { items } = await server.operator.call('listTrustAnchors', {});
    anchorId = items[0]?.id ?? '';
  });
  afterEach(() => server.close());

  const effectOf = async (...args: string[]) => {
    const { status, document } = await cliJson(args, world);
    assert.equal(document['done'] ?? false, false);
    return { status, code: document['code'], effect: (document['effect'] ?? document) as Effect };
  };
  const lostIn = ({ groups }: Effect): readonly string[] =>
    groups.flatMap(({ kind, hosts }) => (kind === 'lost' ? hosts : [])).sort();
  const withdraw = (...more: string[]) => ['trust-anchor', 'withdraw', anchorId, '--reason', 'stolen', ...more];
  const remove = (...more: string[]) => ['signer', 'remove', 'alice', '--reason', 'stolen', ...more];
  const auditSize = async () => (await server.operator.call('listAudit', { query: { limit: 1000 } })).items.length;
  const vouchFor = async (name: string) => {
    const member = fleet.members.find(({ host }) => host.name === name);
    assert.ok(member !== undefined);
    const key = verifyEndorsementKey(await member.host.ekPublic()).public.publicKey;
    await server.operator.call('registerEk', { path: { ekDigest: encodeHex(spkiDigest(key)) }, body: { label: name } });
  };

  /** The golden measurements of the server, and an end to one of them, as a folder for `golden sync`. */
  const inGoldenFolder = async (work: (goldens: string) => Promise<void>) => {
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-preview-'));
    const goldens = join(folder, 'goldens');
    try {
      assert.equal((await cli(['golden', 'fetch', goldens], operatorAt(server))).status, 0);
      const [firmware = ''] = fleet.goldens;
      writeFileSync(join(goldens, 'ended.yaml'), `- { id: '${firmware}', state: retired, reason: out of use }\n`);
      await work(goldens);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it('names the hosts that a trust anchor vouches for, and those of them that nobody else would', async () => {
    await vouchFor('old-2');
    const before = await auditSize();
    const { status, code, effect } = await effectOf(...withdraw('--dry-run'));
    assert.deepEqual([status, code], [1, 'CHANGE_LOSES_PROTECTED']);
    const [anchor] = effect.withdrawnAnchors ?? [];
    assert.deepEqual([anchor?.count, anchor?.hosts], [6, ['bad-1', 'mute-1', 'new-1', 'old-1', 'old-2', 'old-3']]);
    assert.deepEqual(lostIn(effect), ['old-1', 'old-3']);
    assert.equal(await auditSize(), before);
    const { stdout } = await cli(withdraw('--dry-run', '--include-protected'), world);
    assert.match(stdout, /^trust anchor .* vouches for 6 hosts, whose verdicts end at once: bad-1, mute-1, /m);
    assert.match(stdout, /^1 protected host would lose trust: old-1$/m);
    assert.match(stdout, /^2 would lose trust\n {2}because +ENDORSEMENT_MISSING: .*\n {2}hosts +old-1, old-3$/m);
    // And so it comes.
    assert.equal((await cli(withdraw('--include-protected', '--yes'), world)).status, 0);
    assert.deepEqual(trusted(await attestAll(fleet)), ['old-2']);
  });

  it('is shown of a whole folder before golden sync asks', async () => {
    await inGoldenFolder(async (goldens) => {
      const sync = ['golden', 'sync', goldens];
      const { status, stderr } = await cli(sync, {
        ...world,
        env: { ...world.env, NO_COLOR: '1' },
        typed: 'n\n',
        isTTY: true,
      });
      assert.equal(status, 2);
      assert.match(stderr, /^3 would lose trust\n {2}because +golden measurement firmware layer /m);
      assert.match(stderr, /^retire {2}firmware {2}sha256:\S+\ndo it\? \[y\/N\] /m);
      assert.ok(stderr.indexOf('would lose trust') < stderr.indexOf('[y/N]'));
    });
  });

  it('names what has too few signatures without a key, and who rests on it', async () => {
    const { status, code, effect } = await effectOf(...remove('--dry-run', '--include-protected', '--max-flips', '2'));
    assert.deepEqual([status, code], [1, 'CLI_FLIPS_TOO_MANY']);
    assert.deepEqual([...(effect.lapsed ?? [])].sort(), [...fleet.goldens].sort());
    assert.deepEqual(lostIn(effect), ['old-1', 'old-2', 'old-3']);
    const ends = effect.groups.flatMap(({ ended = [] }) => ended.map(({ end }) => end));
    assert.deepEqual([...new Set(ends)], ['lapsed']);
    const { stdout, stderr } = await cli(remove('--dry-run'), world);
    assert.match(stdout, new RegExp(`^${fleet.goldens.length} golden measurements would have too few signatures`, 'm'));
    assert.match(stdout, /\) would have too few signatures; nothing else in force matches/);
    assert.match(stderr, /CHANGE_LOSES_PROTECTED: protected hosts would lose trust by it: nothing was done/);
    assert.deepEqual(trusted(await attestAll(fleet)), ['old-1', 'old-2', 'old-3']);
  });

  it('says that nothing ends where everything has enough signatures without the key, or nobody rests on the anchor', async () => {
    await server.operator.call('createSigner', { body: { name: 'eve', publicKeyPem: newPublicKey() } });
    const run = await cli(['signer', 'remove', 'eve', '--reason', 'left', '--dry-run'], world);
    assert.equal(run.status, 0);
    assert.match(run.stdout, /^every golden measurement in force has enough signatures without it$/m);
    assert.doesNotMatch(run.stdout, /would lose trust/);
    const kernel = fleet.goldens[bootLayers.indexOf('kernel')] ?? '';
    const retire = await effectOf('golden', 'retire', kernel, '--reason', 'old', '--dry-run', '--include-protected');
    assert.deepEqual([retire.status, lostIn(retire.effect)], [0, ['old-1', 'old-2', 'old-3']]);
  });

  it('shows it at a terminal before it asks, and does nothing on no', async () => {
    const before = await auditSize();
    for (const [args, line] of [
      [withdraw(), /vouches for 6 hosts[^]*3 would lose trust[^]*end at once; whom[^]*withdraw \w+\? \[y\/N\] /],
      [remove(), /would have too few signatures[^]*3 would lose trust[^]*take the key \S+ of alice away\? \[y\/N\] /],
    ] as const) {
      const { status, stderr } = await cli(args, { ...world, typed: 'n\n', isTTY: true });
      assert.equal(status, 2);
      assert.match(stderr, line);
      assert.doesNotMatch(stderr, /stay refused\n {2}because/);
    }
    assert.equal(await auditSize(), before);
  });

  it('keeps nobody from ending something at once: another question is being answered, or --yes was said', async () => {
    let give = (): void => undefined;
    const held = new Promise<void>((resolve) => (give = resolve));
    let tell = (): void => undefined;
    const asked = new Promise<void>((resolve) => (tell = resolve));
    const wrapStore = (store: Store): Store => ({
      ...store,
      countActiveHosts: async () => {
        tell();
        await held;
        return store.countActiveHosts();
      },
    });
    await server.restart({ wrapStore });
    const first = server.operator.call('askWhatIf', { body: { at: server.now().toISOString() } });
    await asked;
    const now = operatorAt(server);
    const shown = await cli(withdraw('--include-protected'), { ...now, typed: 'n\n', isTTY: true });
    assert.match(shown.stderr, /nobody can say now what it would do to the fleet \(WHAT_IF_BUSY: .*\[y\/N\] /s);
    await inGoldenFolder(async (goldens) => {
      const plan = ['golden', 'sync', goldens, '--dry-run', '--include-protected'];
      const dry = await cli(plan, now);
      assert.equal(dry.status, 0, dry.stderr);
      assert.match(dry.stdout, /^retire .*nobody can say what all of it would do to the fleet: /ms);
      const gated = await cliJson([...plan, '--max-flips', '9'], now);
      assert.deepEqual([gated.status, gated.document['code']], [1, 'WHAT_IF_BUSY']);
    });
    const made = await cli(withdraw('--include-protected', '--yes'), now);
    assert.match(made.stdout, /the verdicts of 6 hosts that it vouched for are void/);
    give();
    await first;
  });

  it('is told of several at once by what-if, with what it does not know named first', async () => {
    const { effect } = await effectOf('what-if', '--withdraw', anchorId.slice(0, 12), '--remove-signer', 'bob');
    assert.deepEqual([effect.withdrawnAnchors?.[0]?.count, effect.lapsed?.length], [6, fleet.goldens.length]);
    assert.deepEqual(lostIn(effect), ['old-1', 'old-2', 'old-3']);
    assert.equal((await effectOf('what-if', '--remove-signer', 'nobody')).code, 'CLI_ID_UNKNOWN');
    for (const dryRun of [[], ['--dry-run']]) {
      const { code } = await effectOf('trust-anchor', 'withdraw', '0'.repeat(64), '--reason', 'x', ...dryRun);
      assert.equal(code, dryRun.length === 0 ? 'CLI_CONSENT_MISSING' : 'TRUST_ANCHOR_NOT_FOUND');
    }
    await cli(remove('--include-protected', '--yes'), world);
    const body = { removeSigners: ['A'.repeat(43)] };
    await assert.rejects(server.operator.call('askWhatIf', { body }), { code: 'SIGNER_NOT_FOUND' });
  });
});

function newPublicKey(): string {
  return generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
}
