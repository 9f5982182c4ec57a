import assert from 'node:assert/strict';
import { encodeUefiVariable, type EventToEncode } from '../../../../src/core/event-log/index.ts';
import { appraise } from '../../../../src/core/appraisal/index.ts';
import type { Verdict } from '../../../../src/core/verdict/index.ts';
import { labPolicy } from '../lab.ts';
import { capturePaper, event, paperHost } from '../paper-host.ts';

const at = new Date('2026-11-25T12:00:00Z');
const separator = event(7, 'EV_SEPARATOR', new Uint8Array(4));
const globalVariable = '8be4df61-93ca-11d2-aa0d-00e098032b8c';
const shimLock = '605dab50-e046-4300-abb6-3dd810dd8b23';

function variable(name: string, data: readonly number[]): EventToEncode {
  const bytes = encodeUefiVariable({ guid: globalVariable, name, data: Uint8Array.from(data) });
  return event(7, 'EV_EFI_VARIABLE_DRIVER_CONFIG', bytes);
}

const databases = ['PK', 'KEK', 'db', 'dbx'].map((name) => variable(name, []));

/** The verdict over a boot whose golden measurement operators signed just as it is: only facts can refuse it. */
function appraiseApproved(events: readonly EventToEncode[], secureBoot = true): Verdict {
  const { evidence, trust } = paperHost(events, capturePaper(events));
  const requireFacts = secureBoot ? { secureBoot: 'enabled' } : {};
  return appraise(evidence, trust, labPolicy({ layers: ['secure-boot'], requireFacts }), at);
}

function codesOf({ findings }: Verdict): readonly string[] {
  return findings.map(({ code }) => code);
}

describe('the check of facts', () => {
  const enabled = [variable('SecureBoot', [1]), ...databases, separator];

  it('accepts Secure Boot on', () => {
    assert.deepEqual(appraiseApproved(enabled).findings, []);
    assert.equal(appraiseApproved(enabled).status, 'affirming');
  });

  it('refuses Secure Boot off even where operators approved the layer', () => {
    const off = [variable('SecureBoot', [0]), ...databases, separator];
    assert.deepEqual(codesOf(appraiseApproved(off)), ['FACT_SECURE_BOOT_DISABLED']);
    assert.equal(appraiseApproved(off, false).status, 'affirming');
  });

  it('rejects when there is nothing to verify: no event says whether Secure Boot is on', () => {
    const verdict = appraiseApproved([separator]);
    assert.deepEqual(codesOf(verdict), ['FACT_SECURE_BOOT_UNKNOWN']);
    assert.equal(verdict.status, 'none');
  });

  it('refuses a shim that checks nothing', () => {
    const data = encodeUefiVariable({ guid: shimLock, name: 'MokSBState', data: Uint8Array.of(1) });
    const verdict = appraiseApproved([...enabled, event(7, 'EV_EFI_VARIABLE_AUTHORITY', data)]);
    assert.deepEqual(codesOf(verdict), ['FACT_SHIM_VALIDATION_DISABLED']);
  });

  it('refuses firmware in debug mode whatever the policy demands', () => {
    const debug = [event(7, 'EV_EFI_ACTION', 'UEFI Debug Mode'), ...enabled];
    assert.deepEqual(codesOf(appraiseApproved(debug, false)), ['FACT_DEBUG_MODE']);
  });

  it('refuses a chain that firmware declared broken', () => {
    const error = event(7, 'EV_SEPARATOR', 'vendor error data', Uint8Array.of(1, 0, 0, 0));
    const verdict = appraiseApproved([...enabled.slice(0, -1), error], false);
    assert.deepEqual(codesOf(verdict), ['FACT_MEASUREMENT_FAILED']);
  });

  it('refuses a demand about a command line that no event holds', () => {
    const { evidence, trust } = paperHost(enabled, capturePaper(enabled));
    const requireFacts = { kernelCommandLine: { forbid: ['init=/bin/sh'] } };
    const verdict = appraise(evidence, trust, labPolicy({ layers: ['secure-boot'], requireFacts }), at);
    assert.deepEqual(codesOf(verdict), ['FACT_COMMAND_LINE_UNKNOWN']);
  });
});
