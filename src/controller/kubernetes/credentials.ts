// The controller's credentials for the Kubernetes API: the service account that Kubernetes mounts into a pod, or files.
import { join } from 'node:path';
import { isSafeAddress } from '../../api/index.ts';
import { isToken, readCredentialFile, unusable } from '../credentials.ts';
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
  if (!isSafeAddress(api)) throw unusable('the Kubernetes API needs https, for a token is sent to it');
  const caFile = named.caFile ?? (named.api === undefined ? join(mounted, 'ca.crt') : undefined);
  return { api, tokenFile: named.tokenFile ?? join(mounted, 'token'), caFile };
}

/** @throws ControllerError CONTROLLER_CREDENTIALS_UNUSABLE */
export function readAccess({ api, tokenFile, caFile }: KubernetesOptions): Access {
  const token = readCredentialFile(tokenFile).trim();
  if (!isToken(token)) throw unusable(`${tokenFile} holds no token`);
  return {
    baseUrl: api,
    ca: caFile === undefined ? undefined : readCredentialFile(caFile),
    headers: { authorization: `Bearer ${token}` },
  };
}
