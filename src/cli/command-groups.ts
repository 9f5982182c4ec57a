// The commands by their first word. A group is loaded when it is asked for: all of them together take half a second.
import type { Command } from 'commander';
import type { Session } from './session.ts';

export type AddCommands = (program: Command, session: Session) => void;

/** In the order in which the help shows them. */
const groups: Readonly<Record<string, () => Promise<AddCommands>>> = {
  server: async () => (await import('./commands/server.ts')).addServerCommands,
  storage: async () => (await import('./commands/storage.ts')).addStorageCommands,
  agent: async () => (await import('./commands/agent.ts')).addAgentCommands,
  host: async () => (await import('./commands/host.ts')).addHostCommands,
  quarantine: async () => (await import('./commands/quarantine.ts')).addQuarantineCommands,
  golden: async () => (await import('./commands/golden.ts')).addGoldenCommands,
  deny: async () => (await import('./commands/deny.ts')).addDenyCommands,
  'break-glass': async () => (await import('./commands/break-glass.ts')).addBreakGlassCommands,
  policy: async () => (await import('./commands/policy.ts')).addPolicyCommands,
  'what-if': async () => (await import('./commands/what-if.ts')).addWhatIfCommand,
  signer: async () => (await import('./commands/signer.ts')).addSignerCommands,
  'trust-anchor': async () => (await import('./commands/trust-anchor.ts')).addTrustAnchorCommands,
  crl: async () => (await import('./commands/crl.ts')).addCrlCommands,
  ek: async () => (await import('./commands/ek.ts')).addEkCommands,
  'attestation-ca': async () => (await import('./commands/attestation-ca.ts')).addAttestationCaCommands,
  'signing-key': async () => (await import('./commands/signing-key.ts')).addSigningKeyCommands,
  events: async () => (await import('./commands/events.ts')).addEventsCommand,
  lockout: async () => (await import('./commands/lockout.ts')).addLockoutCommands,
  subscription: async () => (await import('./commands/subscription.ts')).addSubscriptionCommands,
  token: async () => (await import('./commands/token.ts')).addTokenCommands,
  audit: async () => (await import('./commands/audit.ts')).addAuditCommands,
  admit: async () => (await import('./commands/admit.ts')).addAdmitCommand,
  controller: async () => (await import('./commands/controller.ts')).addControllerCommands,
  inspect: async () => (await import('./commands/inspect.ts')).addInspectCommands,
  verify: async () => (await import('./commands/verify.ts')).addVerifyCommands,
  conformance: async () => (await import('./commands/conformance.ts')).addConformanceCommand,
  completion: async () => (await import('./commands/completion.ts')).addCompletionCommand,
  demo: async () => (await import('./commands/demo.ts')).addDemoCommand,
  simulate: async () => (await import('./commands/simulate.ts')).addSimulateCommands,
};

const versionOptions: readonly unknown[] = ['-V', '--version'];

/** The group that is called `word`; none for the version; all groups for help, for completion, for other names, and for what nobody understands. */
export async function loadGroups(word?: string): Promise<readonly AddCommands[]> {
  if (versionOptions.includes(word)) return [];
  const load = word !== undefined && word !== 'completion' && Object.hasOwn(groups, word) ? groups[word] : undefined;
  return Promise.all((load === undefined ? Object.values(groups) : [load]).map((one) => one()));
}
