import { readCertificateObservation } from '../../core/x509/index.ts';
import { compare } from './compare.ts';
import { nothingToCompare, pick, type Observation } from './observation.ts';
import { readVector, type Expectation, type VectorCase, type Vectors } from './vectors.ts';

const compared = ['serial_hex', 'ca', 'tpm_manufacturer', 'chain_complete_to_root', 'certificates'];

export function observeCertificate(vectors: Vectors, { file, expect }: VectorCase): Observation {
  const chain = Array.isArray(expect['chain']) ? expect['chain'].filter((name) => typeof name === 'string') : [];
  const observed = {
    ...readCertificateObservation(
      readVector(vectors, file),
      chain.map((name) => readVector(vectors, name)),
    ),
  };
  const expected = { ...pick(expect, compared), ...expectedType(expect) };
  const mismatches = Object.keys(expected).length === 0 ? [nothingToCompare()] : compare(expected, observed);
  return { observed, mismatches };
}

/** What no X.509 reader accepts must be reported as no certificate. */
function expectedType(expect: Expectation): Expectation {
  if (typeof expect['type'] === 'string') return { type: expect['type'] };
  return expect['openssl_parses'] === false && expect['serial_hex'] === undefined ? { type: 'malformed' } : {};
}
