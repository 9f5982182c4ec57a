export { createSimulatorAuthority, simulatedTpm, type AuthorityOptions, type SimulatorAuthority } from './authority.ts';
export { createFleet, type FleetOptions } from './fleet.ts';
export { ordinaryBoot, type PaperBoot } from './paper-boot.ts';
export { createPaperHost, type PaperHost, type PaperHostOptions, type PaperQuote } from './paper-host.ts';
export { isTampering, tamperings, type Tampering, type TamperingStage } from './tampering.ts';
