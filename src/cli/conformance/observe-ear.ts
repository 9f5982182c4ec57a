// Attestation results (EAR) among the vectors: claims, submodules, and signed tokens.
import { decodeUtf8, parseJsonStrict } from '../../core/encoding/index.ts';
import { parseJwk } from '../../core/crypto/index.ts';
import { observeEarClaims, observeEarSubmods, observeEarToken, type EarObservation } from '../../core/verdict/index.ts';
import { compareSome, pick, type Observed, type Reading } from './observation.ts';
import { readVector, type VectorCase, type Vectors } from './vectors.ts';

const compared = ['valid', 'profile', 'status', 'trustworthiness', 'submods'];

export const earReading: Reading = {
  observe: async (vectors, vectorCase): Promise<Observed> => ({ ...(await observe(vectors, vectorCase)) }),
  // A token's expectation lists its submods in the token's own names; its verdict is what counts.
  compare: (expect, observed) => compareSome(pick(expect, 'verdict' in expect ? ['verdict'] : compared), observed),
};

async function observe(vectors: Vectors, { file, expect }: VectorCase): Promise<EarObservation> {
  const bytes = readVector(vectors, file);
  if (file.endsWith('.jwt') || 'verdict' in expect) {
    const keyFile = keyFileOf(vectors, expect);
    const key = keyFile === undefined ? undefined : parseJwk(parseJsonStrict(readVector(vectors, keyFile)));
    return observeEarToken(decodeUtf8(bytes).trim(), key, observationDate(expect));
  }
  return 'submods' in expect && !('valid' in expect) ? observeEarSubmods(bytes) : observeEarClaims(bytes);
}

/** The key that the case names, else the one key the folder keeps for its tokens. Never a key out of the token. */
function keyFileOf({ cases }: Vectors, expect: VectorCase['expect']): string | undefined {
  if (typeof expect['key'] === 'string') return expect['key'];
  const kept = cases.filter(({ kind, file }) => kind === 'support' && /^ear\/keys\/.*\.jwk$/.test(file));
  return kept.length === 1 ? kept[0]?.file : undefined;
}

/** Published tokens carry times of years ago; expiry is judged when they held: a second before the token's own end. */
function observationDate(expect: VectorCase['expect']): Date {
  const expiry = expect['exp'];
  return new Date(typeof expiry === 'number' ? (expiry - 1) * 1000 : Date.UTC(2026, 0, 1));
}
