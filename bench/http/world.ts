// A product server with a fleet that is trusted: enrolled, captured, approved and attested over the API, as users do it.
import { generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProver } from '../../src/agent/index.ts';
import { createApiClient, type ApiClient, type Prove } from '../../src/api/index.ts';
import { decodeBase64, encodeBase64, encodeHex, encodePem, preAuthEncoding } from '../../src/core/encoding/index.ts';
import { encodeClaimedPcrs } from '../../src/core/tpm/index.ts';
import { createPaperHost, createSimulatorAuthority, type PaperHost } from '../../src/simulator/index.ts';
import { bootLayers } from '../../src/core/event-log/index.ts';
import { fullSizeLog } from '../full-size-log.ts';
import { startChild, type ServerChild } from './child.ts';
import { concurrency } from './load.ts';
import type { ProductReady, ProductSettings } from './product-child.ts';
import type { TlsFiles } from './tls.ts';

export interface FleetHost {
  readonly host: PaperHost;
  readonly hostId: string;
  readonly token: string;
  readonly prove: Prove;
  /** Its event log, written out once: a machine reads it, and does not make it. */
  readonly log: Uint8Array;
}

export interface World {
  readonly server: ServerChild<ProductReady>;
  readonly ca: string;
  /** One for each lane of the load, unless told. */
  readonly fleet: readonly FleetHost[];
  readonly orchestratorToken: string;
}

export async function createTrustedWorld(
  folder: string,
  tls: TlsFiles,
  settings: object = {},
  hosts = concurrency,
): Promise<World> {
  const ca = readFileSync(tls.certFile, 'utf8');
  const start = { dataDirectory: join(folder, 'data'), ...tls, settings: { ...settings } } satisfies ProductSettings;
  const server = await startChild<ProductReady>('product-child', start);
  const api = createApiClient({ baseUrl: server.ready.url, ca, token: server.ready.operatorToken });
  const authority = createSimulatorAuthority({ at: new Date(), seed: 'bench' });
  const pem = encodePem('CERTIFICATE', authority.rootCertificate);
  await api.call('createTrustAnchor', { body: { name: 'bench', pem, scope: 'virtual' } });
  const eventLog = fullSizeLog();
  const fleet: FleetHost[] = [];
  for (let number = 0; number < hosts; number += 1) {
    const name = `bench-${number}`;
    const host = createPaperHost({ name, authority, eventLog, banks: ['sha1', 'sha256'] });
    fleet.push(await enrol(api, host));
  }
  await approve(api, server.ready.url, ca, fleet);
  const token = await api.call('createToken', { body: { name: 'bench', role: 'orchestrator' } });
  api.close();
  return { server, ca, fleet, orchestratorToken: token.token };
}

async function enrol(api: ApiClient, host: PaperHost): Promise<FleetHost> {
  const { certificate, chain } = await host.ekCertificates();
  const { enrollmentId, credentialBlob, encryptedSecret } = await api.call('createEnrollment', {
    body: {
      hostName: host.name,
      ekPublic: encodeBase64(await host.ekPublic()),
      akPublic: encodeBase64(await host.akPublic()),
      ...(certificate === undefined ? {} : { ekCertificate: encodeBase64(certificate) }),
      ekCertificateChain: chain.map(encodeBase64),
    },
  });
  const secret = await host.activate(decodeBase64(credentialBlob), decodeBase64(encryptedSecret));
  const path = { enrollmentId };
  const { hostId, serverId, hostToken } = await api.call('activateEnrollment', {
    path,
    body: { secret: encodeBase64(secret) },
  });
  const prove = createProver(host, { hostId, serverId, akName: encodeHex(host.akName) });
  return { host, hostId, token: hostToken, prove, log: (await host.eventLog()) ?? new Uint8Array() };
}

/** All hosts boot alike: what the first one measured is approved for all. */
async function approve(api: ApiClient, baseUrl: string, ca: string, fleet: readonly FleetHost[]): Promise<void> {
  const [first] = fleet;
  if (first === undefined) throw new TypeError('a fleet has hosts');
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await api.call('createSigner', { body: { name: 'bench', publicKeyPem } });
  const demands = {
    verdictSeconds: 3600,
    requireFacts: { secureBoot: 'enabled' as const },
    hosts: { all: true as const },
  };
  await api.call('putPolicy', { path: { policyId: 'fleet' }, body: { ...demands, layers: [...bootLayers] } });
  const client = createApiClient({ baseUrl, ca, token: first.token, prove: first.prove });
  await attestOnce(client, first);
  const captured = await api.call('createCapture', {
    path: { hostId: first.hostId },
    body: { layers: [...bootLayers] },
  });
  for (const { payloadType, payload } of captured.statements) {
    const message = preAuthEncoding(payloadType, decodeBase64(payload));
    const sig = encodeBase64(new Uint8Array(sign(null, message, privateKey)));
    await api.call('proposeGoldenMeasurement', { body: { envelope: { payloadType, payload, signatures: [{ sig }] } } });
  }
  client.close();
  for (const member of fleet) {
    const own = createApiClient({ baseUrl, ca, token: member.token, prove: member.prove });
    const { status } = await attestOnce(own, member);
    own.close();
    if (status !== 'affirming') throw new TypeError(`the benchmark's own fleet is ${status}`);
  }
}

async function attestOnce(client: ApiClient, member: FleetHost): Promise<{ readonly status: string }> {
  const { hostId } = member;
  const challenge = await client.call('createChallenge', { path: { hostId }, body: {} });
  const body = await answerChallenge(member, challenge, true);
  return (await client.call('createAttestation', { path: { hostId }, body })).verdict;
}

export interface OpenChallenge {
  readonly challengeId: string;
  readonly qualifyingData: string;
  readonly pcrSelection: readonly {
    readonly bank: 'sha1' | 'sha256' | 'sha384' | 'sha512';
    readonly pcrs: readonly number[];
  }[];
  readonly want: { readonly pcrs?: boolean };
}

/** The body of an attestation, with or without the log. Its PCR values are those of every one before. */
export async function answerChallenge({ host, log }: FleetHost, challenge: OpenChallenge, withLog: boolean) {
  const quote = await host.quote(decodeBase64(challenge.qualifyingData), challenge.pcrSelection);
  return {
    challengeId: challenge.challengeId,
    attest: encodeBase64(quote.attest),
    signature: encodeBase64(quote.signature),
    ...(challenge.want.pcrs === false ? {} : { pcrs: encodeClaimedPcrs(quote.pcrs) }),
    ...(withLog ? { eventLog: encodeBase64(log) } : {}),
  };
}
