// What the server refuses about trust anchors, revocation lists, intermediates, EKs, tokens and subscriptions. Part of the table in ../errors.ts.
export const trustErrors = {
  EVENTS_BUSY: {
    status: 503,
    title: 'Too many wait for events already',
    cause: 'As many callers wait for events or listen to them as `events.maximumListeners` allows.',
    remedy: 'Come back after the time in Retry-After, or subscribe a webhook.',
  },
  SUBSCRIPTION_NOT_FOUND: {
    status: 404,
    title: 'There is no such subscription',
    cause: 'No subscription of this id exists, or it was removed.',
    remedy: 'Correct the id: `touchstone subscription list`.',
  },
  SUBSCRIPTION_URL_REFUSED: {
    status: 422,
    title: 'Events may not be sent to this address',
    cause:
      'The address is not https, carries credentials, or its host is not one that `events.webhookHosts` names; or `events.syslog.receivers` does not list it.',
    remedy:
      'List the receiver in touchstone.yaml: the host of a webhook under `events.webhookHosts`, a syslog receiver under `events.syslog.receivers`. Then start the server anew.',
  },
  SUBSCRIPTION_NOT_PERMITTED: {
    status: 422,
    title: 'The receiver does not permit events',
    cause:
      'A webhook was asked by OPTIONS with WebHook-Request-Origin, and its answer does not name this server in WebHook-Allowed-Origin, or none came. Or a receiver of syslog could not be reached.',
    remedy: 'Let the receiver answer as docs/events.md shows; the detail says what came instead.',
  },
  SUBSCRIPTION_TOO_MANY: {
    status: 409,
    title: 'There are too many subscriptions',
    cause: 'As many subscriptions exist as `events.maximumSubscriptions` allows.',
    remedy: 'Remove one: `touchstone subscription remove`.',
  },
  TRUST_ANCHOR_EXISTS: {
    status: 409,
    title: 'The certificate is already a trust anchor',
    cause: 'The very same certificate is trusted.',
    remedy: 'Nothing. For another scope, withdraw it with `touchstone trust-anchor withdraw ID` and import it again.',
  },
  TRUST_ANCHOR_UNSUITABLE: {
    status: 422,
    title: 'One certificate is expected',
    cause: 'The PEM text holds more than one certificate.',
    remedy: 'Send the certificates one by one.',
  },
  TRUST_ANCHOR_NOT_FOUND: {
    status: 404,
    title: 'There is no such trust anchor',
    cause: 'No anchor of this id is trusted: it never was, or it is withdrawn already.',
    remedy: 'Correct the id: `touchstone trust-anchor list`.',
  },
  TRUST_ANCHOR_NOT_STAGED: {
    status: 404,
    title: 'There is no such staged trust anchor',
    cause: 'No anchor of this id waits to be trusted: it never was imported, is trusted already, or was withdrawn.',
    remedy: 'Look at `touchstone trust-anchor list`.',
  },
  REVOCATION_LIST_OLDER: {
    status: 409,
    title: 'A newer revocation list of this issuer is known',
    cause: 'The list was made before the one in the store; an old list would take revocations back.',
    remedy: 'Get the current list of the issuer.',
  },
  REVOCATION_LIST_NOT_FOUND: {
    status: 404,
    title: 'There is no such revocation list',
    cause: 'No revocation list of this issuer is stored: none was imported, or it is removed already.',
    remedy: 'Correct the id: `touchstone crl list`.',
  },
  REVOCATION_LIST_OTHER: {
    status: 409,
    title: 'It is another revocation list now',
    cause:
      'The list of this issuer was made at another time than the one that was to be removed: another one came meanwhile.',
    remedy:
      'Look at it (`touchstone crl list`), and ask again whom its removal would concern: `touchstone crl remove ID --dry-run`.',
  },
  REVOCATION_URL_REFUSED: {
    status: 422,
    title: 'Nothing is fetched from this address',
    cause: 'The host of the URL is not among revocation.fetchHosts of the configuration, or the URL is none.',
    remedy: 'Add the host to revocation.fetchHosts in touchstone.yaml and restart, or import lists from files.',
  },
  REVOCATION_FETCH_FAILED: {
    status: 502,
    title: 'A revocation list could not be fetched',
    cause:
      'The publisher cannot be reached, or answered with an error, a redirect or more than 16 MiB. Only the log says so: the list before holds.',
    remedy: 'Look at the address by hand; import the list from a file meanwhile: `touchstone crl import`.',
  },
  INTERMEDIATE_UNSUITABLE: {
    status: 422,
    title: 'The certificate is no intermediate',
    cause: 'It is not the certificate of an authority, is a root, or its path leads to no trust anchor now.',
    remedy: 'Import the root above it first: `touchstone trust-anchor import`. Roots are never intermediates.',
  },
  INTERMEDIATES_FULL: {
    status: 409,
    title: 'There is no room for another intermediate',
    cause: 'As many intermediates as intermediates.maximum allows are stored, none past its end; or 256 addresses are.',
    remedy: 'Remove what nobody needs: `touchstone trust-anchor intermediates remove`; or raise intermediates.maximum.',
  },
  INTERMEDIATE_NOT_FOUND: {
    status: 404,
    title: 'There is no such intermediate',
    cause: 'No intermediate, or no address to fetch some from, has this id.',
    remedy: 'Correct the id: `touchstone trust-anchor intermediates list`.',
  },
  INTERMEDIATE_URL_REFUSED: {
    status: 422,
    title: 'Nothing is fetched from this address',
    cause: 'The host of the URL is not among intermediates.fetchHosts of the configuration, or the URL is none.',
    remedy: 'Add the host to intermediates.fetchHosts in touchstone.yaml and restart, or import from files.',
  },
  INTERMEDIATE_FETCH_FAILED: {
    status: 502,
    title: 'An intermediate could not be fetched',
    cause: 'The publisher cannot be reached, or answered with an error, a redirect or more than 1 MiB.',
    remedy: 'Look at the address by hand; import from a file: `touchstone trust-anchor intermediates import`.',
  },
  EK_ALREADY_REGISTERED: {
    status: 409,
    title: 'The endorsement key or the host name is registered already',
    cause: 'One endorsement key has one registration, and one host name is kept for one endorsement key.',
    remedy: 'Look at `touchstone ek list`; unregister the old entry first if it is wrong.',
  },
  EK_REGISTRATION_CONFLICT: {
    status: 409,
    title: 'The registration contradicts an identity that exists',
    cause: 'The TPM is or was another host, the host has another TPM, or the name is kept for another TPM already.',
    remedy:
      'See `touchstone host list` and `touchstone ek list`. For a new TPM of a host, first `touchstone host replace-tpm HOST`.',
  },
  EK_NOT_REGISTERED: {
    status: 404,
    title: 'There is no such registered endorsement key',
    cause: 'No endorsement key of this digest is registered.',
    remedy: 'Correct the digest: `touchstone ek list`.',
  },
  TOKEN_NOT_FOUND: {
    status: 404,
    title: 'There is no such token',
    cause: 'No token of this id exists, or it is revoked already.',
    remedy: 'Correct the id: `touchstone token list`.',
  },
  TOKEN_LAST_OPERATOR: {
    status: 409,
    title: 'This is the last operator token',
    cause: 'Without it nobody could operate the server.',
    remedy: 'Make another operator token first.',
  },
  ATTESTATION_AUTHORITY_NOT_FOUND: {
    status: 404,
    title: 'The attestation CA has no such key',
    cause: 'No key of this id is in `attestationCa`: it never was, or it was taken out after what it issued had ended.',
    remedy: 'Look the id up: `touchstone attestation-ca list`.',
  },
  TRUST_ANCHOR_BUNDLE_OLD: {
    status: 409,
    title: 'A bundle as new as this one was imported before',
    cause:
      'The sequence number of the bundle is not above that of the last one. Anchors would come back that a later bundle left out.',
    remedy: 'Import the newest bundle, or make one with a higher sequence number and let operators sign it.',
  },
} as const;
