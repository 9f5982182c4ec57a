// What both acts of `npm run lab:openstack` stand on: a Touchstone with its hosts, and our controller as its users start it.
import { join } from 'node:path';
import { until, type Child } from './child.ts';
import type { Providers } from './placement.ts';
import type { Story } from './story.ts';
import type { Fleet } from './touchstone.ts';

export const trait = 'CUSTOM_TOUCHSTONE_TRUSTED';
export const resyncSeconds = 2;

export const uuidOf = (number: number): string => `00000000-0000-4000-8000-00000000000${number}`;

export interface Stage {
  readonly folder: string;
  readonly fleet: Fleet;
  readonly step: Story['step'];
  /** Ended last to first. */
  readonly defer: (close: () => Promise<void>) => void;
}

type Environment = Readonly<Record<string, string>>;

export function startController(stage: Stage, args: readonly string[], log: string, env: Environment): Child {
  const all = ['openstack', '--resync', String(resyncSeconds), ...args];
  const controller = stage.fleet.startController(all, join(stage.folder, log), env);
  stage.defer(() => controller.stop());
  return controller;
}

interface Once {
  readonly members: readonly {
    readonly member: string;
    readonly host: string | null;
    readonly trusted: boolean;
    readonly inStep: boolean;
  }[];
}

/** What the controller says at its end. */
export async function runOnce(stage: Stage, args: readonly string[], log: string, env: Environment) {
  const controller = startController(stage, ['--once', ...args], log, env);
  const isRunning = (): Promise<boolean> => Promise.resolve(controller.isRunning());
  await until('the controller ends', isRunning, (running) => !running);
  return (JSON.parse(controller.output()) as Once).members;
}

/** Waits until placement offers these hosts, and no other, to flavors that require the trait. */
export function offered(providers: Providers, names: readonly string[], seconds = 30): Promise<unknown> {
  const look = (): Promise<readonly string[]> => providers.candidates(trait);
  const what = `placement offers ${names.join() || 'nobody'}`;
  return until(what, look, (seen) => seen.join() === names.join(), seconds);
}

/** Waits until a program has printed it. */
export function printed(child: Child, what: RegExp): Promise<string> {
  return until(String(what), () => Promise.resolve(child.output()), (text) => what.test(text)); // prettier-ignore
}

export async function timed(act: () => Promise<unknown>): Promise<string> {
  const startedAt = performance.now();
  await act();
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}
