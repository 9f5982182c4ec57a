// Stories of what happens after the boot: what runs, and that one boot follows another.
import assert from 'node:assert/strict';
import { stateFolder } from './guest.ts';
import { expectRefused, expectTrusted, type Scenario } from './scenario.ts';

/** A copy of busybox, which looks at its own name. */
const dropper = `${stateFolder}/busybox-dropper`;

export const foreignBinary: Scenario = {
  name: 'foreign-binary',
  about: 'what ran',
  title: 'a program that nobody approved is refused, and named',
  run: async (lab) => {
    const { guest, setup } = await lab.platform('grub');
    const verdict = await guest.during(setup, async (running) => {
      // Another digest than busybox, and it runs.
      await running.command(`cp /bin/busybox ${dropper} && echo x >> ${dropper} && ${dropper} true`);
      const refused = await running.attest();
      await running.command(`rm ${dropper}`);
      return refused;
    });
    const files = verdict.findings.filter(({ code }) => code === 'RUNTIME_FILE_REFUSED');
    assert.deepEqual(
      files.map(({ observed }) => observed?.split(' ')[0]),
      [dropper],
    );
    return expectRefused(lab, verdict, ['RUNTIME_DIVERGED', 'RUNTIME_FILE_REFUSED']);
  },
};

export const violation: Scenario = {
  name: 'ima-violation',
  about: 'what ran',
  title: 'a file that is written while it is read is refused, and named',
  run: async (lab) => {
    const { guest, setup } = await lab.platform('grub');
    // Approved contents, but open for reading and for writing at once.
    const file = `${stateFolder}/agent.json`;
    const verdict = await guest.during(setup, async (running) => {
      await running.command(`exec 3< ${file} 4>> ${file} && exec 3<&- 4>&-`);
      return running.attest();
    });
    const [found] = verdict.findings.filter(({ code }) => code === 'RUNTIME_VIOLATION');
    assert.equal(found?.observed, file);
    return expectRefused(lab, verdict, ['RUNTIME_VIOLATION']);
  },
};

export const reboot: Scenario = {
  name: 'reboot',
  about: 'boot',
  title: 'a reboot is told from the boot before it, and trusted by itself',
  run: async (lab) => {
    const { guest, setup, after } = await lab.platform('grub');
    const [first, again, second] = await guest.during(setup, async (running) => {
      const verdicts = [await running.attest(), await running.attest()] as const;
      await running.reboot();
      return [...verdicts, await running.attest()] as const;
    });
    const epochs = [first, again, second].map(({ boot }) => boot?.epoch);
    assert.deepEqual(epochs, ['rebooted', 'same-boot', 'rebooted']);
    assert.ok((first.boot?.resetCount ?? 0) > (after.boot?.resetCount ?? 0));
    assert.equal(second.boot?.resetCount, (first.boot?.resetCount ?? 0) + 1);
    return expectTrusted(lab, second);
  },
};

export const resume: Scenario = {
  name: 'resume',
  about: 'boot',
  title: 'waking up from suspend to memory is told from a reboot, and still trusted',
  run: async (lab) => {
    const { guest, setup } = await lab.platform('grub');
    const [before, after] = await guest.during(setup, async (running) => {
      const first = await running.attest();
      await running.suspend();
      return [first, await running.attest()] as const;
    });
    assert.deepEqual([before.boot?.epoch, after.boot?.epoch], ['rebooted', 'resumed']);
    assert.equal(after.boot?.resetCount, before.boot?.resetCount);
    assert.equal(after.boot?.restartCount, (before.boot?.restartCount ?? 0) + 1);
    return expectTrusted(lab, after);
  },
};
