// The other side of the lab: a real Touchstone server on the loopback interface of this machine, and the people around it.
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { createApiClient, type ApiClient, type WireVerdict } from '../src/api/index.ts';
import { createOperator } from '../src/cli/demo/world.ts';
import { createServerProcess, findFreePort, runCommand } from '../src/cli/server-process.ts';
import { signGolden } from '../src/cli/changes/golden-signing.ts';
import { readPolicyDocument, shippedPolicyFile } from '../src/cli/inputs/policy-document.ts';
import { decodeBase64, encodeBase64 } from '../src/core/encoding/index.ts';
import { goldenPayloadType } from '../src/core/golden/index.ts';
import { bootLayers } from '../src/core/event-log/index.ts';
import { LabError } from './lab-error.ts';
import type { Recorder } from './recorder.ts';

export interface Site {
  /** How a guest reaches the server: QEMU's user network passes it on to this machine's loopback interface. */
  readonly urlForGuests: string;
  readonly operator: ApiClient;
  /** A fresh join token. */
  joinToken(): Promise<string>;
  trustTpmMaker(name: string, pem: string): Promise<void>;
  /** A policy for one host only: it wins over the one for all. */
  holdTo(host: string, policy: PolicyOfOne): Promise<void>;
  /** Both operators sign; then it is active.
   * @param payloads golden statements */
  approve(payloads: readonly Uint8Array[]): Promise<void>;
  /** Statements about the last boot of a host, not approved by anybody. */
  capture(host: string, layers: readonly Layer[]): Promise<readonly Uint8Array[]>;
  /** The hosts that would gain trust if these statements were active too; nothing is changed. */
  wouldGain(statements: readonly Uint8Array[]): Promise<readonly string[]>;
  /** The verdict that holds for a host, as any relying party sees it. */
  verdictOf(host: string): Promise<WireVerdict>;
  /** The same, right after the host attested; the run remembers it where fixtures are retaken. */
  recordAttestation(host: string): Promise<WireVerdict>;
  /** What an orchestrator is told. */
  admissionOf(host: string): Promise<'allow' | 'deny'>;
  close(): Promise<void>;
}

export type Layer = (typeof bootLayers)[number] | 'runtime';

/** The lab's own without its demand for Secure Boot, or one that comes with Touchstone, as it stands. */
export type PolicyOfOne = 'without-secure-boot' | 'hypervisor-strict';

const policy = { layers: [...bootLayers, 'runtime' as const], bank: 'sha256' as const, verdictSeconds: 3600 };

/** Makes and starts the server below `folder`. Its policy for every host: all layers, and Secure Boot. */
export async function openSite(folder: string, recorder?: Recorder): Promise<Site> {
  const port = await findFreePort();
  const data = join(folder, 'server');
  const tokenFile = join(folder, 'operator.token');
  const where = ['--data', data, '--server-id', 'lab.touchstone', '--listen', `127.0.0.1:${port}`];
  runCommand(['server', 'init', ...where, '--token-file', tokenFile]);
  const server = createServerProcess(folder, data, `http://127.0.0.1:${port}`);
  await server.start();
  const operator = createApiClient({ baseUrl: server.url, token: readFileSync(tokenFile, 'utf8').trim() });
  const operators = [createOperator('ada'), createOperator('grace')];
  for (const { name, publicKeyPem } of operators) await operator.call('createSigner', { body: { name, publicKeyPem } });
  await operator.call('putPolicy', {
    path: { policyId: 'fleet' },
    body: { ...policy, requireFacts: { secureBoot: 'enabled' }, hosts: { all: true } },
  });
  const verdictOf = async (hostId: string): Promise<WireVerdict> => {
    const { verdict } = await operator.call('getVerdict', { path: { hostId } });
    if (verdict === undefined) throw new LabError(`${hostId} has no verdict`);
    return verdict;
  };
  let tokens = 0;
  return {
    urlForGuests: `http://10.0.2.2:${port}`,
    operator,
    joinToken: async () => {
      const name = `join ${(tokens += 1)}`;
      return (await operator.call('createToken', { body: { name, role: 'joiner' } })).token;
    },
    trustTpmMaker: async (name, pem) => {
      await operator.call('createTrustAnchor', { body: { name, pem, scope: 'virtual' } });
    },
    holdTo: async (host, name) => {
      const document =
        name === 'without-secure-boot' ? policy : readPolicyDocument(shippedPolicyFile(name), name).document;
      const body = { ...document, hosts: { names: [host] } };
      await operator.call('putPolicy', { path: { policyId: `${host}-${name}` }, body });
    },
    approve: async (payloads) => {
      for (const payload of payloads) {
        const signatures = operators.map(({ privateKey }) => signGolden(payload, privateKey));
        const envelope = { payloadType: goldenPayloadType, payload: encodeBase64(payload), signatures };
        const { state, layer } = await operator.call('proposeGoldenMeasurement', { body: { envelope } });
        if (state !== 'active') throw new LabError(`two operators signed layer ${layer}, and it is ${state}`);
        recorder?.approved(payload);
      }
    },
    capture: async (hostId, layers) => {
      const body = { layers: [...layers] };
      const { statements } = await operator.call('createCapture', { path: { hostId }, body });
      return statements.map(({ payload }) => decodeBase64(payload));
    },
    wouldGain: async (statements) => {
      const body = { activate: statements.map((payload) => ({ statement: encodeBase64(payload) })) };
      for await (const { result } of operator.callLines('askWhatIf', { body }))
        if (result !== undefined)
          return result.groups.filter(({ kind }) => kind === 'gained').flatMap(({ hosts }) => hosts);
      throw new LabError('what-if ended without a result');
    },
    verdictOf,
    recordAttestation: async (hostId) => {
      const verdict = await verdictOf(hostId);
      recorder?.attested(verdict, await operator.call('getEvidence', { path: { hostId } }));
      return verdict;
    },
    admissionOf: async (host) => {
      const body = { host, minimumStatus: 'affirming' as const };
      return (await operator.call('createAdmissionDecision', { body })).decision;
    },
    close: async () => {
      operator.close();
      await server.stop();
    },
  };
}
