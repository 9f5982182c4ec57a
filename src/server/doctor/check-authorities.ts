// Whether the keys of the attestation CA are within reach, and all there. Hosts are attested without them: these are warnings.
import { ServerError, serverErrors } from '../errors.ts';
import { tryAuthority, type AttestationAuthority } from '../keys/attestation-authority.ts';
import { authoritiesOf, type ServerKeys } from '../keys/server-keys.ts';
import type { Check } from './check.ts';
import type { Store } from '../storage/index.ts';

/** Has each key sign: one in a token may be out of reach. */
export async function checkAuthorities(keys: ServerKeys): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const authority of authoritiesOf(keys)) {
    const name = authority === keys.authority ? 'attestation-ca' : 'attestation-ca-other';
    checks.push({ name, severity: 'warning', ...(await checkSigns(authority)) });
  }
  return checks;
}

async function checkSigns(authority: AttestationAuthority): Promise<Pick<Check, 'ok' | 'message' | 'remedy'>> {
  const { subject } = authority.certificate;
  try {
    await tryAuthority(authority);
    return { ok: true, message: `${subject} signs`, remedy: '' };
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    const message = `${subject} cannot sign: ${error.code}: ${error.message}`;
    return { ok: false, message, remedy: serverErrors[error.code].remedy };
  }
}

/** Certificates live on after their key was taken out of the configuration; then nobody can revoke them. */
export async function checkStrayCertificates(
  store: Pick<Store, 'listAkIssuers'>,
  keys: ServerKeys,
  now: Date,
): Promise<Check> {
  const known = new Set(authoritiesOf(keys).map(({ id }) => id));
  const stray = (await store.listAkIssuers()).filter(
    ({ id, lastCertificateEnds = 0 }) => !known.has(id) && lastCertificateEnds > now.getTime(),
  );
  const named = stray
    .map(({ id, lastCertificateEnds = 0 }) => `${id} until ${new Date(lastCertificateEnds).toISOString()}`)
    .join(', ');
  return {
    name: 'attestation-ca-strays',
    ok: stray.length === 0,
    severity: 'warning',
    message:
      stray.length === 0
        ? 'every certificate of an attestation key can be revoked'
        : `certificates cannot be revoked, because the key that issued them is not in touchstone.yaml: ${named}`,
    remedy:
      'Put the key back into attestationCa.others until then. If it was stolen, have others trust its certificate no longer.',
  };
}
