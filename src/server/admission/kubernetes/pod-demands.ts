// What a pod demands of its node: what operators set for its namespace, and what its annotations add. Whoever may create pods
// writes annotations, so they only ever strengthen, and one that is not understood denies: a typing error must not weaken.
import type { NamespaceDemands, ServerConfig } from '../../config/config.ts';
import type { Demands } from '../demands.ts';

export type PodDemands = { readonly demands: Demands } | { readonly mistake: string };

interface Draft {
  minimumStatus: Demands['minimumStatus'];
  maxAgeSeconds: number | undefined;
  requireLabels: Map<string, string>;
  zone: string | undefined;
  confidentialComputing: boolean;
}

/** Each annotation: what it adds to the draft, or what is wrong with it. */
const readers: Readonly<Record<string, (draft: Draft, text: string) => string | undefined>> = {
  'minimum-status': (draft, text) => {
    if (text !== 'affirming') return 'may only be affirming: what is accepted of a node is the operators’ to say';
    draft.minimumStatus = 'affirming';
    return undefined;
  },
  'max-age-seconds': (draft, text) => {
    if (!/^[1-9]\d{0,8}$/.test(text)) return 'is no number of seconds';
    draft.maxAgeSeconds = Math.min(Number(text), draft.maxAgeSeconds ?? Infinity);
    return undefined;
  },
  'require-labels': (draft, text) => {
    for (const pair of text.split(',')) {
      const [, name, value] = /^([^=]{1,128})=([^=]{0,256})$/.exec(pair.trim()) ?? [];
      if (name === undefined || value === undefined) return 'is no list of name=value';
      if ((draft.requireLabels.get(name) ?? value) !== value) return `demands two values of ${name}`;
      draft.requireLabels.set(name, value);
    }
    return undefined;
  },
  zone: (draft, text) => {
    if (text === '' || (draft.zone ?? text) !== text) return 'is empty, or not the zone of the namespace';
    draft.zone = text;
    return undefined;
  },
  'confidential-computing': (draft, text) => {
    if (text !== 'true') return 'may only be true';
    draft.confidentialComputing = true;
    return undefined;
  },
};

export function demandsOfPod(
  { prefix, namespaces }: ServerConfig['kubernetes'],
  namespace: string | undefined,
  annotations: Readonly<Record<string, unknown>>,
): PodDemands {
  const set = namespaceDemands(namespaces, namespace);
  const draft: Draft = {
    minimumStatus: set?.minimumStatus ?? 'affirming',
    maxAgeSeconds: set?.maxAgeSeconds,
    requireLabels: new Map(Object.entries(set?.requireLabels ?? {})),
    zone: set?.zone,
    confidentialComputing: set?.confidentialComputing ?? false,
  };
  for (const [annotation, text] of Object.entries(annotations)) {
    if (!annotation.startsWith(`${prefix}/`)) continue;
    const name = annotation.slice(prefix.length + 1);
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    const wrong = read === undefined ? 'is not known' : typeof text !== 'string' ? 'is no text' : read(draft, text);
    if (wrong !== undefined) return { mistake: `annotation ${annotation} ${wrong}` };
  }
  const { requireLabels, ...rest } = draft;
  return {
    demands: {
      ...rest,
      requireLabels: Object.fromEntries(requireLabels),
      requireVector: {},
      tenant: set?.tenant,
      refuseHeld: set?.refuseHeld ?? false,
    },
  };
}

/** By name first, and `*` for all that are not named. */
function namespaceDemands(
  namespaces: readonly NamespaceDemands[],
  namespace: string | undefined,
): NamespaceDemands | undefined {
  return namespaces.find(({ name }) => name === namespace) ?? namespaces.find(({ name }) => name === '*');
}
