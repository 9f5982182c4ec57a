// attestation-ca: for whoever trusts the certificates of attestation keys without asking the server about hosts.
import type { Handlers } from '../handler.ts';

type AttestationCaOperations = Pick<Handlers, 'getAttestationCaCertificate' | 'getAttestationCaCrl'>;

export const attestationCaOperations: AttestationCaOperations = {
  getAttestationCaCertificate: (_request, { keys }) =>
    Promise.resolve({
      status: 200,
      raw: { mediaType: 'application/pkix-cert', bytes: keys.authority.certificate.der },
    }),
  getAttestationCaCrl: async (_request, { akRevocations }) => ({
    status: 200,
    raw: { mediaType: 'application/pkix-crl', bytes: await akRevocations.current() },
  }),
};
