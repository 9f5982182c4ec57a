// Evidence bundles: archives from anywhere, and what each part says of a host, of trust, of an attestation.
import { parseGolden } from '../../src/core/golden/index.ts';
import { encodeUtf8 } from '../../src/core/encoding/index.ts';
import {
  attestationText,
  encodeArchive,
  encodeHost,
  encodeTrust,
  parseArchive,
  partsOf,
  readAttestation,
  readHost,
  readTrust,
  type RecordedHost,
} from '../../src/core/evidence-bundle/index.ts';
import { createPaperHost, createSimulatorAuthority } from '../../src/simulator/index.ts';
import { noon } from '../core/golden/material.ts';
import { labFile } from './corpus.ts';
import { jsonTokens } from './targets-event-log.ts';
import type { FuzzTarget } from './target.ts';

interface SmallHost {
  readonly recorded: RecordedHost;
  readonly chain: readonly Uint8Array[];
  readonly rootCertificate: Uint8Array;
}

async function smallHost(): Promise<SmallHost> {
  const authority = createSimulatorAuthority({ at: noon, seed: 'fuzz' });
  const host = createPaperHost({ name: 'hv', authority });
  const { certificate, chain } = await host.ekCertificates();
  const recorded = {
    id: 'hv',
    epoch: 1,
    ekPublic: await host.ekPublic(),
    akPublic: await host.akPublic(),
    ekCertificate: certificate,
    ekChain: chain,
    platformCertificates: [],
    deviceIdentity: undefined,
    endorser: { id: 'a'.repeat(64), name: 'simulator' },
    enrolledAt: noon.getTime(),
  };
  return { recorded, chain, rootCertificate: authority.rootCertificate };
}

/** The host of `smallBundle`. */
export async function smallHostParts(): Promise<ReadonlyMap<string, Uint8Array>> {
  return partsOf(encodeHost((await smallHost()).recorded));
}

/** Everything but what the manifest covers: so that changes reach the readers behind it. */
async function smallBundle(): Promise<Uint8Array> {
  const { recorded, chain, rootCertificate } = await smallHost();
  const rules = { goldenQuorum: 1, allowUnverifiedEk: false, deviceIdentity: 'off' } as const;
  const clock = { clockMs: 5n, resetCount: 1, restartCount: 2, safe: true };
  const attestation = attestationText({
    serverId: 'fuzz.example',
    host: 'hv',
    at: noon,
    challenge: { id: 'chl', nonce: new Uint8Array(32), drawnAt: noon },
    previousBoot: { clock, firmwareVersion: 7n },
    labels: { rack: '1' },
    policy: { id: 'fleet', version: 1 },
    keptBack: [],
    rules,
  });
  const anchor = { name: 'simulator', scope: 'virtual', revocation: 'require' } as const;
  const trust = {
    signers: [{ name: 'alice', publicKeyPem: 'x', layers: ['kernel' as const] }],
    goldens: [labFile('../../../golden-measurements/lab-sb-on/kernel.dsse.json')],
    denyLists: [],
    namedGoldens: [],
    anchors: [{ ...anchor, certificate: rootCertificate }],
    intermediates: chain,
    revocationLists: [],
    policies: [{ id: 'fleet', version: 1 }],
  };
  return encodeArchive([
    { name: 'attestation.json', bytes: encodeUtf8(attestation) },
    ...encodeHost(recorded),
    ...encodeTrust(trust),
  ]);
}

export const evidenceTargets: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  'evidence-archive': async () => ({
    name: 'evidence-archive',
    seeds: [encodeArchive([{ name: 'a/b.json', bytes: encodeUtf8('{}') }]), await smallBundle()],
    tokens: ['ustar\x0000', '../', '0000644\0'].map(encodeUtf8),
    run: parseArchive,
  }),
  'evidence-parts': async () => ({
    name: 'evidence-parts',
    seeds: [await smallBundle()],
    tokens: jsonTokens,
    run: (bytes) => {
      const parts = partsOf(parseArchive(bytes));
      const trust = readTrust(parts);
      trust.goldens.forEach(parseGolden);
      return [readHost(parts).id, readAttestation(parts), trust.anchors.length];
    },
  }),
};
