// What agent, operators and hosts do over the API, in steps, with paper hosts from the simulator.
import { generateKeyPairSync } from 'node:crypto';
import { createProver } from '../../src/agent/index.ts';
import type { ApiClient, AttestationRequest, AttestationResult, Challenge, Pcrs, Prove } from '../../src/api/index.ts';
import { decodeBase64, encodeBase64, encodeHex, encodePem } from '../../src/core/encoding/index.ts';
import { bootLayers as layersOfBoot, type Layer } from '../../src/core/event-log/index.ts';
import { encodeClaimedPcrs, type ClaimedPcrs } from '../../src/core/tpm/index.ts';
import {
  createPaperHost,
  createSimulatorAuthority,
  type PaperHost,
  type PaperHostOptions,
} from '../../src/simulator/index.ts';
import { signStatement, type Operator, type Statement } from './sign-statement.ts';
import { testStart, type TestServer } from './test-server.ts';

export { signStatement, type Operator, type Statement };

export const authority = createSimulatorAuthority({ at: testStart, seed: 'server tests' });

export function paperHost(name: string, options: Partial<PaperHostOptions> = {}): PaperHost {
  return createPaperHost({ name, authority, ...options });
}

export async function trustSimulator(server: TestServer): Promise<void> {
  const pem = encodePem('CERTIFICATE', authority.rootCertificate);
  await server.operator.call('createTrustAnchor', { body: { name: 'simulator', pem, scope: 'virtual' } });
}

export interface EnrolledHost {
  readonly hostId: string;
  readonly token: string;
  /** Empty when the CA could not sign. */
  readonly akCertificate: string;
  readonly prove: Prove;
  readonly client: ApiClient;
}

export async function enrolmentBody(host: PaperHost) {
  const { certificate, chain } = await host.ekCertificates();
  return {
    hostName: host.name,
    ekPublic: encodeBase64(await host.ekPublic()),
    akPublic: encodeBase64(await host.akPublic()),
    ...(certificate === undefined ? {} : { ekCertificate: encodeBase64(certificate) }),
    ...(chain.length === 0 ? {} : { ekCertificateChain: chain.map(encodeBase64) }),
  };
}

/** `more`: what else the host sends, beside its keys and the certificates of its TPM. */
export async function enrol(
  server: TestServer,
  host: PaperHost,
  joiner?: ApiClient,
  more: { readonly platformCertificates?: string[] } = {},
): Promise<EnrolledHost> {
  const api = joiner ?? server.operator;
  const challenge = await api.call('createEnrollment', { body: { ...(await enrolmentBody(host)), ...more } });
  const secret = await host.activate(decodeBase64(challenge.credentialBlob), decodeBase64(challenge.encryptedSecret));
  const activation = await api.call('activateEnrollment', {
    path: { enrollmentId: challenge.enrollmentId },
    body: { secret: encodeBase64(secret) },
  });
  const { hostId, serverId, hostToken, akCertificate = '' } = activation;
  const prove = createProver(host, { hostId, serverId, akName: encodeHex(host.akName) });
  return { hostId, token: hostToken, akCertificate, prove, client: server.client(hostToken, prove) };
}

export function wirePcrs(pcrs: ClaimedPcrs): Pcrs {
  return encodeClaimedPcrs(pcrs);
}

/** Nothing left out but logs. */
export type SentEvidence = AttestationRequest & { readonly pcrs: Pcrs };

/** The honest answer of a host to a challenge. */
export async function evidenceFor(host: PaperHost, challenge: Challenge): Promise<SentEvidence> {
  const quote = await host.quote(decodeBase64(challenge.qualifyingData), challenge.pcrSelection);
  const eventLog = challenge.want.eventLog ? await host.eventLog() : undefined;
  const userspaceLog = challenge.want.userspaceLog ? await host.userspaceLog() : undefined;
  return {
    challengeId: challenge.challengeId,
    attest: encodeBase64(quote.attest),
    signature: encodeBase64(quote.signature),
    pcrs: wirePcrs(quote.pcrs),
    ...(eventLog === undefined ? {} : { eventLog: encodeBase64(eventLog) }),
    ...(userspaceLog === undefined ? {} : { userspaceLog: encodeBase64(userspaceLog) }),
  };
}

/** With a host: as an agent asks, which says in which boot it is. */
export async function challengeFor({ client, hostId }: EnrolledHost, host?: PaperHost): Promise<Challenge> {
  const body = host === undefined ? {} : { bootId: await host.bootId() };
  return client.call('createChallenge', { path: { hostId }, body });
}

export async function submit({ client, hostId }: EnrolledHost, body: AttestationRequest): Promise<AttestationResult> {
  return client.call('createAttestation', { path: { hostId }, body });
}

export async function attest(enrolled: EnrolledHost, host: PaperHost): Promise<AttestationResult> {
  return submit(enrolled, await evidenceFor(host, await challengeFor(enrolled, host)));
}

export async function authorise(server: TestServer, name: string, layers?: Layer[]): Promise<Operator> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  await server.operator.call('createSigner', {
    body: { name, publicKeyPem, ...(layers === undefined ? {} : { layers }) },
  });
  return { name, privateKey };
}

export async function propose(server: TestServer, statement: Statement, operators: readonly Operator[]) {
  const { payloadType, payload } = statement;
  const signatures = operators.map((operator) => ({ sig: signStatement(operator, statement) }));
  return server.operator.call('proposeGoldenMeasurement', { body: { envelope: { payloadType, payload, signatures } } });
}

export const bootLayers: Layer[] = [...layersOfBoot];

/** Captures every layer of a host, has the operators sign it, and returns the ids of what is active then. */
export async function approveBoot(
  server: TestServer,
  hostId: string,
  operators: readonly Operator[],
): Promise<string[]> {
  const { statements } = await server.operator.call('createCapture', {
    path: { hostId },
    body: { layers: bootLayers },
  });
  const ids: string[] = [];
  for (const statement of statements) ids.push((await propose(server, statement, operators)).id);
  return ids;
}

export async function applyPolicy(server: TestServer, id = 'fleet', more: object = {}): Promise<void> {
  const body = { layers: bootLayers, verdictSeconds: 600, hosts: { all: true as const }, ...more };
  await server.operator.call('putPolicy', { path: { policyId: id }, body });
}

export interface TrustedWorld {
  readonly host: PaperHost;
  readonly enrolled: EnrolledHost;
  readonly operators: readonly [Operator, Operator];
  readonly goldens: readonly string[];
}

/** A server that trusts one host: enrolled, captured, approved by two operators, attested. */
export async function trustedWorld(
  server: TestServer,
  name = 'hv-1',
  options: Partial<PaperHostOptions> = {},
): Promise<TrustedWorld> {
  const { items: anchors } = await server.operator.call('listTrustAnchors', {});
  if (anchors.length === 0) await trustSimulator(server);
  const host = paperHost(name, options);
  const enrolled = await enrol(server, host);
  await attest(enrolled, host);
  const operators = [await authorise(server, 'alice'), await authorise(server, 'bob')] as const;
  const goldens = await approveBoot(server, enrolled.hostId, operators);
  await applyPolicy(server);
  await attest(enrolled, host);
  return { host, enrolled, operators, goldens };
}
