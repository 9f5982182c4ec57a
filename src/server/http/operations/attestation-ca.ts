// attestation-ca: for whoever trusts the certificates of attestation keys without asking the server about hosts.
import { encodePem } from '../../../core/encoding/index.ts';
import { chainOf, findAuthority, listAuthorities } from '../../attestation/authorities.ts';
import type { Handlers } from '../handler.ts';
import { present } from '../wire/present.ts';

type AttestationCaOperations = Pick<
  Handlers,
  | 'getAttestationCaCertificate'
  | 'getAttestationCaChain'
  | 'getAttestationCaCrl'
  | 'listAttestationAuthorities'
  | 'getAttestationAuthorityCrl'
>;

const crl = (content: Uint8Array) => ({ status: 200, raw: { mediaType: 'application/pkix-crl', content } }) as const;

export const attestationCaOperations: AttestationCaOperations = {
  getAttestationCaCertificate: (_request, { keys }) =>
    Promise.resolve({
      status: 200,
      raw: { mediaType: 'application/pkix-cert', content: keys.authority.certificate.der },
    }),
  getAttestationCaChain: (_request, { keys }) => {
    const pem = chainOf(keys).map((der) => encodePem('CERTIFICATE', der));
    return Promise.resolve({
      status: 200,
      raw: { mediaType: 'application/pem-certificate-chain', content: pem.join('') },
    });
  },
  getAttestationCaCrl: async (_request, { akRevocations, keys }) => crl(await akRevocations.current(keys.authority)),
  listAttestationAuthorities: async (_request, context) => {
    const items = (await listAuthorities(context)).map(({ authority, state, lastCertificateEnds }) => {
      const { subject, notBefore, notAfter, der } = authority.certificate;
      return {
        authorityId: authority.id,
        state,
        subject,
        notBefore: notBefore.toISOString(),
        notAfter: notAfter.toISOString(),
        certificate: encodePem('CERTIFICATE', der),
        ...present('lastCertificateEnds', lastCertificateEnds?.toISOString()),
      };
    });
    return { status: 200, body: { items } };
  },
  getAttestationAuthorityCrl: async ({ path }, { akRevocations, keys }) =>
    crl(await akRevocations.current(findAuthority(keys, path.authorityId))),
};
