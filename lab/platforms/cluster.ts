// A control plane on the loopback interface: etcd, a real kube-apiserver, and its administrator.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTransport } from '../../src/api/index.ts';
import { findFreePort } from '../../src/cli/server-process.ts';
import { LabError } from '../lab-error.ts';
import type { ClusterPrograms } from './build-apiserver.ts';
import { startChild, until } from './child.ts';

export interface KubeAnswer {
  readonly status: number;
  /** Of a Status; empty otherwise. */
  readonly message: string;
  readonly body: KubeBody;
}

/** What is looked at of objects; any of it may be missing. */
export interface KubeBody {
  readonly message?: string;
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly nodeName?: string;
    readonly taints?: readonly { readonly key: string; readonly effect: string }[];
  };
  /** Of a TokenRequest; of a Status it is a text. */
  readonly status?: { readonly token?: string };
}

export interface Cluster {
  readonly url: string;
  readonly caFile: string;
  /** As the administrator, unless another token is given. */
  ask(method: string, path: string, body?: object, token?: string): Promise<KubeAnswer>;
  /** Creates an object of a manifest. */
  create(object: KubeObject): Promise<KubeAnswer>;
  /** Token of a kubelet: user system:node:NAME of group system:nodes. */
  readonly kubeletToken: string;
  close(): Promise<void>;
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export interface ClusterOptions {
  readonly programs: ClusterPrograms;
  readonly folder: string;
  readonly kubeletOf: string;
  /** For --admission-control-config-file. */
  readonly admissionConfig: string;
}

export async function startCluster({ programs, folder, kubeletOf, admissionConfig }: ClusterOptions): Promise<Cluster> {
  mkdirSync(folder, { recursive: true });
  const [client, peer, port] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const etcdUrl = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  const etcd = startChild(
    programs.etcd,
    [
      ...['--data-dir', join(folder, 'etcd'), '--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
      ...[
        '--listen-peer-urls',
        peerUrl,
        '--initial-advertise-peer-urls',
        peerUrl,
        '--initial-cluster',
        `default=${peerUrl}`,
      ],
      '--unsafe-no-fsync',
    ],
    { log: join(folder, 'etcd.log') },
  );
  const admin = randomBytes(16).toString('hex');
  const kubeletToken = randomBytes(16).toString('hex');
  writeFileSync(
    join(folder, 'tokens.csv'),
    `${admin},admin,admin,system:masters\n${kubeletToken},system:node:${kubeletOf},kubelet,system:nodes\n`,
    { mode: 0o600 },
  );
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(folder, 'sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  writeFileSync(join(folder, 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  const apiServer = startChild(
    programs.apiServer,
    [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${port}`,
      `--cert-dir=${join(folder, 'certs')}`,
      `--token-auth-file=${join(folder, 'tokens.csv')}`,
      '--authorization-mode=Node,RBAC',
      `--service-account-key-file=${join(folder, 'sa.pub')}`,
      `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--service-cluster-ip-range=10.96.0.0/24',
      // No controller manager makes the account that each pod would need, and no scheduler is here: bindings are made by hand.
      '--disable-admission-plugins=ServiceAccount',
      '--enable-admission-plugins=NodeRestriction',
      `--admission-control-config-file=${admissionConfig}`,
    ],
    { log: join(folder, 'kube-apiserver.log') },
  );
  const url = `https://127.0.0.1:${port}`;
  const caFile = join(folder, 'certs', 'apiserver.crt');
  const close = async (): Promise<void> => {
    await apiServer.stop();
    await etcd.stop();
  };
  const ask: Cluster['ask'] = async (method, path, body, token = admin) => {
    const transport = createTransport({ baseUrl: url, ca: readFileSync(caFile, 'utf8') });
    try {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      const headers = { authorization: `Bearer ${token}`, 'content-type': type };
      const bytes = body === undefined ? {} : { body: new TextEncoder().encode(JSON.stringify(body)) };
      const answer = await transport.exchange({ method, path, headers, ...bytes });
      const text = new TextDecoder().decode(answer.body);
      const parsed = text.startsWith('{') ? (JSON.parse(text) as KubeBody) : {};
      return { status: answer.status, message: parsed.message ?? text, body: parsed };
    } finally {
      transport.close();
    }
  };
  try {
    const isReady = async (): Promise<string> => {
      if (!apiServer.isRunning()) throw new LabError(`kube-apiserver ended:\n${apiServer.output().slice(-1500)}`);
      return ask('GET', '/readyz').then(({ status }) => String(status), String);
    };
    await until('kube-apiserver is ready', isReady, (status) => status === '200', 120);
  } catch (error) {
    await close();
    throw error;
  }
  const create: Cluster['create'] = (object) => ask('POST', collectionOf(object), object);
  return { url, caFile, ask, create, kubeletToken, close };
}

/** Where an object of a kind is created. */
function collectionOf({ apiVersion, kind, metadata: { namespace } }: KubeObject): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${namespace === undefined ? '' : `/namespaces/${namespace}`}/${kind.toLowerCase()}s`;
}
