// What a host lacks before it can attest: told all at once, so that nobody mends one thing to learn of the next.
import type { AttestingDevice } from './attesting-device.ts';
import { loadEnrolment } from './enrolment-state.ts';
import { AgentError } from './errors.ts';
import { describeFailure, type Failure } from './failure.ts';
import { readLogs } from './logs.ts';

export interface HostParts {
  readonly stateDirectory: string;
  readonly openDevice: () => Promise<AttestingDevice>;
}

/** Nothing is changed, and the server is not asked. */
export async function findMissing({ stateDirectory, openDevice }: HostParts): Promise<readonly Failure[]> {
  const looks = [
    async () => {
      const device = await openDevice();
      try {
        await readLogs(device);
      } finally {
        await device.close();
      }
    },
    async () => {
      if ((await loadEnrolment(stateDirectory)) === undefined)
        throw new AgentError('AGENT_NOT_ENROLLED', `${stateDirectory} holds no enrolment`);
    },
  ];
  const missing: Failure[] = [];
  for (const look of looks) {
    try {
      await look();
    } catch (error) {
      const failure = describeFailure(error);
      if (failure === undefined) throw error;
      missing.push(failure);
    }
  }
  return missing;
}
