// Hosts that boot on paper, honest or tampered with.
export { createSimulatorAuthority, simulatedTpm, type AuthorityOptions, type SimulatorAuthority } from './authority.ts';
export { createFleet, type FleetBoot, type FleetOptions } from './fleet.ts';
export { measureBoot, ordinaryBoot, type PaperBoot } from './paper-boot.ts';
export { createPaperHost, type PaperHost, type PaperHostOptions, type PaperReboot } from './paper-host.ts';
export { ordinaryUserspace } from './paper-userspace.ts';
export type { PaperKeyType } from './paper-key.ts';
export type { PaperQuote } from './paper-quote.ts';
export { seededInteger } from './seed.ts';
export { tamperings, type Tampering, type TamperingStage } from './tampering.ts';
