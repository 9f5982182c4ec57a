// What can go wrong on the host, each with the remedy that the agent prints.
import { responseCodeName } from './tpm/response-code.ts';

export interface AgentErrorRow {
  readonly cause: string;
  readonly remedy: string;
}

export const agentErrors = {
  AGENT_TPM_ADDRESS_INVALID: {
    cause: 'The address of the TPM is not a device path, `tcp:HOST:PORT` or `unix:PATH`.',
    remedy: 'Use `--tpm /dev/tpmrm0`, or the socket of a software TPM.',
  },
  AGENT_TPM_MISSING: {
    cause: 'No TPM can be opened at the given address.',
    remedy:
      'Enable the TPM in the firmware set-up and check that /dev/tpmrm0 exists and may be opened (group tss, or root).',
  },
  AGENT_TPM_CONNECTION_LOST: {
    cause: 'The TPM closed the connection, did not answer, or answered with something that is no response.',
    remedy: 'Check that nothing else talks to the same software TPM, then try again.',
  },
  AGENT_TPM_BUSY: {
    cause: 'The TPM kept asking for a retry.',
    remedy: 'Wait for its self-test or its dictionary-attack recovery to end, then try again.',
  },
  AGENT_TPM_REFUSED: {
    cause: 'The TPM refused a command; the message names the command and the TPM response code.',
    remedy: 'Look the code up in the TPM specification, part 2, section 6.6.',
  },
  AGENT_PCRS_UNSTEADY: {
    cause: 'PCRs changed between being read and being quoted, several times in a row.',
    remedy: 'Try again when the host has finished booting, or leave PCR 10 out of the policy until it has.',
  },
  AGENT_LOG_UNREADABLE: {
    cause: 'The firmware log or the IMA list exists and cannot be read.',
    remedy: 'Run the agent as root, or mount securityfs (`mount -t securityfs securityfs /sys/kernel/security`).',
  },
} as const satisfies Readonly<Record<string, AgentErrorRow>>;

export type AgentErrorCode = keyof typeof agentErrors;

/** A failure on the host that has a code and a remedy. */
export class AgentError extends Error {
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }

  get remedy(): string {
    return agentErrors[this.code].remedy;
  }
}

/** The TPM said no. */
export class TpmResponseError extends AgentError {
  /** TPM_CC of the command. */
  readonly command: number;
  /** TPM_RC as received. */
  readonly responseCode: number;

  constructor(command: number, responseCode: number) {
    super('AGENT_TPM_REFUSED', `TPM command 0x${command.toString(16)} failed: ${responseCodeName(responseCode)}`);
    this.command = command;
    this.responseCode = responseCode;
  }
}
