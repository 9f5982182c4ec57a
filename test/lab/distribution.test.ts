// Which packages the guests are made of, told from what apt offers.
import assert from 'node:assert/strict';
import { chooseDistribution, distributions } from '../../lab/distribution.ts';

describe("choosing what the lab's guests are made of", () => {
  it('takes Debian by its cloud kernel', () => {
    const offered = ['linux-image-amd64', 'linux-image-cloud-amd64', 'linux-image-6.1.0-56-cloud-amd64'];
    assert.equal(chooseDistribution(offered)?.name, 'Debian');
  });

  it('takes Ubuntu by its kernel for virtual machines', () => {
    const offered = ['linux-image-generic', 'linux-image-virtual', 'linux-image-6.8.0-151-generic'];
    const ubuntu = chooseDistribution(offered);
    assert.equal(ubuntu?.name, 'Ubuntu');
    assert.equal(ubuntu.modules?.('6.8.0-151-generic'), 'linux-modules-6.8.0-151-generic');
  });

  it('takes nothing where apt offers no kernel of either', () => {
    assert.equal(chooseDistribution(['linux-image-686', '']), undefined);
    assert.equal(chooseDistribution([]), undefined);
  });

  it('knows two kernels of each distribution, and a folder of its own for GRUB', () => {
    const kernels = distributions.flatMap(({ kernels: { usual, other } }) => [usual, other]);
    assert.equal(new Set(kernels).size, 2 * distributions.length);
    assert.equal(new Set(distributions.map(({ grubFolder }) => grubFolder)).size, distributions.length);
  });
});
