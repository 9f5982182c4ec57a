import type { Command } from 'commander';
import type { Session } from '../session.ts';

export function addDemoCommand(program: Command, session: Session): void {
  void [program, session];
}
