// docs/operators-walk.md, as a new operator follows it: every command of it, in order, against a server that listens, held to what the
// document says is printed. The hosts are paper; what they boot are logs of real guests of the lab. UPDATE_TRANSCRIPTS=1 writes
// what is printed into the document, whole: shorten it there.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { encodeSignatureList, guids } from '../../src/core/event-log/index.ts';
import { decodeHex } from '../../src/core/encoding/index.ts';
import { parseGoldenStatement } from '../../src/core/golden/index.ts';
import type { PaperHost } from '../../src/simulator/index.ts';
import { cli, cliAccepted, operatorAt, type CliWorld } from '../cli/cli-run.ts';
import { splitWords } from '../contract/documented-commands.ts';
import { assertShown, readSections, rewriteSessions, type Exchange } from '../support/console-document.ts';
import { attest, enrol, paperHost, trustSimulator, type EnrolledHost } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const root = join(import.meta.dirname, '../..');
const path = join(root, 'docs/operators-walk.md');
const document = readFileSync(path, 'utf8');
const kernels: Readonly<Record<string, string>> = { 'the old kernel': 'sb-on', 'the new kernel': 'kernel-cloud' };
const bootOf = (run: string): string => join(root, `test/fixtures/lab/boot/${run}/binary_bios_measurements`);
const readBoot = (run: string): Uint8Array => new Uint8Array(readFileSync(bootOf(run)));

describe("an operator's walk", function () {
  const here = process.cwd();
  const printed: (readonly string[])[] = [];
  const machines = new Map<string, { readonly host: PaperHost; readonly enrolled: EnrolledHost }>();
  let server: TestServer;
  let folder = '';
  let world: CliWorld;
  before(async () => {
    server = await startTestServer();
    folder = mkdtempSync(join(tmpdir(), 'touchstone-walk-'));
    world = operatorAt(server);
    await trustSimulator(server);
    for (const name of ['hv-1', 'hv-2', 'hv-3']) {
      const host = paperHost(name, { eventLog: readBoot('sb-on') });
      machines.set(name, { host, enrolled: await enrol(server, host) });
    }
    copyFileSync(bootOf('sb-on'), join(folder, 'binary_bios_measurements'));
    for (const [name, digest] of [
      ['dbx-1', '07'.repeat(32)],
      ['dbx-2', grub],
    ] as const) {
      // prettier-ignore
      const list = { typeGuid: guids.certSha256, owner: guids.shimLock, signatures: [decodeHex(digest)] };
      writeFileSync(join(folder, `${name}.esl`), encodeSignatureList(list));
    }
    process.chdir(folder);
  });
  after(async () => {
    process.chdir(here);
    await server.close();
    rmSync(folder, { recursive: true });
    if (isUpdate) writeFileSync(path, rewriteSessions(document, printed));
  });

  for (const { title, exchanges } of readSections(document)) {
    it(title, async () => {
      for (const exchange of exchanges) {
        const lines = await play(exchange);
        printed.push(lines);
        if (!isUpdate) assertShown(exchange, lines);
      }
    });
  }

  it('would be told from another one: a line that is missing, too much or different', () => {
    const exchange = { prompt: '$', typed: 'touchstone', shown: ['state  active', '…', 'id     sha256:4f1d…'] };
    assertShown(exchange, ['state  active', 'id     sha256:4f1d00']);
    assertShown(exchange, ['state  active', 'layer  kernel', 'until  -', 'id     sha256:4f1d00']);
    const printed = ['state  active', 'id     sha256:4f1d00'];
    for (const other of [
      [],
      printed.slice(1),
      printed.slice(0, 1),
      [...printed, 'x'],
      ['state  retired', ...printed.slice(1)],
    ]) {
      assert.throws(() => assertShown(exchange, other), assert.AssertionError);
    }
  });

  it('predicted what was measured', () => {
    const [captured, predicted] = ['golden', 'predicted'].map((name) =>
      parseGoldenStatement(new Uint8Array(readFileSync(`${name}/secure-boot.statement.json`))),
    );
    const digests = (of: typeof captured) => of?.events.map(({ pcr, digests: all }) => [pcr, all.get('sha256')]);
    assert.ok(digests(captured)?.length);
    assert.deepEqual(digests(predicted), digests(captured));
  });

  const play = async ({ prompt, typed, shown }: Exchange): Promise<readonly string[]> => {
    if (prompt === '') return wait(typed);
    if (prompt !== '$') return onHost(prompt, typed);
    const [, file, text] = /^cat > (\S+) <<'END'\n([^]*)END$/.exec(typed) ?? [];
    if (file !== undefined) return (writeFileSync(file, await inFull(text ?? '')), []);
    const [program, ...words] = splitWords(await inFull(typed));
    assert.equal(program, 'touchstone', typed);
    const { status, stdout, stderr } = await cli(words.flatMap(expand), world);
    const isRefused = stderr.startsWith('error ');
    assert.equal(status, isRefused ? 1 : 0, `${typed}\n${stdout}${stderr}`);
    assert.ok(
      isUpdate || isRefused === shown.some((line) => /^error \w+: /.test(line)),
      `${typed}\n${stdout}${stderr}`,
    );
    return `${stdout}${stderr}`.trimEnd() === '' ? [] : `${stdout}${stderr}`.trimEnd().split('\n');
  };

  /** What stands for a whole id: the document shortens it, an operator types or copies it. */
  const inFull = async (text: string): Promise<string> => {
    if (!text.includes('…')) return text;
    const { items } = (await cliAccepted(['golden', 'list'], world)) as { items?: readonly { readonly id: string }[] };
    return text.replaceAll(/(sha256:[0-9a-f]+)…/g, (short, prefix: string) => {
      const [id, ...others] = (items ?? []).map((each) => each.id).filter((each) => each.startsWith(prefix));
      assert.ok(id !== undefined && others.length === 0, `${short} names no golden measurement, or several`);
      return id;
    });
  };

  const wait = (comment: string): readonly string[] => {
    const minutes = /^# (\d+) minutes later$/.exec(comment)?.[1];
    assert.ok(minutes !== undefined, comment);
    server.advance(Number(minutes) * 60);
    return [];
  };

  const onHost = async (name: string, typed: string): Promise<readonly string[]> => {
    const machine = machines.get(name);
    assert.ok(machine !== undefined, name);
    const kernel = /^reboot # into (.*)$/.exec(typed)?.[1];
    if (kernel !== undefined) {
      machine.host.reboot({ eventLog: readBoot(kernels[kernel] ?? '') });
      return [];
    }
    assert.equal(typed, 'touchstone agent attest');
    return [`verdict  ${(await attest(machine.enrolled, machine.host)).verdict.status}`];
  };
});

const isUpdate = process.env['UPDATE_TRANSCRIPTS'] === '1';
/** The GRUB of the guests, as firmware and shim measure it. */
const grub = 'a68f6d71ebddaa19751ff8d729f67d11b0df8e4c49400c3e7e90de16119e1265';

/** `folder/*.ending`, as a shell does it. */
function expand(word: string): readonly string[] {
  const [, ending] = /\/\*(\.[a-z.]+)$/.exec(word) ?? [];
  if (ending === undefined || !existsSync(dirname(word))) return [word];
  const names = readdirSync(dirname(word)).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => join(dirname(word), name));
}
