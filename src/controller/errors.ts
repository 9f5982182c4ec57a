// What can go wrong between a controller and the platform that it keeps in step, each with its remedy.
import { CodedError } from '../core/error.ts';

export interface ControllerErrorRow {
  readonly cause: string;
  readonly remedy: string;
}

export const controllerErrors = {
  CONTROLLER_CREDENTIALS_UNUSABLE: {
    cause:
      'A file with the credentials of the platform cannot be read, lacks something, or would be sent in the clear over a network.',
    remedy:
      'Check the file that the message names. In a pod the service account is mounted by Kubernetes; for OpenStack name a cloud of clouds.yaml.',
  },
  CONTROLLER_ENDPOINT_UNCLEAR: {
    cause:
      'The catalogue of Keystone has no endpoint of placement for this region and interface, or several, or one without https.',
    remedy: 'Set `region_name` and `interface` of the cloud, or name the address as `placement_endpoint_override`.',
  },
  CONTROLLER_PLATFORM_REFUSED: {
    cause: 'The API of the platform refused a request; the message has its status and what it said.',
    remedy:
      'For 401 and 403 give the controller the rights that deploy/ lists. Anything else is the platform’s to explain; the controller tries again.',
  },
  CONTROLLER_PLATFORM_UNREADABLE: {
    cause: 'The API of the platform answered with something that is not what its specification says.',
    remedy: 'Check that the address is that of the API, and that no proxy answers in its place.',
  },
  CONTROLLER_CONFLICTS: {
    cause: 'What the controller would write was changed by others again and again, several times in a row.',
    remedy: 'The controller tries again. If it stays so, look who else writes: perhaps a second controller.',
  },
  CONTROLLER_NOT_IN_STEP: {
    cause: '`--once` could not bring everything into step: Touchstone was silent, or the platform refused.',
    remedy: 'Read the lines before. What Touchstone was silent about is marked as not trusted.',
  },
} as const satisfies Readonly<Record<string, ControllerErrorRow>>;

export type ControllerErrorCode = keyof typeof controllerErrors;

export interface ControllerErrorOptions {
  readonly cause?: unknown;
  /** HTTP status, where there was an answer. */
  readonly status?: number | undefined;
  /** When the platform wants to be asked again. */
  readonly retryAfterSeconds?: number | undefined;
}

export class ControllerError extends CodedError {
  readonly code: ControllerErrorCode;
  readonly status: number | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ControllerErrorCode, message: string, options: ControllerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ControllerError';
    this.code = code;
    this.status = options.status;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get remedy(): string {
    return controllerErrors[this.code].remedy;
  }
}
