// The advice about a register that only firmware extends: no log of the running system explains it.
import assert from 'node:assert/strict';
import { attest, trustedWorld } from '../support/paper-story.ts';
import { startTestServer } from '../support/test-server.ts';

describe('the advice about a log that does not lead to its register', () => {
  it('names no log of the running system where firmware alone measures: to the host, and to who asks about it', async () => {
    const server = await startTestServer();
    try {
      const { host, enrolled } = await trustedWorld(server);
      host.reboot({ tampering: ['extended-by-hand'] });
      const told = (await attest(enrolled, host)).verdict.findings;
      const explained = await server.operator.call('explainHost', { path: { hostId: host.name } });
      for (const findings of [told, explained.findings.map(({ finding }) => finding)]) {
        const found = findings.find(({ code }) => code === 'LOG_PCR_MISMATCH');
        assert.equal(found?.pcr, 4);
        assert.match(found.remedy ?? '', /^Attest once more .*no further log explains this PCR/);
        assert.doesNotMatch(found.remedy ?? '', /tpm2-measure/);
      }
      // What is kept is what the appraisal wrote: appraised again, the evidence gives the same.
      const { verdict } = await server.operator.call('getVerdict', { path: { hostId: host.name } });
      const kept = verdict?.findings.find(({ code }) => code === 'LOG_PCR_MISMATCH');
      assert.match(kept?.remedy ?? '', /tpm2-measure/);
    } finally {
      await server.close();
    }
  });
});
