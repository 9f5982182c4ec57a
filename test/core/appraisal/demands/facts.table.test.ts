// Each fact that a policy can demand, against real boots: met, refused, and unproven where nothing says it.
import assert from 'node:assert/strict';
import { decodeHex, encodeHex } from '../../../../src/core/encoding/index.ts';
import {
  readFacts,
  type BootFacts,
  type EventToEncode,
  type SignatureDatabaseName,
} from '../../../../src/core/event-log/index.ts';
import { factTable, parsePolicy, type RequiredFacts } from '../../../../src/core/appraisal/index.ts';
import {
  action,
  authority,
  hashes,
  separator,
  variable,
  verifyHonest,
  verifyLab,
  type LabRun,
} from '../../event-log/logs.ts';

const facts = new Map<LabRun, BootFacts>();

function factsOf(run: LabRun): BootFacts {
  const known = facts.get(run) ?? readFacts(verifyLab(run));
  facts.set(run, known);
  return known;
}

const nothing = readFacts(verifyHonest([separator(0)]));

/** As a policy writes them. */
type Demands = Readonly<Partial<Record<keyof RequiredFacts, unknown>>>;

/** `met`, or how and by which event each way falls short: `refused #4`. */
function judge(demand: Demands, boot: BootFacts): string {
  const { requireFacts } = parsePolicy({
    id: 'p',
    version: 1,
    layers: ['firmware'],
    verdictSeconds: 60,
    requireFacts: demand,
  });
  const [name] = Object.keys(requireFacts) as (keyof RequiredFacts)[];
  assert.ok(name);
  const row = factTable[name] as {
    judge(facts: BootFacts, wanted: unknown): readonly { kind: string; event?: number }[];
  };
  const shortfalls = row.judge(boot, requireFacts[name]);
  return shortfalls.map(({ kind, event }) => (event === undefined ? kind : `${kind} #${event}`)).join(', ') || 'met';
}

function digestsOf(run: LabRun, name: SignatureDatabaseName): readonly string[] {
  return (factsOf(run).signatureDatabases[name]?.value.entries ?? []).map(({ sha256 }) => encodeHex(sha256.value));
}

const other = '00'.repeat(32);
const on = variable('SecureBoot', Uint8Array.of(1));
const boot = (...events: readonly EventToEncode[]): BootFacts => readFacts(verifyHonest(events));

describe('facts that a policy demands', () => {
  const cases: readonly (readonly [demand: Demands, boot: BootFacts | LabRun, outcome: string])[] = [
    [{ secureBoot: 'enabled' }, 'sb-on', 'met'],
    [{ secureBoot: 'enabled' }, 'sb-off', 'refused #4'],
    [{ secureBootMode: ['user'] }, 'sb-off', 'refused #5'],
    [{ secureBootMode: ['user'] }, 'sb-on', 'unproven'],
    [
      { secureBootMode: ['deployed', 'user'] },
      boot(on, variable('PK', hashes(1)), variable('DeployedMode', Uint8Array.of(1)), separator(7)),
      'met',
    ],
    [{ mokSbState: 'not-disabled' }, 'sb-on', 'met'],
    [{ mokSbState: 'not-disabled' }, 'uki', 'met'],
    [{ debugMode: 'absent' }, 'sb-on', 'met'],
    [{ debugMode: 'absent' }, boot(action(7, 'UEFI Debug Mode'), on, separator(7)), 'refused #1'],
    [{ dmaProtection: 'not-disabled' }, 'sb-on', 'met'],
    [{ dmaProtection: 'not-disabled' }, boot(on, action(7, 'DMA Protection Disabled'), separator(7)), 'refused #2'],
    [
      { dmaProtection: 'not-disabled' },
      boot(on, separator(7), action(7, 'Security Level is Downgraded to 0')),
      'refused #3',
    ],
    [{ testKeys: 'absent' }, 'sb-on', 'met'],
    [{ exitBootServices: 'success' }, 'sb-on', 'met'],
    [{ exitBootServices: 'success' }, boot(separator(5)), 'unproven'],
    [{ exitBootServices: 'success' }, boot(action(5, 'Exit Boot Services Returned with Failure')), 'refused #1'],
    [{ separators: 'complete' }, 'sb-on', 'met'],
    [{ separators: 'complete' }, boot(on), 'refused'],
    [{ firmwareVersion: ['1.2'] }, 'sb-on', 'refused #1'],
    [{ sbatLevel: { date: '2025021800', generations: { shim: 4, grub: 5 } } }, 'sb-on', 'met'],
    [{ sbatLevel: { date: '2025021801' } }, 'sb-on', 'refused #27'],
    [{ sbatLevel: { generations: { grub: 6, other: 1 } } }, 'sb-on', 'refused #27, refused #27'],
    [{ sbatLevel: { date: '2021030218' } }, 'uki', 'unproven'],
    [{ dbx: { mustContain: digestsOf('sb-on', 'dbx') } }, 'sb-on', 'met'],
    [{ dbx: { mustContain: [...digestsOf('sb-on', 'dbx'), other] } }, 'sb-on', 'refused #8'],
    [
      { signatureDatabases: { PK: { mustContain: digestsOf('sb-on', 'PK') }, db: { mustNotContain: [other] } } },
      'sb-on',
      'met',
    ],
    [{ signatureDatabases: { PK: { mustContain: digestsOf('sb-on', 'PK') } } }, 'uki', 'refused #5'],
    [{ signatureDatabases: { KEK: { mustNotContain: digestsOf('sb-on', 'KEK') } } }, 'sb-on', 'refused #6, refused #6'],
    [{ authorities: { allow: [other] } }, 'sb-on', 'refused #22, refused #29'],
    [{ authorities: { allow: digestsOf('uki', 'db') } }, 'uki', 'met'],
    [{ authorities: { allow: digestsOf('uki', 'db') } }, 'sb-off', 'unproven'],
    [{ hardening: { 'ima-policy': 'on', 'ima-hash': 'on', mitigations: 'not-off' } }, 'sb-on', 'met'],
    [{ hardening: { lockdown: 'on' } }, 'sb-on', 'refused #46'],
    [{ hardening: { kaslr: 'not-off' } }, 'uki', 'unproven'],
    [{ kernelCommandLine: { require: ['ima-hash=sha256'], forbid: ['init=/bin/sh'] } }, 'sb-on', 'met'],
    [{ kernelCommandLine: { forbid: ['lab.evil=1'] } }, 'cfg-tampered', 'refused #46'],
    [{ kernelCommandLine: { require: ['quiet'] } }, 'uki', 'unproven'],
  ];
  for (const [demand, run, outcome] of cases) {
    const where = typeof run === 'string' ? run : 'on paper';
    it(`${JSON.stringify(demand).slice(0, 90)}, ${where}: ${outcome}`, () => {
      assert.equal(judge(demand, typeof run === 'string' ? factsOf(run) : run), outcome);
    });
  }

  it('rejects when there is nothing to verify: each is unproven where no event says it', () => {
    const demands = new Map(cases.map(([demand]) => [Object.keys(demand)[0], demand]));
    assert.deepEqual([...demands.keys()], Object.keys(factTable), 'a fact has no case');
    for (const demand of demands.values())
      assert.match(judge(demand, nothing), /^(?:unproven(?:, )?)+$/, JSON.stringify(demand));
  });

  it('authorities: an event that may hide one leaves them unproven', () => {
    const hidden = {
      ...authority('MokListRT', decodeHex(other)),
      data: new Uint8Array(4),
      measured: new Uint8Array(9),
    };
    assert.equal(judge({ authorities: { allow: [other] } }, boot(on, separator(7), hidden)), 'unproven #3');
  });

  it('words of the command line: quotes, hyphens and what init gets hide none', () => {
    const line = (text: string): BootFacts =>
      boot({ pcr: 12, type: 0xd, data: new Uint8Array(Buffer.from(`${text}\0`, 'utf16le')) });
    const forbid = (word: string, text: string): string => judge({ kernelCommandLine: { forbid: [word] } }, line(text));
    assert.equal(forbid('init=/bin/sh', 'quiet "init=/bin/sh"'), 'refused #1');
    assert.equal(forbid('systemd.debug-shell', 'systemd.debug_shell'), 'refused #1');
    assert.equal(forbid('single', 'quiet -- single'), 'refused #1');
    assert.equal(forbid('debug', 'quiet'), 'met');
    assert.equal(judge({ kernelCommandLine: { require: ['quiet'] } }, line('-- quiet')), 'refused #1');
  });
});
