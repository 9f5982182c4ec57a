// `touchstone controller`: processes that keep a platform in step with verdicts.
import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { addKubernetesController } from './controller-kubernetes.ts';
import { addOpenStackController } from './controller-openstack.ts';

export function addControllerCommands(program: Command, session: Session): void {
  const controller = program
    .command('controller')
    .description('keep what an orchestrator knows of its machines in step with verdicts, as a service');
  addKubernetesController(controller, session);
  addOpenStackController(controller, session);
}
