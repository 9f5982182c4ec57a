// What a verifier would do with a paper host, with the core alone.
import {
  parseEventLog,
  parseUserspaceLog,
  readFacts,
  verifyEventLog,
  type BootFacts,
  type ReplayedLog,
} from '../../src/core/event-log/index.ts';
import {
  credentialSizes,
  makeCredential,
  verifyAttestationKey,
  verifyEndorsementKey,
  verifyPcrs,
  verifyQuote,
  type AttestationKey,
  type PcrSelection,
  type VerifiedQuote,
} from '../../src/core/tpm/index.ts';
import { parseCertificate, parseTrustAnchors, verifyEkCertificate } from '../../src/core/x509/index.ts';
import type { PaperHost, SimulatorAuthority } from '../../src/simulator/index.ts';

export const at = new Date('2026-11-25T00:00:00Z');
export const secret = new Uint8Array(32).fill(0x66);
export const allPcrs: readonly PcrSelection[] = [{ bank: 'sha256', pcrs: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 14] }];

/** Enrolment: certificate path, key roles, activation. Returns the enrolled key and what the host opened. */
export async function enrol(
  host: PaperHost,
  authority: SimulatorAuthority,
): Promise<{ readonly key: AttestationKey; readonly opened: Uint8Array }> {
  const { certificate, chain } = await host.ekCertificates();
  const ek = verifyEndorsementKey(await host.ekPublic());
  verifyEkCertificate({
    certificate: parseCertificate(certificate ?? new Uint8Array()),
    ekPublic: ek,
    intermediates: chain.map(parseCertificate),
    anchors: parseTrustAnchors(authority.rootCertificate, 'simulator', 'virtual'),
    at,
  });
  const key = verifyAttestationKey(await host.akPublic());
  const sizes = credentialSizes(ek);
  const made = makeCredential({
    ek,
    akName: key.name,
    credential: secret,
    seed: new Uint8Array(sizes.seed).fill(0x55),
    randomness: new Uint8Array(sizes.randomness).fill(0x77),
  });
  return { key, opened: await host.activate(made.credentialBlob, made.encryptedSecret) };
}

export interface Proof {
  readonly quote: VerifiedQuote;
  readonly log: ReplayedLog;
  readonly facts: BootFacts;
}

/** Attestation: quote, PCR values, log. */
export async function attest(
  host: PaperHost,
  key: AttestationKey,
  qualifyingData: Uint8Array,
  selections = allPcrs,
): Promise<Proof> {
  const evidence = await host.quote(qualifyingData, selections);
  const quote = verifyQuote({ ...evidence, key, qualifyingData });
  const pcrs = verifyPcrs(quote, evidence.pcrs);
  const userspace = await host.userspaceLog();
  const log = verifyEventLog(
    parseEventLog((await host.eventLog()) ?? new Uint8Array()),
    pcrs,
    userspace && parseUserspaceLog(userspace),
  );
  return { quote, log, facts: readFacts(log) };
}
