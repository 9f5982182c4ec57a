// Authorities that certificates of TPMs name and nobody has. They are noted for operators; where to get them is for operators to
// say, too: an address that a certificate names is never fetched.
import { missingIssuer, type Certificate } from '../../core/x509/index.ts';
import type { ServerContext } from '../context.ts';

/** How many are remembered. Anybody who may enrol can name some, and the oldest make room. */
const maximumMissing = 256;
/** Once noted, one is not written again for a while: hosts ask often. */
const quietMs = 60_000;

/** Notes the issuer at which the path of `leaf` breaks off. */
export async function noteMissing(
  { store, now, log }: Pick<ServerContext, 'store' | 'now' | 'log'>,
  leaf: Certificate,
  chain: readonly Certificate[],
): Promise<void> {
  const missing = missingIssuer(leaf, chain);
  if (missing === undefined) return;
  const at = now().getTime();
  const known = (await store.listMissingIntermediates()).find(
    ({ name, keyIdHex }) => name === missing.name && keyIdHex === missing.keyIdHex,
  );
  if (known !== undefined && at - known.lastAt < quietMs) return;
  await store.noteMissingIntermediate(missing, { at, maximum: maximumMissing });
  log.info({ event: 'intermediate.missing', issuer: missing.name, keyId: missing.keyIdHex }, 'an authority is missing');
}
