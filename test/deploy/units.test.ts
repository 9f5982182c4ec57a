// Units of systemd and their drop-ins: each setting stands in the section where systemd reads it, also those that are to be
// chosen from comments, and systemd itself finds nothing to say. Elsewhere it says no more than a line in the journal, and goes on without it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

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

  /** What `systemd-analyze verify` says of all of them, changed so, with a program where they look for ours. */
  function verify(change: (text: string) => string): string {
    const copy = mkdtempSync(join(tmpdir(), 'touchstone-units-'));
    try {
      for (const unit of units) {
        const dropIn = basename(dirname(unit)).endsWith('.d') ? basename(dirname(unit)) : '';
        cpSync(join(folder, unit), join(copy, dropIn, basename(unit)), { recursive: true });
        const text = readFileSync(join(folder, unit), 'utf8').replace(/^#(?=[A-Z][A-Za-z]+=)/gm, '');
        writeFileSync(
          join(copy, dropIn, basename(unit)),
          change(text.replace('/usr/bin/touchstone', process.execPath)),
        );
      }
      const whole = readdirSync(copy).filter((name) => /\.(service|target)$/.test(name));
      const env = { ...process.env, SYSTEMD_UNIT_PATH: `${copy}:` };
      const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', ...whole.map((name) => join(copy, name))], {
        env,
      });
      return `${String(stdout)}${String(stderr)}`;
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  }

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

  it('say nothing to systemd that it does not know, also with all that is to be chosen', function () {
    if (spawnSync('systemd-analyze', ['--version']).error !== undefined) this.skip(); // where there is no systemd
    assert.equal(
      verify((text) => text),
      '',
    );
    assert.match(
      verify((text) => text.replace('ProtectHome=', 'ProtectHomes=')),
      /Unknown key/,
    );
    assert.match(
      verify((text) => text.replace('DeviceAllow=/dev/my-hsm', 'DeviceAllowed=/dev/my-hsm')),
      /Unknown key/,
    );
  });

  it('start the server once the clock is right: one that is behind then ends the verdicts of the whole fleet', () => {
    const text = readFileSync(join(folder, 'server/touchstone-server.service'), 'utf8');
    for (const name of ['Wants', 'After']) assert.match(text, new RegExp(`^${name}=.*\\btime-sync\\.target$`, 'm'));
  });

  it('would be caught with a dependency among the settings of the service', () => {
    assert.deepEqual(misplaced('[Service]\n#After=pcscd.socket\nUser=x\n'), ['After in [Service]']);
    assert.deepEqual(misplaced('[Unit]\nUser=x\n'), ['User in [Unit]']);
  });
});
