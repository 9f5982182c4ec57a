// Every story of the lab, in the order in which they are told.
import type { Scenario } from './scenario.ts';
import { changedCommandLine, honestBoot } from './scenarios-grub.ts';

export const scenarios: readonly Scenario[] = [honestBoot, changedCommandLine];

/** What `npm test` tells of it. */
export const shortForm: readonly Scenario[] = [honestBoot, changedCommandLine];
