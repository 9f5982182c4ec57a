// The controller's credentials for the Kubernetes API: the service account that Kubernetes mounts into a pod, or files.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ControllerError } from '../errors.ts';
import type { Access } from '../platform-http.ts';

export interface KubernetesOptions {
  /** Address of the API server. */
  readonly api: string;
  /** Read for each request: the kubelet replaces it about every hour. */
  readonly tokenFile: string;
  /** PEM; the system's authorities when undefined. */
  readonly caFile: string | undefined;
}

const mounted = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What a pod is given, and what was named instead.
 * @throws ControllerError CONTROLLER_CREDENTIALS_UNUSABLE */
export function kubernetesOptions(
  named: {
    readonly api?: string | undefined;
    readonly tokenFile?: string | undefined;
    readonly caFile?: string | undefined;
  },
  env: Readonly<Record<string, string | undefined>>,
): KubernetesOptions {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  const inPod = host === undefined ? undefined : `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const api = named.api ?? inPod;
  if (api === undefined) throw unusable('no Kubernetes API was named, and this is no pod (KUBERNETES_SERVICE_HOST)');
  if (!isSafe(api)) throw unusable('the Kubernetes API needs https, for a token is sent to it');
  const caFile = named.caFile ?? (named.api === undefined ? join(mounted, 'ca.crt') : undefined);
  return { api, tokenFile: named.tokenFile ?? join(mounted, 'token'), caFile };
}

/** @throws ControllerError CONTROLLER_CREDENTIALS_UNUSABLE */
export function readAccess({ api, tokenFile, caFile }: KubernetesOptions): Access {
  const token = readFile(tokenFile).trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw unusable(`${tokenFile} holds no token`);
  return {
    baseUrl: api,
    ca: caFile === undefined ? undefined : readFile(caFile),
    headers: { authorization: `Bearer ${token}` },
  };
}

/** A token is sent in the clear to this machine only. */
function isSafe(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && /^(127\.|\[::1\]|localhost)/.test(url.hostname));
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw unusable(`${path} cannot be read (${why})`, cause);
  }
}

function unusable(message: string, cause?: unknown): ControllerError {
  return new ControllerError('CONTROLLER_CREDENTIALS_UNUSABLE', message, { cause });
}
