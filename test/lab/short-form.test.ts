// The lab's short form: real guests, measured by real firmware into a TPM, with our agent inside and our server outside.
// `npm run lab` tells every story; these two are told here.
import assert from 'node:assert/strict';
import { openLab, type Lab } from '../../lab/lab.ts';
import { shortForm } from '../../lab/scenarios.ts';

describe('real guests under QEMU', function () {
  // A boot takes half a minute without KVM, and several times that on a machine that does much else.
  this.timeout(1_200_000);
  let lab: Lab | undefined;
  before(async () => {
    lab = await openLab();
  });
  after(async () => lab?.close());

  for (const scenario of shortForm) {
    it(scenario.title, async () => {
      assert.ok(lab);
      await scenario.run(lab);
    });
  }
});
