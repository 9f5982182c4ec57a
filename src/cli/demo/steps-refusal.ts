// The second half of the story: what is refused, and why; and that nothing acknowledged is ever lost.
import { enrol } from '../../agent/index.ts';
import { ApiProblem, type AttestationRequest, type WireVerdict } from '../../api/index.ts';
import { decodeBase64, encodeBase64 } from '../../core/encoding/index.ts';
import { encodeClaimedPcrs } from '../../core/tpm/index.ts';
import { join } from 'node:path';
import { attestHost } from './steps-trust.ts';
import { decisiveFindings, type StepFinding, type StepOutcome } from './step.ts';
import { asHost, askAdmission, clonedName, hostName, type DemoWorld } from './world.ts';

export async function refuseCommandLine(world: DemoWorld): Promise<StepOutcome> {
  await world.machine.boot('changedCommandLine');
  const verdict = await attestHost(world);
  const finding = verdict.findings.find(({ layer }) => layer === 'kernel-command-line');
  return denied(world, verdict, {
    expected: finding !== undefined,
    sentence: 'the host booted with one word more on its kernel command line',
  });
}

export async function refuseSecureBootOff(world: DemoWorld): Promise<StepOutcome> {
  await world.machine.boot('secureBootOff');
  const verdict = await attestHost(world);
  const finding = verdict.findings.find(({ layer }) => layer === 'secure-boot');
  return denied(world, verdict, {
    expected: finding !== undefined,
    sentence: 'somebody switched Secure Boot off in the firmware and booted unsigned software',
  });
}

async function denied(
  world: DemoWorld,
  verdict: WireVerdict,
  { expected, sentence }: { readonly expected: boolean; readonly sentence: string },
): Promise<StepOutcome> {
  const { decision } = await askAdmission(world);
  return {
    ok: expected && verdict.status !== 'affirming' && decision === 'deny',
    verdict: verdict.status,
    decision,
    findings: decisiveFindings(verdict),
    sentence: `${sentence}: ${verdict.status}, and no workload is placed on it`,
  };
}

/** The quote of a good boot, kept and sent again by a machine that has booted something else since. */
export async function refuseReplayedQuote(world: DemoWorld): Promise<StepOutcome> {
  const { machine } = world;
  const host = await asHost(world);
  const path = { hostId: hostName };
  await machine.boot('good');
  const eventLog = await machine.device.eventLog();
  const first = await host.call('createChallenge', { path, body: {} });
  const quote = await machine.device.quote(decodeBase64(first.qualifyingData), first.pcrSelection);
  const evidence: AttestationRequest = {
    challengeId: first.challengeId,
    attest: encodeBase64(quote.attest),
    signature: encodeBase64(quote.signature),
    pcrs: encodeClaimedPcrs(quote.pcrs),
    ...(eventLog === undefined ? {} : { eventLog: encodeBase64(eventLog) }),
  };
  const honest = await host.call('createAttestation', { path, body: evidence });
  await machine.boot('changedCommandLine');
  const again = await refusalOf(() => host.call('createAttestation', { path, body: evidence }));
  const second = await host.call('createChallenge', { path, body: {} });
  const replayed = await host.call('createAttestation', {
    path,
    body: { ...evidence, challengeId: second.challengeId },
  });
  host.close();
  const findings = decisiveFindings(replayed.verdict);
  const { decision } = await askAdmission(world);
  return {
    ok:
      honest.verdict.status === 'affirming' &&
      again !== undefined &&
      replayed.verdict.status !== 'affirming' &&
      decision === 'deny',
    verdict: replayed.verdict.status,
    decision,
    findings: [...(again === undefined ? [] : [again]), ...findings],
    sentence: 'an old quote of a good boot was sent again: its challenge is spent, and it does not answer the new one',
  };
}

export async function refuseClonedTpm(world: DemoWorld): Promise<StepOutcome> {
  const { machine, server, tokens, folder } = world;
  const refusal = await refusalOf(() =>
    enrol({
      server: { baseUrl: server.url },
      token: tokens.get('joiner'),
      device: machine.device,
      stateDirectory: join(folder, 'clone'),
      hostName: clonedName,
      ekCertificateChain: machine.chain,
    }),
  );
  return {
    ok: refusal?.code === 'HOST_EK_ALREADY_ENROLLED',
    findings: refusal === undefined ? [] : [refusal],
    sentence: `the same TPM asked to enrol as ${clonedName} as well: one endorsement key is one host, for ever`,
  };
}

export async function refuseUnrestrictedKey(world: DemoWorld): Promise<StepOutcome> {
  const { machine } = world;
  const { certificate } = await machine.device.ekCertificates();
  const ekPublic = encodeBase64(await machine.device.ekPublic());
  const akPublic = encodeBase64(await machine.unrestrictedKey());
  const joiner = world.as('joiner');
  const refusal = await refusalOf(() =>
    joiner.call('createEnrollment', {
      body: {
        hostName,
        ekPublic,
        akPublic,
        ekCertificateChain: machine.chain.map(encodeBase64),
        ...(certificate === undefined ? {} : { ekCertificate: encodeBase64(certificate) }),
      },
    }),
  );
  joiner.close();
  return {
    ok: refusal?.code === 'TPM_KEY_ATTRIBUTES_REFUSED',
    findings: refusal === undefined ? [] : [refusal],
    sentence: 'a key that would sign anything was offered as attestation key: a program could forge quotes with it',
  };
}

/** Killed in the middle of its work: what it acknowledged is there afterwards, whatever it was doing. */
export async function restartDurable(world: DemoWorld): Promise<StepOutcome> {
  const { server } = world;
  await world.machine.boot('good');
  const verdict = await attestHost(world);
  const before = await readRecords(world);
  const audited = await readAudit(world);
  const acknowledged = await killAmidWork(world);
  await server.start();
  const after = await readRecords(world);
  const tokens = await readTokenIds(world);
  const auditedAfter = await readAudit(world);
  const lost = acknowledged.filter((id) => !tokens.includes(id)).length;
  const kept = before === after && auditedAfter.slice(0, audited.length).join() === audited.join();
  const { decision } = await askAdmission(world);
  const afresh = await attestHost(world);
  const trusted = verdict.status === 'affirming' && afresh.status === 'affirming' && decision === 'allow';
  return {
    ok: kept && lost === 0 && acknowledged.length > 0 && trusted,
    verdict: afresh.status,
    decision,
    sentence: `the server was killed (kill -9) while it worked and started again: the ${acknowledged.length} writes it had acknowledged by then, and every record before, are there`,
  };
}

/** Many writes at once, and the kill as soon as some are acknowledged. Returns what was acknowledged. */
async function killAmidWork(world: DemoWorld): Promise<readonly string[]> {
  const operator = world.as('operator');
  const acknowledged: string[] = [];
  let enough: () => void = () => undefined;
  const someAcknowledged = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const writes = Array.from({ length: 64 }, async (_, index) => {
    const { id } = await operator.call('createToken', { body: { name: `burst ${index}`, role: 'auditor' } });
    acknowledged.push(id);
    if (acknowledged.length >= 8) enough();
  });
  await Promise.race([someAcknowledged, Promise.allSettled(writes)]);
  await world.server.kill();
  await Promise.allSettled(writes);
  operator.close();
  return acknowledged;
}

/** What the server has on record about hosts and trust, as text to compare. */
async function readRecords(world: DemoWorld): Promise<string> {
  const operator = world.as('operator');
  const records = [
    await operator.call('listHosts', {}),
    await operator.call('getVerdict', { path: { hostId: hostName } }),
    await operator.call('listGoldenMeasurements', {}),
    await operator.call('listPolicies', {}),
    await operator.call('listSigners', {}),
    await operator.call('listTrustAnchors', {}),
  ];
  operator.close();
  return JSON.stringify(records);
}

async function readTokenIds(world: DemoWorld): Promise<readonly string[]> {
  const operator = world.as('operator');
  const { items } = await operator.call('listTokens', { query: { limit: 1000 } });
  operator.close();
  return items.map(({ id }) => id);
}

async function readAudit(world: DemoWorld): Promise<readonly string[]> {
  const operator = world.as('operator');
  const { items } = await operator.call('listAudit', { query: { limit: 1000 } });
  operator.close();
  return items.map(({ hash }) => hash);
}

async function refusalOf(work: () => Promise<unknown>): Promise<StepFinding | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof ApiProblem) return { code: error.code, message: error.message };
    throw error;
  }
}
