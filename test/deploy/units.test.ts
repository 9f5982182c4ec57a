// Units of systemd and their drop-ins: each setting stands in the section where systemd reads it, also those that are to be
// chosen from comments. Elsewhere systemd says no more than a line in the journal, and goes on without it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../deploy');

/** Those of [Unit] and [Install] that we use; all others are of [Service]. */
const sections: Readonly<Record<string, readonly string[]>> = {
  Unit: [
    ...['Description', 'After', 'Before', 'Requires', 'Wants', 'ConditionPathExists', 'StartLimitIntervalSec'],
    ...['Documentation', 'BindsTo', 'PartOf', 'Conflicts', 'StartLimitBurst', 'RequiresMountsFor'],
  ],
  Install: ['WantedBy', 'RequiredBy', 'Alias', 'Also'],
};

function sectionOf(name: string): string {
  return Object.keys(sections).find((section) => sections[section]?.includes(name)) ?? 'Service';
}

/** `[section, setting]` of each line that sets something, or would without its `#`. */
function settingsOf(text: string): readonly (readonly [string, string])[] {
  let section = '';
  return text.split('\n').flatMap((line) => {
    const head = /^\[(\w+)\]$/.exec(line)?.[1];
    if (head !== undefined) section = head;
    const name = /^#?([A-Z][A-Za-z]+)=/.exec(line)?.[1];
    return name === undefined ? [] : [[section, name] as const];
  });
}

function misplaced(text: string): readonly string[] {
  return settingsOf(text)
    .filter(([section, name]) => section !== sectionOf(name))
    .map(([section, name]) => `${name} in [${section}]`);
}

describe('units of systemd', () => {
  const units = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(service|target|conf)$/.test(name),
  );

  it('are found, with drop-ins', () => {
    assert.ok(units.includes('server/touchstone-server.service.d/hsm.conf'));
    assert.ok(units.length >= 7, units.join(', '));
  });

  for (const unit of units) {
    it(`${unit} has each setting where systemd reads it`, () => {
      const text = readFileSync(join(folder, unit), 'utf8');
      assert.ok(settingsOf(text).length > 0, 'nothing is set');
      assert.deepEqual(misplaced(text), []);
    });
  }

  it('would be caught with a dependency among the settings of the service', () => {
    assert.deepEqual(misplaced('[Service]\n#After=pcscd.socket\nUser=x\n'), ['After in [Service]']);
    assert.deepEqual(misplaced('[Unit]\nUser=x\n'), ['User in [Unit]']);
  });
});
