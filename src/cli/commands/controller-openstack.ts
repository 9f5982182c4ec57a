// `touchstone controller openstack`: a trait of resource providers in step with verdicts.
import { InvalidArgumentError, type Command, Option } from 'commander';
import {
  createHostNames,
  createPlacement,
  createPlacementAccess,
  createProviderPlatform,
  readCloud,
  type Cloud,
  type ProviderNaming,
} from '../../controller/index.ts';
import { parseCount, withExamples } from '../command-line.ts';
import { runController, withController, type ControllerCommandOptions, type Surroundings } from './controller-run.ts';
import { answer, type Session } from '../session.ts';

interface OpenStackCommandOptions extends ControllerCommandOptions {
  readonly osCloud?: string;
  readonly hostFrom: ProviderNaming;
  readonly trait: string;
  readonly resync: number;
}

export function addOpenStackController(controller: Command, session: Session): void {
  const command = withController(controller.command('openstack'))
    .summary('give resource providers a trait by the verdicts of their hosts')
    .description(
      'Keep a trait of each resource provider of placement in step with the verdict of its host, until SIGTERM: a provider whose ' +
        'host is trusted has it, and no other. Flavors and images that require the trait are placed there only. Other traits are ' +
        'left alone. The cloud is one of clouds.yaml, or the environment’s (OS_AUTH_URL and the others); secrets come from there. ' +
        'Needs a Touchstone token of role orchestrator. See docs/openstack.md.',
    )
    .option('--os-cloud <name>', 'cloud of clouds.yaml (or OS_CLOUD)')
    .option('--trait <name>', 'trait to give and to take away', parseTrait, 'CUSTOM_TOUCHSTONE_TRUSTED')
    .addOption(
      new Option(
        '--host-from <where>',
        'which host a provider is: its name, short-name (up to the first dot) or uuid; or label:KEY, a label of the host at ' +
          'Touchstone that has the provider’s name or uuid',
      )
        .default({ by: 'name' } satisfies ProviderNaming, 'name')
        .argParser(parseNaming),
    )
    .option('--resync <seconds>', 'how often all providers are listed', parseCount, 30)
    .action((options: OpenStackCommandOptions) =>
      answer(session, options, () =>
        runController(session, options, (surroundings) => openProviders(session, options, surroundings)),
      ),
    );
  withExamples(
    command,
    'touchstone controller openstack --os-cloud touchstone --dry-run --once',
    'touchstone controller openstack --os-cloud touchstone --host-from short-name --json',
    'touchstone controller openstack --host-from label:openstack --tenant red --trait CUSTOM_TOUCHSTONE_RED',
  );
}

function openProviders(
  session: Session,
  { osCloud, hostFrom: naming, trait, resync: resyncSeconds }: OpenStackCommandOptions,
  { clock, signal, touchstone, complain }: Surroundings,
) {
  const cloud = (): Cloud => readCloud(osCloud, session.env);
  // What is missing from the start is told at once.
  cloud();
  const placement = createPlacement(createPlacementAccess({ cloud, clock }));
  const onFailure = (error: unknown): void => complain('labels', error);
  const hostNames = createHostNames({ naming, touchstone, clock, signal, onFailure });
  const platform = createProviderPlatform({ placement, clock, trait, hostNames, resyncSeconds });
  return { platform, close: () => placement.close() };
}

/** As placement has it; what does not begin with CUSTOM_ belongs to OpenStack. */
function parseTrait(text: string): string {
  if (/^CUSTOM_[A-Z0-9_]{1,248}$/.test(text)) return text;
  throw new InvalidArgumentError('CUSTOM_ and then A to Z, 0 to 9 and _ are expected');
}

function parseNaming(text: string): ProviderNaming {
  if (text === 'name' || text === 'short-name' || text === 'uuid') return { by: text };
  const [, key] = /^label:([a-zA-Z0-9][a-zA-Z0-9._/-]{0,127})$/.exec(text) ?? [];
  if (key !== undefined) return { by: 'label', key };
  throw new InvalidArgumentError('name, short-name, uuid or label:KEY is expected');
}
