import type { Command } from 'commander';
import type { Session } from '../session.ts';

export function addServerCommands(program: Command, session: Session): void {
  void [program, session];
}
