import assert from 'node:assert/strict';
import { concatBytes } from '../../../../src/core/encoding/index.ts';
import { encodeUtf16, type EventToEncode } from '../../../../src/core/event-log/index.ts';
import { exitBootServicesActions } from '../../../../src/core/event-log/exit-boot-services.ts';
import { appraise } from '../../../../src/core/appraisal/index.ts';
import type { Verdict } from '../../../../src/core/verdict/index.ts';
import { labPolicy } from '../lab.ts';
import { capturePaper, event, paperHost } from '../paper-host.ts';

const at = new Date('2026-11-25T12:00:00Z');
const policy = labPolicy({ layers: ['kernel'] });
const stub = event(4, 'EV_EFI_BOOT_SERVICES_APPLICATION', 'uki', 'uki image');
const sectionName = event(11, 'EV_IPL', encodeUtf16('.linux\0'), '.linux\0');
const section = event(11, 'EV_IPL', encodeUtf16('.linux\0'), 'kernel bytes');
const good = [stub, sectionName, section];
const goldens = capturePaper(good);

function appraiseBoot(events: readonly EventToEncode[]): Verdict {
  const { evidence, trust } = paperHost(events, goldens);
  return appraise(evidence, trust, policy, at);
}

describe('the check of the event log', () => {
  it('accepts a log whose every event belongs to a layer', () => {
    const verdict = appraiseBoot(good);
    assert.deepEqual(verdict.findings, []);
    assert.equal(verdict.status, 'affirming');
  });

  it('lets boot phases pass by what was measured, not by what the log calls it', () => {
    const phases = ['enter-initrd', 'leave-initrd', 'sysinit', 'ready'].map((phase) => event(11, 'EV_IPL', phase));
    assert.equal(appraiseBoot([...good, ...phases]).status, 'affirming');
    const verdict = appraiseBoot([...good, event(11, 'EV_IPL', 'ready', 'evil')]);
    assert.equal(verdict.status, 'none');
    assert.deepEqual(
      verdict.findings.map(({ code, pcr, event: index }) => [code, pcr, index]),
      [['LOG_EVENT_UNCLAIMED', 11, 4]],
    );
  });

  it('says of a mismatch which demanded layers it leaves unproved', () => {
    const { evidence, trust } = paperHost(good, goldens, [stub, sectionName]);
    const verdict = appraise(evidence, trust, policy, at);
    const [finding] = verdict.findings;
    assert.equal(finding?.code, 'LOG_PCR_MISMATCH');
    assert.match(finding.message, /PCR 11, so these layers are unproved: kernel\.$/);
    assert.deepEqual(verdict.layers, {});
  });

  it('says of a mismatch of PCR 10 that what ran is unproved', () => {
    const noise = event(10, 'EV_IPL', 'measured by a loader');
    const { evidence, trust } = paperHost([...good, noise], goldens, [...good, event(10, 'EV_IPL', 'other')]);
    const verdict = appraise(evidence, trust, labPolicy({ layers: ['kernel', 'runtime'] }), at);
    const finding = verdict.findings.find(({ code }) => code === 'LOG_PCR_MISMATCH');
    assert.match(finding?.message ?? '', /PCR 10, so these layers are unproved: runtime\.$/);
  });

  it('only notes a mismatch that no demanded layer uses', () => {
    const noise = event(5, 'EV_EFI_ACTION', 'noise');
    const { evidence, trust } = paperHost([...good, noise], goldens, [...good, event(5, 'EV_EFI_ACTION', 'other')]);
    const verdict = appraise(evidence, trust, policy, at);
    assert.equal(verdict.status, 'affirming');
    assert.deepEqual(
      verdict.findings.map(({ code, severity, pcr }) => [code, severity, pcr]),
      [['LOG_PCR_MISMATCH_UNDEMANDED', 'info', 5]],
    );
  });

  it('reports a PCR that no log explains once, not once for each of its layers', () => {
    const all = labPolicy({ layers: ['kernel', 'kernel-command-line', 'initrd'] });
    const more = [...good, event(9, 'EV_IPL', '/boot/initrd.img'), event(12, 'EV_IPL', encodeUtf16('quiet\0'))];
    const { evidence, trust } = paperHost(more, capturePaper(more), [stub, more[3] ?? stub, more[4] ?? stub]);
    const verdict = appraise(evidence, trust, all, at);
    const unlogged = verdict.findings.filter(({ code }) => code === 'LAYER_PCR_UNLOGGED');
    assert.deepEqual(
      unlogged.map(({ pcr }) => pcr),
      [11],
    );
  });

  it('names every quirk that it tolerated: what parsing showed, and what only the attested values show', () => {
    const ends = [exitBootServicesActions.invocation, exitBootServicesActions.success];
    const end = ends.map((text) => event(5, 'EV_EFI_ACTION', text));
    const shown = [...good, event(5, 'EV_SEPARATOR', new Uint8Array(4))];
    const { evidence, trust } = paperHost([...shown, ...end], goldens, shown);
    const eventLog = concatBytes(evidence.eventLog ?? assert.fail(), new Uint8Array(32).fill(0xff));
    const verdict = appraise({ ...evidence, eventLog }, trust, policy, at);
    assert.equal(verdict.status, 'affirming');
    assert.deepEqual(
      verdict.findings.map(({ code, severity, message }) => [code, severity, message.split(':')[0]]),
      [
        ['LOG_QUIRK', 'info', 'Tolerated trailing-padding'],
        ['LOG_QUIRK', 'info', 'Tolerated exit-boot-services-unlogged'],
      ],
    );
  });
});
