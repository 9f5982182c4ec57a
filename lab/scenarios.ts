// Every story of the lab, in the order in which they are told. What one of them approves, the later ones find approved.
import type { Scenario } from './scenario.ts';
import {
  changedCommandLine,
  changedInitrd,
  hiddenLog,
  honestBoot,
  otherKernel,
  secureBootSwitchedOff,
  withoutSecureBoot,
} from './scenarios-grub.ts';
import { foreignBinary, reboot, resume, violation } from './scenarios-runtime.ts';
import { strictBoot, weakenedBoot } from './scenarios-strict.ts';
import {
  changedUnifiedKernel,
  damagedUnifiedKernel,
  foreignLoader,
  systemdBoot,
  unifiedKernel,
} from './scenarios-unified.ts';

/** What `npm test` tells of it. */
export const shortForm: readonly Scenario[] = [honestBoot, changedCommandLine];

export const scenarios: readonly Scenario[] = [
  ...shortForm,
  changedInitrd,
  otherKernel,
  secureBootSwitchedOff,
  hiddenLog,
  foreignBinary,
  violation,
  reboot,
  resume,
  unifiedKernel,
  changedUnifiedKernel,
  damagedUnifiedKernel,
  foreignLoader,
  systemdBoot,
  withoutSecureBoot,
  strictBoot,
  weakenedBoot,
];
