// Before the load: every host of the fleet is honest and attests, and what it measured is signed by operators, until all are trusted.
import type { ApiClient, AttestationResult } from '../../api/index.ts';
import { keepAppointments } from '../../agent/index.ts';
import { decodeBase64 } from '../../core/encoding/index.ts';
import { bootLayers } from '../../core/event-log/index.ts';
import { decisiveFindings } from '../demo/step.ts';
import { CliError } from '../errors.ts';
import { signGolden } from '../changes/golden-signing.ts';
import { sleepUnless } from '../signals.ts';
import type { SimulatedHost } from './fleet.ts';
import { inLanes } from './lanes.ts';
import type { SimulationServer } from './server.ts';
import { attestOnce, type Road } from './visit.ts';

const hostsAtOnce = 8;

/** @throws CliError CLI_SIMULATION_UNTRUSTED; ApiProblem, ApiUnreachable, AgentError */
export async function trustFleet(
  api: ApiClient,
  road: Road,
  members: readonly SimulatedHost[],
  { operatorKeys }: Pick<SimulationServer, 'operatorKeys'>,
): Promise<void> {
  const attest = (member: SimulatedHost): Promise<AttestationResult> =>
    keepAppointments(() => attestOnce(road, member), {
      sleep: (milliseconds) => sleepUnless(milliseconds, road.signal),
      random: road.random,
      onWait: () => undefined,
    });
  // One boot after the other is approved: hosts that booted alike wait for the first of them.
  let approvals = Promise.resolve();
  const approve = async (member: SimulatedHost): Promise<void> => {
    if (isTrusted(await attest(member))) return;
    if (operatorKeys.length > 0) await signBoot(api, member, operatorKeys);
    const result = await attest(member);
    if (!isTrusted(result)) throw notTrusted(member, result);
  };
  await inLanes(
    members,
    hostsAtOnce,
    async (member) => {
      if (isTrusted(await attest(member))) return;
      approvals = approvals.then(() => approve(member));
      await approvals;
    },
    road.signal,
  );
}

function isTrusted({ verdict }: AttestationResult): boolean {
  return verdict.status === 'affirming';
}

/** Captures what the host booted and signs it, as `golden capture` and `golden sign` do. */
async function signBoot(
  api: ApiClient,
  { enrolment: { hostId } }: SimulatedHost,
  keys: SimulationServer['operatorKeys'],
): Promise<void> {
  const { statements } = await api.call('createCapture', { path: { hostId }, body: { layers: [...bootLayers] } });
  for (const { payload, payloadType } of statements.filter(({ isNew }) => isNew)) {
    const signatures = keys.map((key) => signGolden(decodeBase64(payload), key));
    await api.call('proposeGoldenMeasurement', { body: { envelope: { payloadType, payload, signatures } } });
  }
}

function notTrusted({ host }: SimulatedHost, { verdict }: AttestationResult): CliError {
  const [finding] = decisiveFindings(verdict);
  const why = finding === undefined ? verdict.status : `${finding.code}: ${finding.message}`;
  return new CliError('CLI_SIMULATION_UNTRUSTED', `${host.name} is honest and not trusted (${why})`);
}
