// What a server keeps of a host with a TPM certified by a test authority, and what it holds that against.
import type { EndorsementRoots, EnrolledHost } from '../../../src/core/endorsement/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import { anchorOf, makeEk, makeIntermediate, makeRoot, pkiDate } from '../../support/pki.ts';

export const year = 365 * 86_400_000;
export const tpmRoot = makeRoot();
export const tpmIssuer = makeIntermediate(tpmRoot);
export const ek = makeEk(tpmIssuer);
export const machineRoot = makeRoot({ name: 'Machines root' });
export const machineIssuer = makeIntermediate(machineRoot, { name: 'Machines CA' });

/** Enrolled by a certificate of its EK, below an anchor. */
export function enrolledHost(changes: Partial<EnrolledHost> = {}): EnrolledHost {
  return {
    enrolledAt: pkiDate.getTime(),
    ekDigest: hash('sha256', ek.key.spki),
    ekCertificate: ek.der,
    ekChain: [tpmIssuer.der],
    platformCertificates: [],
    deviceIdentity: undefined,
    endorser: { id: 'the SHA-256 of an anchor' },
    ...changes,
  };
}

export function rootsOf(changes: Partial<EndorsementRoots> = {}): EndorsementRoots {
  return {
    anchors: [anchorOf(tpmRoot)],
    platformAnchors: [anchorOf(machineRoot, { name: 'machines', scope: 'platform' })],
    intermediates: [],
    revocationLists: [],
    ...changes,
  };
}
