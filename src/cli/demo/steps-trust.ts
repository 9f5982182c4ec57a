// The first half of the story: how a host comes to be trusted.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attest, enrol } from '../../agent/index.ts';
import type { GoldenMeasurement } from '../../api/index.ts';
import { counted, decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from '../../core/encoding/index.ts';
import { goldenPayloadType } from '../../core/golden/index.ts';
import { statusOfEar, verifyEarJwt } from '../../core/verdict/index.ts';
import { AttestationError } from '../../core/error.ts';
import { parseJwks } from '../../core/crypto/index.ts';
import { bootLayers } from '../../core/event-log/index.ts';
import { signGolden } from '../changes/golden-signing.ts';
import { DemoError } from './demo-error.ts';
import { runCommand } from '../server-process.ts';
import { decisiveFindings, type StepOutcome } from './step.ts';
import { askAdmission, hostName, readEnrolment, serverId, stateDirectory, type DemoWorld } from './world.ts';

export async function initServer(world: DemoWorld): Promise<StepOutcome> {
  const { folder, server, machine, operators, tokens } = world;
  const listen = new URL(server.url).host;
  const tokenFile = join(folder, 'operator.token');
  const data = join(folder, 'server');
  runCommand([
    'server',
    'init',
    '--data',
    data,
    '--server-id',
    serverId,
    '--listen',
    listen,
    '--token-file',
    tokenFile,
  ]);
  await server.start();
  tokens.set('operator', readToken(tokenFile));
  const operator = world.as('operator');
  for (const role of ['joiner', 'orchestrator'] as const) {
    tokens.set(role, (await operator.call('createToken', { body: { name: `demo ${role}`, role } })).token);
  }
  for (const pem of machine.anchors) {
    await operator.call('createTrustAnchor', { body: { name: 'demo TPM maker', pem, scope: 'virtual' } });
  }
  for (const { name, publicKeyPem } of operators) await operator.call('createSigner', { body: { name, publicKeyPem } });
  await operator.call('putPolicy', {
    path: { policyId: 'fleet' },
    body: {
      layers: [...bootLayers],
      bank: 'sha256',
      verdictSeconds: 3600,
      requireFacts: { secureBoot: 'enabled' },
      hosts: { all: true },
    },
  });
  operator.close();
  const names = operators.map(({ name }) => name).join(' and ');
  return {
    ok: true,
    sentence: `a server runs at ${server.url}; ${names} may approve golden measurements, two together`,
  };
}

function readToken(file: string): string {
  return readFileSync(file, 'utf8').trim();
}

export async function enrolHost(world: DemoWorld): Promise<StepOutcome> {
  const { machine, server, tokens } = world;
  await machine.boot('good');
  const { hostId, akName } = await enrol({
    server: { baseUrl: server.url },
    token: tokens.get('joiner'),
    device: machine.device,
    stateDirectory: stateDirectory(world),
    hostName,
    ekCertificateChain: machine.chain,
  });
  const sentence = `${hostId} proved that the key ${akName.slice(4, 20)}… lives in a TPM whose maker is trusted`;
  return { ok: hostId === hostName, sentence };
}

/** Fresh evidence, as the agent sends it. */
export async function attestHost(world: DemoWorld) {
  const { verdict } = await attest({ device: world.machine.device, stateDirectory: stateDirectory(world) });
  return verdict;
}

export async function denyBeforeGolden(world: DemoWorld): Promise<StepOutcome> {
  const verdict = await attestHost(world);
  const { decision } = await askAdmission(world);
  return {
    ok: verdict.status !== 'affirming' && decision === 'deny',
    verdict: verdict.status,
    decision,
    findings: decisiveFindings(verdict),
    sentence: 'a genuine quote, and still denied: nobody has signed yet what a good boot measures to',
  };
}

export async function captureGoldens(world: DemoWorld): Promise<StepOutcome> {
  const { statements } = await callCapture(world);
  const captured = statements.map(({ layer }) => layer);
  return {
    ok: bootLayers.every((layer) => captured.includes(layer)) && statements.every(({ isNew }) => isNew),
    sentence: `this boot was drafted as ${counted(captured.length, 'statement')} (${captured.join(', ')}): a proposal, nothing more`,
  };
}

async function callCapture(world: DemoWorld) {
  const operator = world.as('operator');
  try {
    return await operator.call('createCapture', { path: { hostId: hostName }, body: { layers: [...bootLayers] } });
  } finally {
    operator.close();
  }
}

export async function signAndActivate(world: DemoWorld): Promise<StepOutcome> {
  const { statements } = await callCapture(world);
  const [first, second] = world.operators;
  if (first === undefined || second === undefined) throw new DemoError('two operators are needed');
  const operator = world.as('operator');
  const states: [GoldenMeasurement['state'], GoldenMeasurement['state']][] = [];
  for (const statement of statements) {
    const payload = decodeBase64(statement.payload);
    const signatures = [signGolden(payload, first.privateKey)];
    const envelope = { payloadType: goldenPayloadType, payload: encodeBase64(payload), signatures };
    const proposed = await operator.call('proposeGoldenMeasurement', { body: { envelope } });
    const path = { goldenId: proposed.id };
    const body = signGolden(payload, second.privateKey);
    const active = await operator.call('signGoldenMeasurement', { path, body });
    states.push([proposed.state, active.state]);
  }
  operator.close();
  return {
    ok: states.length > 0 && states.every(([before, after]) => before === 'proposed' && after === 'active'),
    sentence: `${first.name} signed ${counted(states.length, 'golden measurement')}, which changed nothing; ${second.name} signed too, and all are active`,
  };
}

export async function attestTrusted(world: DemoWorld): Promise<StepOutcome> {
  const verdict = await attestHost(world);
  return {
    ok: verdict.status === 'affirming',
    verdict: verdict.status,
    findings: decisiveFindings(verdict),
    sentence: `the same boot attests again: ${Object.keys(verdict.layers).length} layers match what two operators signed`,
  };
}

export async function admissionAllow(world: DemoWorld): Promise<StepOutcome> {
  const { decision, validUntil, reasons } = await askAdmission(world);
  return {
    ok: decision === 'allow',
    decision,
    findings: reasons,
    sentence: `a scheduler asks for payments-db: ${decision}, good until ${validUntil}`,
  };
}

/** With nothing but the token and the server's published keys. */
export async function verifyTokenOffline(world: DemoWorld): Promise<StepOutcome> {
  const operator = world.as('operator');
  const { hostId } = await readEnrolment(world);
  const answer = await operator.callRaw('getVerdict', { path: { hostId }, headers: { accept: 'application/eat+jwt' } });
  const jwks = encodeUtf8(JSON.stringify(await operator.call('getJwks', {})));
  operator.close();
  const token = decodeUtf8(answer.body).trim();
  writeFileSync(join(world.folder, 'verdict.jwt'), token);
  writeFileSync(join(world.folder, 'jwks.json'), jwks);
  const keys = parseJwks(jwks);
  const expectation = { at: world.now(), issuer: serverId };
  const { ear } = await verifyEarJwt(token, keys, expectation);
  const forged = await refusalOf(() => verifyEarJwt(forge(token), keys, expectation));
  const status = statusOfEar(ear);
  return {
    ok: status === 'affirming' && forged !== undefined,
    verdict: status,
    sentence: `the verdict as a signed token (EAR) is proved without the server; with one character changed it is refused (${forged ?? 'accepted'})`,
  };
}

async function refusalOf(work: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof AttestationError) return error.code;
    throw error;
  }
}

/** Another first character of the signature. */
function forge(token: string): string {
  const at = token.lastIndexOf('.') + 1;
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}
