// What holds of every command of the CLI, whichever there are: with --json one document on stdout and nothing beside it, and the exit
// status that docs/errors.md promises, for misuse, for a refusal and for a yes. A command without a row in `accepted` fails here.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Argument, Command, Option } from 'commander';
import { loadGroups } from '../../src/cli/command-groups.ts';
import { cliErrors } from '../../src/cli/errors.ts';
import { createProgram } from '../../src/cli/program.ts';
import { splitWords } from '../contract/documented-commands.ts';
import { bytesOf, osvRecord, type Json } from '../core/advisory/material.ts';
import { createQuietSession } from '../support/quiet-session.ts';
import { cli, type CliRun, type CliWorld } from './cli-run.ts';
import { openOperatorsWorld, type OperatorsWorld } from './operators-world.ts';

/** Nobody listens there. */
const nowhere: CliWorld = { env: { TOUCHSTONE_SERVER: 'http://127.0.0.1:9', TOUCHSTONE_TOKEN: 'of nobody' } };

/** They go on until somebody ends them, or begin something that takes a minute, whatever else they are told. */
const enduring = new Set(['server start', 'agent run', 'demo', 'simulate']);

/** Their yes needs more than one server: who says it, and where. */
const elsewhere: Readonly<Record<string, string>> = {
  'agent enrol': 'test/cli/agent.test.ts',
  'agent attest': 'test/cli/agent.test.ts',
  'agent run': 'test/cli/agent.test.ts',
  'server start': 'test/cli/server.test.ts',
  'storage migrate': 'test/cli/storage.test.ts',
  'host approve': 'test/cli/host-pending.test.ts',
  'host reject': 'test/cli/host-pending.test.ts',
  'host replace-tpm': 'test/cli/host-ending.test.ts',
  'crl import': 'test/cli/trust-anchor.test.ts',
  'crl remove': 'test/cli/trust-anchor.test.ts',
  'trust-anchor intermediates import': 'test/cli/trust-anchor.test.ts',
  'trust-anchor intermediates fetch': 'test/cli/trust-anchor.test.ts',
  'trust-anchor intermediates remove': 'test/cli/trust-anchor.test.ts',
  'subscription add': 'test/cli/subscription.test.ts',
  'subscription show': 'test/cli/subscription.test.ts',
  'subscription test': 'test/cli/subscription.test.ts',
  'subscription replay': 'test/cli/subscription.test.ts',
  'subscription remove': 'test/cli/subscription.test.ts',
  'break-glass propose': 'test/cli/break-glass.test.ts',
  'break-glass sign': 'test/cli/break-glass.test.ts',
  'break-glass submit': 'test/cli/break-glass.test.ts',
  'break-glass show': 'test/cli/break-glass.test.ts',
  'break-glass end': 'test/cli/break-glass.test.ts',
  'verify event': 'test/cli/subscription.test.ts',
  'controller kubernetes': 'test/cli/controller.test.ts',
  'controller openstack': 'test/cli/controller.test.ts',
  conformance: 'test/cli/conformance/run.test.ts',
  demo: 'test/demo',
  simulate: 'test/cli/simulate/own-server.test.ts',
  'simulate clean-up': 'test/cli/simulate/given-server.test.ts',
};

/** A command as it is typed, in order; `{name}` stands for what an answer before had. What is refused here by design says by which code. */
interface Row {
  readonly typed: string;
  readonly code?: string;
  readonly keep?: (document: Json) => Readonly<Record<string, unknown>>;
}

const boot = 'test/fixtures/lab/boot/sb-on';
const quote = 'test/fixtures/lab/tpm-quote';

const accepted: readonly Row[] = [
  { typed: 'server init --data own --token-file own.token' },
  { typed: 'server doctor --data own', code: 'CLI_DOCTOR_PROBLEMS' },
  { typed: 'server operator --data own --token-file second.token' },
  { typed: 'storage status --data own' },
  { typed: 'attestation-ca prepare --data own' },
  { typed: 'attestation-ca rotate --data own --yes' },
  { typed: 'host list' },
  { typed: 'host show hv-1' },
  { typed: 'host explain hv-1' },
  { typed: 'host outliers' },
  { typed: 'host conflicts' },
  { typed: 'host pending' },
  { typed: 'host label hv-1 zone=north' },
  { typed: 'host token hv-1 --out verdict.jwt' },
  { typed: 'inspect token verdict.jwt' },
  { typed: 'verify token verdict.jwt --jwks jwks.json --host hv-1' },
  { typed: 'host export hv-1 --out case.tar' },
  { typed: 'verify evidence case.tar' },
  { typed: 'admit hv-1' },
  { typed: 'quarantine open --host hv-1 --reason looked' },
  { typed: 'admit hv-1', code: 'CLI_ADMISSION_DENIED' },
  { typed: 'quarantine list' },
  { typed: 'quarantine lift --host hv-1 --reason seen' },
  { typed: 'signer create carol --out keys' },
  { typed: 'signer add carol keys/carol.pub.pem' },
  { typed: 'signer list' },
  { typed: 'golden list', keep: ({ items }) => ({ golden: (items as Json[])[0]?.['id'] }) },
  { typed: 'golden show {golden}' },
  { typed: 'golden capture hv-1 --all --out drafts' },
  { typed: 'inspect golden drafts/kernel.statement.json' },
  { typed: 'golden draft drafts/kernel.statement.json --out ready --description another' },
  { typed: 'golden sign ready/kernel.statement.json --key keys/carol.key.pem --yes' },
  { typed: 'verify golden ready/kernel.dsse.json --signer keys/carol.pub.pem' },
  {
    typed: 'golden propose ready/kernel.dsse.json',
    keep: ({ items }) => ({ proposed: (items as Json[])[0]?.['id'] }),
  },
  { typed: 'golden rollout start rollout.yaml' },
  { typed: 'golden rollout status' },
  { typed: 'golden rollout status r' },
  { typed: 'golden approve --proposed --key alice.key --yes' },
  { typed: 'golden rollout advance r', code: 'ROLLOUT_NOT_READY' },
  { typed: 'golden rollout resume r --reason go' },
  { typed: 'golden rollout pause r --reason stop' },
  { typed: 'golden rollout roll-back r --reason back --yes' },
  { typed: 'what-if --retire {golden}' },
  { typed: 'golden retire {proposed} --reason out --yes' },
  { typed: 'golden export ready/kernel.dsse.json --out kernel.corim' },
  { typed: 'golden import kernel.corim --unverified --out imported' },
  { typed: 'golden predict --boot-log {boot}/binary_bios_measurements --out predicted' },
  { typed: 'golden fetch folder' },
  { typed: 'golden sync folder --dry-run' },
  { typed: 'golden revoke {golden} --reason bad --dry-run' },
  { typed: 'deny draft --osv osv.json --name kernels --out kernels.json' },
  { typed: 'deny hosts deny.json' },
  { typed: 'deny sign deny.json --key alice.key --yes' },
  { typed: 'deny sign deny.dsse.json --key bob.key --yes' },
  { typed: 'deny import deny.dsse.json --yes' },
  { typed: 'deny list' },
  { typed: 'deny show fleet' },
  { typed: 'deny remove fleet --reason out' },
  { typed: 'break-glass list' },
  { typed: 'policy shipped hypervisor-standard' },
  { typed: 'policy check policy.yaml' },
  { typed: 'policy apply policy.yaml' },
  { typed: 'policy list' },
  { typed: 'policy show other' },
  { typed: 'policy history other' },
  { typed: 'trust-anchor import {quote}/swtpm-localca-rootca-cert.pem --stage --scope virtual' },
  {
    typed: 'trust-anchor list',
    keep: ({ items }) => ({
      anchor: (items as Json[]).find((each) => String(each['subject']).includes('swtpm'))?.['id'],
    }),
  },
  { typed: 'trust-anchor activate {anchor}' },
  { typed: 'trust-anchor withdraw {anchor} --reason out --yes' },
  {
    typed:
      'trust-anchor bundle {quote}/swtpm-localca-rootca-cert.pem --sequence 1 --source lab --key alice.key --out anchors.dsse.json --yes',
  },
  { typed: 'trust-anchor sign anchors.dsse.json --key bob.key --yes' },
  { typed: 'trust-anchor intermediates list' },
  { typed: 'crl list' },
  { typed: 'ek register ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff --label rack' },
  { typed: 'ek list' },
  { typed: 'ek unregister ffffffff --yes' },
  { typed: 'attestation-ca certificate' },
  { typed: 'attestation-ca crl' },
  { typed: 'attestation-ca list' },
  { typed: 'attestation-ca chain' },
  { typed: 'signing-key list' },
  { typed: 'signing-key rotate --reason yearly --yes' },
  { typed: 'events' },
  { typed: 'lockout show' },
  { typed: 'lockout end --reason over', code: 'LOCKOUT_NONE' },
  { typed: 'subscription list' },
  { typed: 'token create reader --role auditor', keep: (document) => ({ token: document['id'] }) },
  { typed: 'token list' },
  { typed: 'token revoke {token} --yes' },
  { typed: 'audit list' },
  { typed: 'audit checkpoint --out witness.json' },
  { typed: 'audit verify --since witness.json' },
  { typed: 'audit export --out entries.jsonl' },
  { typed: 'inspect event-log {boot}/binary_bios_measurements' },
  { typed: 'inspect quote {quote}/quote_rsa.msg' },
  { typed: 'inspect certificate {quote}/ek-rsa2048.crt' },
  {
    typed:
      'verify quote --attest {quote}/quote_rsa.msg --signature {quote}/quote_rsa.sig --public {quote}/ak_rsa.pub --nonce {nonce}',
  },
  {
    typed:
      'verify certificate {quote}/ek-rsa2048.crt --anchors {quote}/swtpm-localca-rootca-cert.pem --intermediates {quote}/issuercert.pem --at 2026-11-25 --scope virtual',
  },
  { typed: 'completion bash' },
  { typed: 'simulate authority sim.authority' },
  { typed: 'signer remove carol --reason out --yes' },
  { typed: 'host release hv-1 --reason moved --yes' },
  { typed: 'host retire hv-1 --reason gone --yes' },
];

describe('every command', () => {
  const home = process.cwd();
  let commands: readonly Command[] = [];
  before(async () => {
    commands = withActions(createProgram(createQuietSession(), await loadGroups(), true));
    // What is written belongs nowhere.
    process.chdir(mkdtempSync(join(tmpdir(), 'touchstone-every-')));
  });
  after(() => {
    const folder = process.cwd();
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });

  it('answers a call that nobody understands with one document and status 2', async () => {
    assert.ok(commands.length > 90, `${commands.length} commands`);
    for (const command of commands) {
      const words = [...pathOf(command), '--no-such-option', '--json'];
      const run = await cli(words, nowhere);
      const document = documentOf(words, run);
      assert.deepEqual([run.status, document['code']], [2, 'CLI_USAGE_INVALID'], words.join(' '));
    }
  });

  for (const content of [undefined, 'nothing that anybody reads', '{}', '[{}]']) {
    const files = content === undefined ? 'are not there' : `hold ${content}`;
    it(`answers, where no server is and the files that it names ${files}, with one document and the status of its code`, async function () {
      this.timeout(60_000);
      let refused = 0;
      for (const command of commands) {
        if (enduring.has(pathOf(command).join(' '))) continue;
        const given = fill(command);
        if (content !== undefined)
          for (const name of given.filter((word) => word.startsWith('absent-')))
            if (!existsSync(name)) writeFileSync(name, content);
        const words = [...pathOf(command), ...given, '--json'];
        const run = await cli(words, nowhere);
        const document = documentOf(words, run);
        if (run.status !== 0) refused += 1;
        assert.notEqual(document['code'], 'CLI_INTERNAL', words.join(' '));
      }
      assert.ok(refused > 70, `${refused} were refused`);
      for (const name of readdirSync('.')) rmSync(name, { recursive: true });
    });
  }

  it('has a row here, or somebody else who says what its yes looks like', () => {
    const rows = new Set(accepted.map(({ typed }) => pathOf(commandOf(commands, splitWords(typed))).join(' ')));
    const named = commands.map((command) => pathOf(command).join(' '));
    assert.deepEqual(named.filter((path) => !rows.has(path) && !Object.hasOwn(elsewhere, path)), []); // prettier-ignore
    assert.deepEqual(Object.keys(elsewhere).filter((path) => rows.has(path) || !named.includes(path)), []); // prettier-ignore
    for (const file of Object.values(elsewhere)) assert.ok(existsSync(join(home, file)), file);
  });

  describe('against a server', () => {
    let operators: OperatorsWorld;
    const kept = new Map<string, string>([
      ['boot', join(home, boot)],
      ['quote', join(home, quote)],
      ['nonce', readFileSync(`${quote}/nonce.hex`, 'utf8').trim()],
    ]);
    before(async () => {
      operators = await openOperatorsWorld();
      for (const name of ['alice', 'bob']) copyFileSync(operators.at(`${name}.key`), `${name}.key`);
      const keys = await fetch(`${operators.server.url}/.well-known/jwks.json`);
      writeFileSync('jwks.json', await keys.text());
      writeFileSync('osv.json', bytesOf(osvRecord));
      writeFileSync('deny.json', JSON.stringify(denyList));
      writeFileSync(
        'policy.yaml',
        'id: other\nlayers: [firmware, secure-boot, boot-loader, kernel, kernel-command-line, initrd]\nhosts: { labels: { none: such } }\nrequireFacts: { secureBoot: enabled }\n',
      );
    });
    after(() => operators.close());

    it('says yes in one document too, and with status 0', async function () {
      this.timeout(60_000);
      for (const { typed, code, keep } of accepted) {
        const words = splitWords(typed.replace(/\{(\w+)\}/g, (_, name: string) => kept.get(name) ?? `no-${name}`));
        if (typed.startsWith('golden rollout start'))
          writeFileSync(
            'rollout.yaml',
            `{ name: r, goldens: ['${kept.get('proposed') ?? ''}'], stages: [{ minimumHosts: 2 }] }`,
          );
        const run = await cli([...words, '--json'], operators.world);
        const document = documentOf(words, run);
        assert.deepEqual([run.status, document['code']], [code === undefined ? 0 : 1, code], `${typed}: ${run.stdout}`);
        for (const [name, value] of Object.entries(keep?.(document) ?? {})) kept.set(name, String(value));
      }
    });
  });
});

/** The command that these words begin with. */
function commandOf(commands: readonly Command[], words: readonly string[]): Command {
  const found = commands.filter((command) => pathOf(command).every((word, index) => words[index] === word));
  const [last] = found.sort((left, right) => pathOf(right).length - pathOf(left).length);
  assert.ok(last !== undefined, words.join(' '));
  return last;
}

const denyList = {
  _type: 'https://touchstone.dev/deny-list/v1',
  name: 'fleet',
  version: 1,
  issuedAt: '2026-11-25T12:00:00Z',
  entries: [{ id: 'old', reason: 'old', denies: { 'firmware-version': 'none that any host has' } }],
};

/** Groups that do something themselves are commands too. */
function withActions(command: Command): readonly Command[] {
  const acts = command.parent !== null && command.commands.length === 0;
  const own = acts || ('_actionHandler' in command && Boolean(command._actionHandler)) ? [command] : [];
  return [...own.filter((each) => each.name() !== 'help'), ...command.commands.flatMap(withActions)];
}

function pathOf(command: Command): string[] {
  return command.parent === null ? [] : [...pathOf(command.parent), command.name()];
}

/** Words with which the command is understood, as far as its parser can tell. */
function fill(command: Command): readonly string[] {
  const options = command.options.filter(({ mandatory, long }) => mandatory || long === '--yes');
  return [...command.registeredArguments.filter(({ required }) => required).map(wordFor), ...options.flatMap(valueFor)];
}

function wordFor(argument: Argument): string {
  return argument.name() === 'changes' ? 'zone=north' : `absent-${argument.name()}`;
}

const values: Readonly<Record<string, string>> = {
  n: '1',
  hex: '00'.repeat(16),
  date: '2026-11-25',
  time: '1h',
  role: 'auditor',
};

function valueFor({ long, flags }: Option): readonly string[] {
  const kind = /<([a-z]+)(?:\.\.\.)?>$/.exec(flags)?.[1];
  return kind === undefined ? [long ?? ''] : [long ?? '', values[kind] ?? `absent-${kind}`];
}

/** The one document on stdout, where nothing else is printed anywhere and its members are what every answer has. */
function documentOf(words: readonly string[], { status, stdout, stderr }: CliRun): Readonly<Record<string, unknown>> {
  const typed = words.join(' ');
  assert.equal(stderr, '', typed);
  const document = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal(stdout, `${JSON.stringify(document, undefined, 2)}\n`, `${typed}: one document, as all are written`);
  assert.equal(document['ok'], status === 0, typed);
  if (status === 0) return document;
  for (const name of ['code', 'message', 'remedy'])
    assert.match(String(document[name]), /\S/, `${typed}: ${name}: ${stdout}`);
  assert.match(String(document['code']), /^[A-Z][A-Z0-9_]+$/, typed);
  assert.match(String(document['message']), /\S \S/, `${typed}: the message is a sentence: ${stdout}`);
  assert.ok(statusesOf(String(document['code'])).includes(status), `${typed}: ${status} ${stdout}`);
  return document;
}

/** What docs/errors.md says of the exit status with this code: 1 unless it says more. */
function statusesOf(code: string): readonly number[] {
  const { cause = '' } = (cliErrors as Readonly<Record<string, { readonly cause: string }>>)[code] ?? {};
  const said = /Exit status ([^.]*)\./.exec(cause)?.[1];
  return said === undefined ? [1] : (said.match(/\d/g) ?? []).map(Number);
}
