// Who asks Keystone for a token, and for what: the `auth` of POST /v3/auth/tokens. [KEYSTONE-V3 Password authentication with scoped
// authorization, Authenticating with an Application Credential]
import { unusable } from '../credentials.ts';

/** What a cloud says of itself, by the names of clouds.yaml; its `auth` is flattened into it. */
export type Settings = Readonly<Record<string, string | undefined>>;

type Named = { readonly id: string } | { readonly name: string; readonly domain?: object };

/** @throws ControllerError CONTROLLER_CREDENTIALS_UNUSABLE */
export function identityOf(authType: string, settings: Settings): object {
  switch (authType) {
    case 'password':
    case 'v3password':
      return { identity: passwordOf(settings), scope: scopeOf(settings) };
    case 'v3applicationcredential':
      // Its scope is that of the credential; Keystone refuses another.
      return { identity: applicationCredentialOf(settings) };
    default:
      throw unusable(`auth_type ${authType} is not one of password, v3applicationcredential, admin_token`);
  }
}

function passwordOf(settings: Settings): object {
  const user = required(nameOf(settings, 'user', settings['username']), 'username or user_id');
  const password = required(settings['password'], 'password');
  return { methods: ['password'], password: { user: { ...user, password } } };
}

function applicationCredentialOf(settings: Settings): object {
  const secret = required(settings['application_credential_secret'], 'application_credential_secret');
  const { application_credential_id: id, application_credential_name: name } = settings;
  // By its name it is only known together with its user.
  const user = () => required(nameOf(settings, 'user', settings['username']), 'username or user_id');
  const credential =
    id === undefined
      ? { name: required(name, 'application_credential_id or application_credential_name'), user: user() }
      : { id };
  return { methods: ['application_credential'], application_credential: { ...credential, secret } };
}

function scopeOf(settings: Settings): object {
  if (settings['system_scope'] === 'all') return { system: { all: true } };
  return { project: required(nameOf(settings, 'project', settings['project_name']), 'project_name or project_id') };
}

/** By id, or by a name within a domain. */
function nameOf(settings: Settings, kind: 'user' | 'project', name: string | undefined): Named | undefined {
  const id = settings[`${kind}_id`];
  if (id !== undefined) return { id };
  if (name === undefined) return undefined;
  const domainId = settings[`${kind}_domain_id`] ?? settings['default_domain_id'];
  const domainName = settings[`${kind}_domain_name`] ?? settings['default_domain_name'];
  if (domainId !== undefined) return { name, domain: { id: domainId } };
  return { name, domain: { name: required(domainName, `${kind}_domain_name or ${kind}_domain_id`) } };
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw unusable(`the cloud has no ${what}`);
  return value;
}
