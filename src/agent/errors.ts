// What can go wrong on the host, each with the remedy that the agent prints.
import { CodedError } from '../core/error.ts';
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
    remedy: 'Check that --tpm names a TPM, and that nothing else talks to the same software TPM. Then try again.',
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
  AGENT_PCRS_UNAVAILABLE: {
    cause: 'The TPM has none of the PCRs that the server asks for: their bank is not active.',
    remedy:
      'Activate the bank in the firmware set-up (`tpm2_getcap pcrs` shows what is active), or choose another bank in the policy.',
  },
  AGENT_EK_CERTIFICATE_MISSING: {
    cause: 'The TPM holds no certificate of its endorsement key, and the server demands one.',
    remedy:
      'Get the certificate from the maker (Intel and AMD publish them by EK) and give it with --ek-certificate, or let an operator vouch for this TPM: `touchstone ek register DIGEST --label LABEL`.',
  },
  AGENT_EK_ROOT_UNKNOWN: {
    cause: 'No trust anchor of the server vouches for the EK certificate of this TPM; the message names its issuer.',
    remedy:
      'Get the certificate of that issuer from the maker. An intermediate goes with --ek-chain FILE. A root, its fingerprint compared, is trusted by an operator: `touchstone trust-anchor import FILE` (software TPMs: --scope virtual).',
  },
  AGENT_JOIN_TOKEN_MISSING: {
    cause: 'The server enrols only hosts that have a join token.',
    remedy:
      'Ask an operator for one (`touchstone token create NAME --role joiner --out FILE`) and give it with --token-file.',
  },
  AGENT_APPROVAL_PENDING: {
    cause: 'The server knows now that this TPM is genuine, and enrols it once an operator has approved it.',
    remedy:
      'Tell an operator the fingerprint: `touchstone host approve HOST`. Then enrol again, or let `--wait` ask until it is approved.',
  },
  AGENT_ACTIVATION_FAILED: {
    cause: 'The TPM does not open the secret that the server sealed to it.',
    remedy: 'Enrol again. If it stays so, the EK certificate given is of another TPM.',
  },
  AGENT_NOT_ENROLLED: {
    cause: 'The state directory holds no enrolment.',
    remedy: 'Run `touchstone agent enrol` first, or name the right directory with --state.',
  },
  AGENT_ENROLLED_ELSEWHERE: {
    cause: 'The state directory holds the enrolment of another server or of another host name.',
    remedy: 'Use another directory with --state, or remove the old `agent.json` when it is no longer wanted.',
  },
  AGENT_STATE_INVALID: {
    cause: 'The agent cannot read its enrolment: `agent.json` is damaged or of another version.',
    remedy: 'Remove the file and enrol again: the same TPM and name give the same host.',
  },
  AGENT_STATE_EXPOSED: {
    cause: "The agent's enrolment holds this host's token, and others than its owner may read or change it.",
    remedy: 'Run `chmod 0600` on the file that the message names.',
  },
  AGENT_STATE_UNWRITABLE: {
    cause: 'The state directory or a file in it cannot be written or read.',
    remedy: 'Check that the directory belongs to the user the agent runs as, and that the disk has space.',
  },
  AGENT_KEY_CHANGED: {
    cause:
      'The TPM has another attestation key than the one enrolled: another TPM, or its endorsement seed was changed.',
    remedy:
      'If the mainboard or the TPM of that host was replaced, an operator runs `touchstone host replace-tpm HOST --reason TEXT`; then enrol again. If this is another machine with its disk, leave that host alone: remove `agent.json` and enrol under a name of its own.',
  },
  AGENT_IDENTITY_KEY_MISSING: {
    cause: 'The TPM holds no persistent key of which the device identity certificate is.',
    remedy:
      'Check that the certificate is of this machine. Makers leave the key at a handle from 0x81020000 on: `tpm2_getcap handles-persistent`.',
  },
  AGENT_SERVER_CHANGED: {
    cause: 'The server that challenges is not the one this host enrolled with.',
    remedy: 'Check the address. After a server was set up anew, enrol again.',
  },
  AGENT_LOG_ABSENT: {
    cause: 'A firmware log or an IMA list was named, and there is no such file. Nothing was sent.',
    remedy:
      'Correct --event-log or --ima-log (TOUCHSTONE_EVENT_LOG, TOUCHSTONE_IMA_LOG), or leave it out: the log of the kernel is used, where there is one. `none` in the place of a path sends none.',
  },
  AGENT_LOG_UNREADABLE: {
    cause: 'The firmware log, the IMA list or the log of systemd exists and cannot be read.',
    remedy: 'Run the agent as root, or mount securityfs (`mount -t securityfs securityfs /sys/kernel/security`).',
  },
} as const satisfies Readonly<Record<string, AgentErrorRow>>;

export type AgentErrorCode = keyof typeof agentErrors;

/** A failure on the host that has a code and a remedy. */
export class AgentError extends CodedError {
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
