// `touchstone controller kubernetes`: labels and taints of nodes in step with verdicts.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { InvalidArgumentError, type Command, Option } from 'commander';
import {
  createLease,
  createNodePlatform,
  createPlatformHttp,
  kubernetesOptions,
  readAccess,
  type HostNaming,
  type TaintEffect,
} from '../../controller/index.ts';
import { withExamples } from '../command-line.ts';
import { runController, withController, type ControllerCommandOptions, type Surroundings } from './controller-run.ts';
import { answer, type Session } from '../session.ts';

interface LeaseName {
  readonly namespace: string;
  readonly name: string;
}

interface KubernetesCommandOptions extends ControllerCommandOptions {
  readonly kubernetesApi?: string;
  readonly kubernetesTokenFile?: string;
  readonly kubernetesCa?: string;
  readonly selector?: string;
  readonly hostFrom: HostNaming;
  readonly label: string;
  readonly annotation: string;
  readonly taint: string;
  readonly effect: TaintEffect;
  readonly lease?: LeaseName;
}

export function addKubernetesController(controller: Command, session: Session): void {
  const command = withController(controller.command('kubernetes'))
    .summary('label and taint nodes by the verdicts of their hosts')
    .description(
      'Keep a label, an annotation and a taint of each Node in step with the verdict of its host, until SIGTERM. A node whose ' +
        'host is unknown, not trusted, or not spoken of in time is tainted. What others wrote on a node is left alone. In a pod ' +
        'the service account is used. Needs a Touchstone token of role orchestrator. See deploy/kubernetes/README.md.',
    )
    .option('--kubernetes-api <url>', 'address of the API server; in a pod it is known')
    .option('--kubernetes-token-file <file>', 'token for the API server, read anew for each request')
    .option('--kubernetes-ca <file>', 'certificate authority of the API server, PEM')
    .option('--selector <labels>', 'only nodes with these labels, as in `kubectl get nodes --selector`')
    .addOption(
      new Option(
        '--host-from <where>',
        'how a node says which host it is: name, provider-id, label:KEY or annotation:KEY',
      )
        .default({ by: 'name' } satisfies HostNaming, 'name')
        .argParser(parseNaming),
    )
    .option(
      '--label <key>',
      'label to set to true or false',
      parseKey,
      'touchstone.node-restriction.kubernetes.io/trusted',
    )
    .option('--annotation <key>', 'annotation that says why', parseKey, 'touchstone/verdict')
    .option('--taint <key>', 'key of the taint', parseKey, 'touchstone/untrusted')
    .addOption(
      new Option('--effect <effect>', 'NoSchedule keeps new pods away, NoExecute also evicts those that run')
        .choices(['NoSchedule', 'NoExecute'])
        .default('NoSchedule'),
    )
    .option('--lease <namespace/name>', 'write only while holding this Lease, where several run', parseLease)
    .action((options: KubernetesCommandOptions) =>
      answer(session, options, () =>
        runController(session, options, (surroundings) => openNodes(session, options, surroundings)),
      ),
    );
  withExamples(
    command,
    'touchstone controller kubernetes --server https://touchstone.example:8443 --token-file token --dry-run --once',
    'touchstone controller kubernetes --lease touchstone/nodes --json',
    'touchstone controller kubernetes --selector node-role.kubernetes.io/worker --effect NoExecute',
  );
}

function openNodes(session: Session, options: KubernetesCommandOptions, { clock, say, complain }: Surroundings) {
  const { kubernetesApi: api, kubernetesTokenFile: tokenFile, kubernetesCa: caFile } = options;
  const credentials = kubernetesOptions({ api, tokenFile, caFile }, session.env);
  // What is missing from the start is told at once.
  readAccess(credentials);
  const http = createPlatformHttp(() => Promise.resolve(readAccess(credentials)));
  const { label, annotation, taint, effect } = options;
  const names = { label, annotation, taint, effect };
  const platform = createNodePlatform({ http, clock, names, naming: options.hostFrom, selector: options.selector });
  if (options.lease === undefined) return { platform, close: () => http.close() };
  const lease = createLease({
    ...options.lease,
    http,
    clock,
    identity: `${session.env['HOSTNAME'] ?? hostname()}_${randomUUID()}`,
    now: () => session.now(),
    onFailure: (error) => complain('lease', error),
    onChange: (isHeld) => say({ event: isHeld ? 'leading' : 'following' }, isHeld ? 'leads' : 'another one leads'),
  });
  return {
    platform,
    mayWrite: () => lease.isHeld(),
    alongside: (signal: AbortSignal) => lease.keep(signal),
    close: () => http.close(),
  };
}

/** `prefix/name`, as Kubernetes has it. */
function parseKey(text: string): string {
  if (/^[a-z0-9][a-z0-9.-]{0,252}\/[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/.test(text)) return text;
  throw new InvalidArgumentError('prefix/name is expected, as in touchstone/untrusted');
}

function parseNaming(text: string): HostNaming {
  if (text === 'name' || text === 'provider-id') return { by: text };
  const [, by, key] = /^(label|annotation):(.{1,317})$/.exec(text) ?? [];
  if ((by === 'label' || by === 'annotation') && key !== undefined) return { by, key };
  throw new InvalidArgumentError('name, provider-id, label:KEY or annotation:KEY is expected');
}

function parseLease(text: string): LeaseName {
  const [, namespace, name] = /^([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})$/.exec(text) ?? [];
  if (namespace === undefined || name === undefined) throw new InvalidArgumentError('namespace/name is expected');
  return { namespace, name };
}
