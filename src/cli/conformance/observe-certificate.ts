// Certificates among the vectors: serial number, TPM attributes, and whether a path leads to a root.
import { readCertificateObservation } from '../../core/x509/index.ts';
import { compareSome, pick, type Observed, type Reading } from './observation.ts';
import { readVector, type Expectation, type VectorCase, type Vectors } from './vectors.ts';

const compared = [
  'serial_hex',
  'ca',
  'tpm_manufacturer',
  'tpm_model',
  'tpm_version',
  'chain_complete_to_root',
  'certificates',
];

export const certificateReading: Reading = {
  observe: observeCertificate,
  compare: (expect, observed) => compareSome({ ...pick(expect, compared), ...expectedType(expect) }, observed),
};

function observeCertificate(vectors: Vectors, { file, expect }: VectorCase): Observed {
  const chain = Array.isArray(expect['chain']) ? expect['chain'].filter((name) => typeof name === 'string') : [];
  const candidates = chain.map((name) => readVector(vectors, name));
  return { ...readCertificateObservation(readVector(vectors, file), candidates) };
}

/** What no X.509 reader accepts must be reported as no certificate. */
function expectedType(expect: Expectation): Expectation {
  if (typeof expect['type'] === 'string') return { type: expect['type'] };
  return expect['openssl_parses'] === false && expect['serial_hex'] === undefined ? { type: 'malformed' } : {};
}
