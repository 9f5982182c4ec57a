// What the doctor says of the server's own keys.
import type { Certificate } from '../../core/x509/index.ts';
import type { ServerConfig } from '../config/config.ts';
import { ServerError } from '../errors.ts';
import { authoritiesOf, closeKeys, loadServerKeys, type ServerKeys } from '../keys/server-keys.ts';
import { checkAuthorities } from './check-authorities.ts';
import { attempt, type Check } from './check.ts';

interface KeyChecks {
  /** Undefined where they cannot be loaded. They are closed: what is known of them can be asked, and nothing signed. */
  readonly keys: ServerKeys | undefined;
  readonly checks: readonly Check[];
}

export async function checkKeys(config: ServerConfig, now: Date): Promise<KeyChecks> {
  let keys: ServerKeys | undefined;
  const files = await attempt('keys', 'the keys are present and private', () => {
    keys = loadServerKeys(config);
    authoritiesOf(keys).forEach(({ certificate }) => checkNotEnded(certificate, now));
  });
  if (keys === undefined) return { keys, checks: [files] };
  try {
    return { keys, checks: [files, ...(await checkAuthorities(keys))] };
  } finally {
    await closeKeys(keys);
  }
}

/** @throws ServerError KEY_FILE_INVALID */
function checkNotEnded({ notAfter }: Certificate, now: Date): void {
  if (now <= notAfter) return;
  throw new ServerError('KEY_FILE_INVALID', `the certificate of the attestation CA ended on ${notAfter.toISOString()}`);
}
