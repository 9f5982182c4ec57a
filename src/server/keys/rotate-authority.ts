// Rotation of the attestation CA's key, in two steps on the machine of the server: a new key is published, and later it issues.
// Both write touchstone.yaml, which a server reads when it starts.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isMap, parseDocument } from 'yaml';
import { checkConfig, configFileName, loadConfig } from '../config/config.ts';
import { ServerError } from '../errors.ts';
import { loadAuthorities } from './attestation-authority.ts';
import { createAuthority } from './create-authority.ts';
import { replaceSecret } from './key-file.ts';
import { keyFiles } from './server-keys.ts';

/** Settings of one key, as they stand in touchstone.yaml. */
type Place = Readonly<Record<string, unknown>>;

export interface Rotation {
  /** Of the key that was made, or that issues from the next start on. */
  readonly authorityId: string;
  readonly configFile: string;
}

/** Makes a key, and adds it to those that are published.
 * @throws ServerError CONFIG_*, KEY_FILE_*, DATA_DIRECTORY_INCOMPLETE */
export function prepareAuthority(directory: string, now: Date): Rotation {
  const { serverId } = loadConfig(directory);
  const { id, key, certificate } = createAuthority(now, (made) => `Attestation CA ${made.slice(0, 8)} of ${serverId}`);
  const name = `keys/attestation-ca-${id.slice(0, 16)}`;
  const place = { keyFile: `${name}.pem`, certificateFile: `${name}.crt` };
  writeFileSync(join(directory, place.keyFile), key, { mode: 0o600, flag: 'wx' });
  writeFileSync(join(directory, place.certificateFile), certificate, { flag: 'wx' });
  try {
    return rewrite(directory, id, ({ current, others }) => ({ current, others: [...others, place] }));
  } catch (error) {
    for (const path of Object.values(place)) rmSync(join(directory, path));
    throw error;
  }
}

/** Lets a published key issue from the next start on; the one before it stays published.
 * @throws ServerError as `chooseAuthority` */
export function rotateAuthority(directory: string, id?: string): Rotation {
  const { next, index } = chooseAuthority(directory, id);
  return rewrite(directory, next, ({ current, others }) => ({
    current: others[index] ?? {},
    others: others.map((other, at) => (at === index ? current : other)),
  }));
}

/** Which key issues, and which published one a rotation lets issue next: the one whose id begins so, as lists show it; without `id` the only
 * one there is.
 * @throws ServerError CONFIG_*, KEY_FILE_*, DATA_DIRECTORY_INCOMPLETE, ATTESTATION_AUTHORITY_NOT_FOUND */
export function chooseAuthority(
  directory: string,
  id = '',
): { readonly issuing: string; readonly next: string; readonly index: number } {
  const { issuing, others: published } = loadAuthorities(loadConfig(directory));
  const [chosen, ...more] = published.filter((each) => each.id.startsWith(id));
  if (chosen !== undefined && more.length === 0) {
    return { issuing: issuing.id, next: chosen.id, index: published.indexOf(chosen) };
  }
  const known = published.map((each) => each.id).join(', ');
  const message =
    known === ''
      ? 'no other key is published that could issue: `touchstone attestation-ca prepare` makes one'
      : `one of these must be named: ${known}`;
  throw new ServerError('ATTESTATION_AUTHORITY_NOT_FOUND', message);
}

interface Places {
  readonly current: Place;
  readonly others: readonly Place[];
}

const names = ['keyFile', 'certificateFile', 'passphraseFile', 'pkcs11'] as const;

/** Everything else in the file stays as it is, comments too. */
function rewrite(directory: string, authorityId: string, change: (places: Places) => Places): Rotation {
  const configFile = resolve(directory, configFileName);
  const document = parseDocument(readFileSync(configFile, 'utf8'));
  const settings = document.toJS() as { readonly attestationCa?: Place & { readonly others?: readonly Place[] } };
  const { current, others } = change({
    current: placeOf(settings.attestationCa ?? {}),
    others: settings.attestationCa?.others ?? [],
  });
  if (!isMap(document.get('attestationCa'))) document.set('attestationCa', document.createNode({}));
  for (const name of names) document.deleteIn(['attestationCa', name]);
  for (const [name, value] of Object.entries(current))
    document.setIn(['attestationCa', name], document.createNode(value));
  document.setIn(['attestationCa', 'others'], document.createNode(others));
  // What a server would refuse is not written; nor is a key that cannot be opened.
  loadAuthorities(checkConfig(document.toJS(), directory));
  replaceSecret(configFile, document.toString());
  return { authorityId, configFile };
}

/** With the defaults written out: among `others` there are none. */
function placeOf(settings: Place): Place {
  const isToken = 'pkcs11' in settings;
  const given = names.filter((name) => name in settings && !(isToken && name === 'keyFile'));
  return {
    ...(isToken ? {} : { keyFile: keyFiles.attestationCa }),
    certificateFile: keyFiles.attestationCaCertificate,
    ...Object.fromEntries(given.map((name) => [name, settings[name]])),
  };
}
