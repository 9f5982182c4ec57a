import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { routes } from '../../../src/api/index.ts';
import { findPlacement } from '../../../src/server/admission/kubernetes/placement.ts';

const read = (name: string) =>
  parse(readFileSync(new URL(`../../../deploy/kubernetes/${name}`, import.meta.url), 'utf8')) as Record<string, never>;

interface Webhook {
  readonly clientConfig: { readonly url: string };
  readonly failurePolicy: string;
  readonly sideEffects: string;
  readonly rules: readonly { apiGroups: string[]; resources: string[]; operations: string[] }[];
  readonly namespaceSelector: {
    readonly matchExpressions: readonly { key: string; operator: string; values: string[] }[];
  };
}

describe('manifests for Kubernetes', () => {
  const [webhook] = read('webhook.yaml')['webhooks'] as unknown as readonly Webhook[];
  const [extender] = read('scheduler.yaml')['extenders'] as unknown as readonly Record<string, unknown>[];

  it('attack 42: fail closed', () => {
    assert.equal(webhook?.failurePolicy, 'Fail');
    assert.equal(webhook.sideEffects, 'None');
    assert.deepEqual([extender?.['ignorable'], extender?.['enableHTTPS']], [false, true]);
    assert.ok(
      (extender?.['tlsConfig'] as { caFile?: string }).caFile,
      'without an authority TLS would not be verified',
    );
  });

  it('call routes that are there', () => {
    assert.equal(new URL(webhook?.clientConfig.url ?? '').pathname, routes.reviewKubernetesAdmission.path);
    const { pathname } = new URL(String(extender?.['urlPrefix']));
    assert.equal(`${pathname}/${String(extender?.['filterVerb'])}`, routes.filterKubernetesNodes.path);
    assert.equal(`${pathname}/${String(extender?.['prioritizeVerb'])}`, routes.prioritizeKubernetesNodes.path);
  });

  it('tell the scheduler how it reaches its own API server: beside a configuration it reads no --kubeconfig', () => {
    assert.deepEqual(read('scheduler.yaml')['clientConnection'], { kubeconfig: '/etc/kubernetes/scheduler.conf' });
  });

  it('name only what the webhook understands', () => {
    for (const { apiGroups, resources, operations } of webhook?.rules ?? assert.fail()) {
      for (const resource of resources) {
        for (const operation of operations) {
          const [name = '', subResource] = resource.split('/');
          const object = { target: { name: 'hv-1' } };
          const request = { resource: { group: apiGroups[0] ?? '', resource: name }, operation, object };
          const placement = findPlacement(subResource === undefined ? request : { ...request, subResource });
          assert.notEqual(placement.kind, 'unreadable', `${operation} ${resource}`);
        }
      }
    }
  });

  it('leave out the namespaces without which nothing could start, by a label that users cannot set', () => {
    assert.deepEqual(webhook?.namespaceSelector.matchExpressions, [
      { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'touchstone'] },
    ]);
  });
});
