import assert from 'node:assert/strict';
import type { DecodedEvent, Layer } from '../../../src/core/event-log/index.ts';
import { matchLayer } from '../../../src/core/golden/index.ts';
import { approve, expectEvent, paperLog, statementOf, type PaperEvent } from './material.ts';

/** The explanation of one event that came instead of (or beside) the expected ones. */
function explain(
  layer: Layer,
  expected: readonly string[],
  events: readonly Partial<PaperEvent>[],
  pcr: number,
): string {
  const golden = approve(
    statementOf(
      layer,
      expected.map((text) => expectEvent(pcr, text)),
    ),
  );
  const log = paperLog(events.map((event) => ({ pcr, text: 'evil', layer, ...event })));
  const match = matchLayer(layer, log, [golden]);
  assert.ok(match.outcome === 'diverged');
  return match.divergence.explanation;
}

function ipl(text: string): Partial<PaperEvent> & { readonly text: string } {
  const decoded: DecodedEvent = { kind: 'ipl', source: 'grub', prefix: 'kernel_cmdline', text };
  return { text, decoded, description: `kernel_cmdline: ${text}` };
}

function variable(name: string, data: readonly number[] = []): Partial<PaperEvent> {
  return { decoded: { kind: 'uefi-variable', guid: '', name, data: Uint8Array.from(data) } };
}

describe('explanation', () => {
  const commandLine = (before: string, after: string): string =>
    explain('kernel-command-line', [`kernel_cmdline: ${before}`], [ipl(after)], 8);

  it('shows the words that a kernel command line gained and lost', () => {
    assert.equal(
      commandLine('/vmlinuz ro quiet', '/vmlinuz ro init=/bin/sh'),
      'The kernel command line changed: added "init=/bin/sh"; removed "quiet"',
    );
    assert.equal(commandLine('/vmlinuz ro', '/vmlinuz ro ro'), 'The kernel command line changed: added "ro"');
    assert.equal(
      commandLine('/vmlinuz a b', '/vmlinuz b a'),
      'The kernel command line has the same words in another order or spacing',
    );
  });

  it('cuts what would flood a terminal', () => {
    const words = Array.from({ length: 100 }, (_, index) => `word${index}`).join(' ');
    const sentence = commandLine('/vmlinuz', `/vmlinuz ${words} ${'x'.repeat(3000)}`);
    assert.ok(sentence.length < 1000);
    assert.match(sentence, /and 93 more$/);
  });

  it('does not compare words that the digest does not cover', () => {
    const unbound = { ...ipl('/vmlinuz quiet'), text: 'evil', dataBound: false };
    const sentence = explain('kernel-command-line', ['kernel_cmdline: /vmlinuz'], [unbound], 8);
    assert.equal(sentence, 'The kernel command line changed, and its text is not in the log');
  });

  it('says that Secure Boot is off, from bound data only', () => {
    assert.equal(explain('secure-boot', ['SecureBoot on'], [variable('SecureBoot', [0])], 7), 'Secure Boot is off');
    const unbound = { ...variable('SecureBoot', [0]), dataBound: false };
    assert.equal(explain('secure-boot', ['on'], [unbound], 7), 'The Secure Boot configuration was changed');
  });

  it('names the Secure Boot database that changed', () => {
    assert.match(explain('secure-boot', ['dbx'], [variable('dbx')], 7), /revocation list \(dbx\)/);
    assert.match(explain('secure-boot', ['KEK'], [variable('KEK')], 7), /KEK/);
    assert.match(
      explain('secure-boot', ['x'], [variable('constructor')], 7),
      /A Secure Boot variable or signer changed/,
    );
    assert.match(explain('secure-boot', ['MokList'], [{}], 14), /machine owner keys/);
  });

  it('tells an unknown option ROM from replaced firmware', () => {
    assert.match(explain('firmware', ['a'], [{ text: 'a' }, {}], 2), /^An unknown option ROM or driver was loaded/);
    assert.match(explain('firmware', ['a'], [{}], 2), /^An option ROM or driver was replaced/);
    const version: DecodedEvent = { kind: 'firmware-version', text: '2' };
    assert.match(explain('firmware', ['a'], [{ decoded: version }], 0), /^The firmware has another version/);
    assert.match(explain('firmware', ['a'], [{}], 0), /^The firmware code was changed/);
  });

  it('tells a replaced kernel, boot loader and initrd', () => {
    assert.match(explain('kernel', ['a'], [{}], 4), /^The kernel was replaced/);
    assert.match(explain('boot-loader', ['a'], [{}], 4), /^A boot loader was replaced/);
    assert.match(explain('boot-loader', ['a'], [{}], 9), /^A file that the boot loader read/);
    assert.match(explain('initrd', ['a'], [{}], 9), /^The initrd was rebuilt or changed/);
  });

  it('tells a measurement that is missing and one too many', () => {
    assert.match(explain('initrd', ['a', 'b'], [{ text: 'a' }], 9), /left out a measurement/);
    assert.match(explain('initrd', ['a'], [{ text: 'a' }, { text: 'b' }], 9), /^A further initrd was loaded/);
  });

  it('prefers the difference whose text can be read over an opaque one before it', () => {
    const golden = approve(
      statementOf('kernel-command-line', [expectEvent(8, 'linux /vmlinuz'), expectEvent(9, 'grub.cfg')]),
    );
    const log = paperLog([
      { pcr: 9, text: 'new grub.cfg', layer: 'kernel-command-line', dataBound: false },
      { pcr: 8, layer: 'kernel-command-line', ...ipl('linux /vmlinuz evil'), description: 'linux /vmlinuz evil' },
    ]);
    const match = matchLayer('kernel-command-line', log, [golden]);
    assert.ok(match.outcome === 'diverged');
    assert.equal(match.divergence.event, 1);
    assert.equal(match.divergence.explanation, 'The kernel command line changed: added "evil"');
  });
});
