// Which patch a Node needs, byte for byte, and what is never touched.
import assert from 'node:assert/strict';
import { patchFor, readNode, type HostNaming } from '../../../src/controller/kubernetes/node-marks.ts';
import type { Standing } from '../../../src/controller/index.ts';

const names = { label: 'a/trusted', annotation: 'a/verdict', taint: 'a/untrusted', effect: 'NoSchedule' } as const;
const evicting = { ...names, effect: 'NoExecute' } as const;
const trusted: Standing = { trusted: true, said: true, codes: [], reason: 'trusted' };
const denied: Standing = { trusted: false, said: true, codes: ['VERDICT_EXPIRED'], reason: 'the verdict has expired' };
const silent: Standing = { trusted: false, said: false, codes: ['TOUCHSTONE_SILENT'], reason: 'nothing was said' };
const foreign = { key: 'example.com/gpu', value: 'yes', effect: 'NoSchedule' };

function node(taints: readonly object[] = [], labels: object = {}, annotations: object = {}) {
  const metadata = { name: 'n1', uid: 'u1', resourceVersion: '7', labels, annotations };
  const read = readNode({ metadata, spec: { taints } }, { by: 'name' });
  assert.ok(read);
  return read;
}

describe('the marks of a node', () => {
  it('are one label, one annotation and one taint, in a patch that names the version that was read', () => {
    assert.deepEqual(patchFor(node([foreign], { rack: '3' }), denied, names), {
      metadata: {
        uid: 'u1',
        resourceVersion: '7',
        labels: { 'a/trusted': 'false' },
        annotations: { 'a/verdict': 'VERDICT_EXPIRED: the verdict has expired' },
      },
      spec: { taints: [foreign, { key: 'a/untrusted', effect: 'NoSchedule' }] },
    });
  });

  it('leave the taints of others as they are, also fields that nobody here knows', () => {
    const strange = {
      key: 'x/y',
      effect: 'PreferNoSchedule',
      timeAdded: '2026-11-26T00:00:00Z',
      novelty: { deep: [1] },
    };
    const ours = { key: 'a/untrusted', effect: 'NoSchedule' };
    const patch = patchFor(node([foreign, ours, strange]), trusted, names) as { spec: { taints: object[] } };
    assert.deepEqual(patch.spec.taints, [foreign, strange]);
  });

  it('need no patch when they are right, and none of the taints when only words differ', () => {
    const right = node([foreign], { 'a/trusted': 'true' }, { 'a/verdict': 'trusted' });
    assert.equal(patchFor(right, trusted, names), undefined);
    const words = patchFor(node([], { 'a/trusted': 'true' }, { 'a/verdict': 'something else' }), trusted, names);
    assert.ok(words);
    assert.equal(Object.hasOwn(words, 'spec'), false);
    const labelled = patchFor(node([], { 'a/trusted': 'false' }, { 'a/verdict': 'trusted' }), trusted, names);
    assert.ok(labelled);
    assert.equal(Object.hasOwn(labelled, 'spec'), false);
  });

  it('are one taint, whatever was made of it', () => {
    const two = [
      { key: 'a/untrusted', effect: 'NoExecute' },
      { key: 'a/untrusted', effect: 'NoSchedule' },
    ];
    const patch = patchFor(node(two), denied, names) as { spec: { taints: object[] } };
    assert.deepEqual(patch.spec.taints, [{ key: 'a/untrusted', effect: 'NoSchedule' }]);
  });

  it('keep the time at which evictions began', () => {
    const begun = { key: 'a/untrusted', effect: 'NoExecute', timeAdded: '2026-11-26T00:00:00Z' };
    assert.equal(Object.hasOwn(patchFor(node([begun]), denied, evicting) ?? {}, 'spec'), false);
  });

  it('evict by the word of Touchstone only, never by its silence', () => {
    const effectOf = (standing: Standing) =>
      (patchFor(node(), standing, evicting) as { spec: { taints: { effect: string }[] } }).spec.taints[0]?.effect;
    assert.deepEqual([effectOf(denied), effectOf(silent)], ['NoExecute', 'NoSchedule']);
  });
});

describe('the host of a node', () => {
  const read = (naming: HostNaming, more: object = {}, spec: object = {}) =>
    readNode({ metadata: { name: 'n1', uid: 'u', resourceVersion: '1', ...more }, spec }, naming)?.hostId;

  it('is its name, the end of its provider id, a label or an annotation', () => {
    assert.equal(read({ by: 'name' }), 'n1');
    assert.equal(read({ by: 'provider-id' }, {}, { providerID: 'metal:///eu/hv-17.rack3' }), 'hv-17.rack3');
    assert.equal(read({ by: 'label', key: 'a/host' }, { labels: { 'a/host': 'hv-1' } }), 'hv-1');
    assert.equal(read({ by: 'annotation', key: 'a/host' }, { annotations: { 'a/host': 'hv-2' } }), 'hv-2');
  });

  it('is nobody where the node does not say', () => {
    for (const naming of [
      { by: 'provider-id' },
      { by: 'label', key: 'a/host' },
      { by: 'annotation', key: 'a/host' },
    ] as const)
      assert.equal(read(naming), undefined);
    assert.equal(read({ by: 'label', key: 'constructor' }), undefined);
    assert.equal(read({ by: 'provider-id' }, {}, { providerID: 7 }), undefined);
  });

  it('is read of nothing that is no node', () => {
    for (const object of [
      undefined,
      null,
      7,
      [],
      {},
      { metadata: {} },
      { metadata: { name: 'n', uid: 'u' } },
      { metadata: { name: 'n', uid: 'u', resourceVersion: '1' }, spec: { taints: [{}] } },
    ])
      // prettier-ignore
      assert.equal(readNode(object, { by: 'name' }), undefined);
  });
});
