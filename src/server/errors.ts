// What the server itself refuses, and the HTTP status of each refusal. docs/errors.md is written from this table.
import type { ServerProblemCode } from '../api/index.ts';
import { storageErrors } from './storage-errors.table.ts';

export interface ServerErrorRow {
  readonly status: number;
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
}

export const serverErrors = {
  REQUEST_ROUTE_UNKNOWN: {
    status: 404,
    title: 'There is nothing at this path',
    cause: 'The path is not part of the API.',
    remedy: 'Compare the path with openapi.yaml.',
  },
  REQUEST_METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'This path does not take this method',
    cause: 'The path exists, the method does not.',
    remedy: 'Use a method from the Allow header.',
  },
  REQUEST_CONTENT_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'The body has a media type that is not read here',
    cause: 'The Content-Type is missing or not one the operation takes.',
    remedy: 'Send application/json; evidence may also be application/cbor.',
  },
  REQUEST_CONTENT_ENCODING_UNSUPPORTED: {
    status: 415,
    title: 'Compressed bodies are not read',
    cause: 'The request has a Content-Encoding. A small compressed body can unpack to any size.',
    remedy: 'Send the body as it is.',
  },
  REQUEST_NOT_ACCEPTABLE: {
    status: 406,
    title: 'The operation has no answer in the wanted media type',
    cause: 'The Accept header names nothing that the operation can produce.',
    remedy: 'Accept application/json, application/eat+jwt or application/eat+cwt, as openapi.yaml says.',
  },
  REQUEST_BODY_TOO_LARGE: {
    status: 413,
    title: 'The body is too large',
    cause: 'The body exceeds the limit of its operation.',
    remedy: 'Send less; the detail names the limit.',
  },
  REQUEST_BODY_MISSING: {
    status: 400,
    title: 'The operation needs a body',
    cause: 'The request has no body.',
    remedy: 'Send the body that openapi.yaml describes.',
  },
  REQUEST_BODY_MALFORMED: {
    status: 400,
    title: 'The body cannot be read',
    cause: 'The body is not JSON or CBOR in the strict form: one value, no key twice, valid UTF-8, bounded nesting.',
    remedy: 'Correct the body; `at` says where reading stopped.',
  },
  REQUEST_INVALID: {
    status: 400,
    title: 'The request does not fit the contract',
    cause: 'A field is missing, unknown, of another type or beyond its bounds.',
    remedy: 'Compare the request with openapi.yaml; `at` names the field.',
  },
  REQUEST_ABORTED: {
    status: 400,
    title: 'The request ended early',
    cause: 'The connection closed before the whole body arrived.',
    remedy: 'Send the request again.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: 'The request came too slowly',
    cause: 'The headers or the body were not complete in the time that `limits` gives them.',
    remedy: 'Send the request again, on a connection that is fast enough.',
  },
  REQUEST_HEADERS_TOO_LARGE: {
    status: 431,
    title: 'The request line and headers are too large',
    cause: 'Request line and headers together are larger than 16 KiB.',
    remedy: 'Send a shorter URL and fewer or shorter headers.',
  },
  REQUEST_HTTP_MALFORMED: {
    status: 400,
    title: 'This is not HTTP/1.1',
    cause: 'The bytes are not a request: a malformed request line or header, an unknown method, two lengths, no Host.',
    remedy: 'Speak HTTP/1.1; with TLS where the server has it.',
  },
  REQUEST_EXPECTATION_UNSUPPORTED: {
    status: 417,
    title: 'The expectation cannot be met',
    cause: 'The Expect header has something other than 100-continue.',
    remedy: 'Send the request without it.',
  },
  REQUEST_CONFLICT: {
    status: 409,
    title: 'Something else changed it at the same moment',
    cause: 'Goldens, policies or the host changed again and again while the request was being worked on.',
    remedy: 'Send the request again; an attestation needs a new challenge.',
  },
  AUTH_REQUIRED: {
    status: 401,
    title: 'Credentials are needed',
    cause: 'The operation needs a bearer token or a known client certificate, and the request has neither.',
    remedy: 'Send `Authorization: Bearer TOKEN`, or connect with a client certificate listed in touchstone.yaml.',
  },
  AUTH_TOKEN_INVALID: {
    status: 401,
    title: 'The token is not valid',
    cause: 'The token is unknown, expired or revoked, or the Authorization header is not a bearer token.',
    remedy: 'Ask an operator for a new token (`touchstone token create NAME --role ROLE`).',
  },
  AUTH_FORBIDDEN: {
    status: 403,
    title: 'This role may not do that',
    cause: 'The role of the caller has no right to the operation, or the host is not the caller itself.',
    remedy: 'Use a token of a role that may; docs/api.md has the table.',
  },
  AUTH_PROOF_REQUIRED: {
    status: 401,
    title: 'A host has to prove that its TPM is there',
    cause:
      'A host calls with its token or certificate alone, as agents of older releases did. That can be copied; a TPM cannot.',
    remedy: 'Update the agent. If it is up to date, something else uses the token of this host: find out what.',
  },
  AUTH_PROOF_INVALID: {
    status: 401,
    title: 'The proof is not one of this host for this request',
    cause:
      'The header `touchstone-proof` is malformed, was signed by another attestation key, or is about another request, host or server. Evidence that somebody else relays looks like this.',
    remedy:
      'Let the host send its own requests. A proxy between must leave path and body as they are. If the server was given another name, hosts enrol again.',
  },
  AUTH_PROOF_STALE: {
    status: 401,
    title: 'The proof was made at another time',
    cause: 'The time in the proof is more than five minutes from that of the server.',
    remedy: 'Make a new proof, with the time in the Date header of this answer. The agent does so by itself.',
  },
  ENROLLMENT_NOT_FOUND: {
    status: 404,
    title: 'There is no such open enrolment',
    cause: 'The enrolment was never opened, has had its one attempt, or was cleared after its time.',
    remedy: 'Start the enrolment again.',
  },
  ENROLLMENT_EXPIRED: {
    status: 410,
    title: 'The enrolment took too long',
    cause: 'The secret came back after the time that activation is given.',
    remedy: 'Start the enrolment again.',
  },
  ENROLLMENT_SECRET_WRONG: {
    status: 403,
    title: 'The secret is not the one that was sealed',
    cause:
      'Only the TPM with the presented endorsement key can open the secret, for the presented attestation key only.',
    remedy: 'Start the enrolment again from the machine that has the TPM. There is one attempt per enrolment.',
  },
  ENROLLMENT_EK_UNVERIFIED: {
    status: 403,
    title: 'The TPM has no endorsement certificate',
    cause: 'The host presented no EK certificate, and the server demands one.',
    remedy:
      'Find the EK certificate (TPM memory or the maker), or set `enrolment.allowUnverifiedEk: true` in touchstone.yaml and accept that any software may call itself a TPM.',
  },
  ENROLLMENT_DEVICE_IDENTITY_OFF: {
    status: 403,
    title: 'Device identities are not taken here',
    cause: 'The host showed an initial attestation key (IAK), and enrolment.deviceIdentity is off.',
    remedy:
      'Enrol without it, or set `enrolment.deviceIdentity` in touchstone.yaml and import the roots of the makers of your machines (`touchstone trust-anchor import FILE --scope platform`).',
  },
  ENROLLMENT_DEVICE_IDENTITY_REQUIRED: {
    status: 403,
    title: 'A device identity is required',
    cause: 'enrolment.deviceIdentity is required, and the host showed no initial attestation key (IAK).',
    remedy: 'Enrol with its certificate: `touchstone agent enrol --idevid FILE`.',
  },
  ENROLLMENT_CERTIFICATION_MISSING: {
    status: 422,
    title: 'The initial attestation key has not vouched for the attestation key',
    cause:
      'The enrolment was opened with an initial attestation key (IAK), and what it signed was not sent with the secret.',
    remedy: 'Enrol again; the agent sends it by itself.',
  },
  ENROLLMENT_TOO_MANY_PENDING: {
    status: 429,
    title: 'Too many enrolments are open',
    cause: 'More enrolments wait for their secret than the server keeps.',
    remedy: 'Try again when some have expired.',
  },
  ENROLLMENT_TOKEN_SPENT: {
    status: 403,
    title: 'The join token has enrolled all hosts it may',
    cause: 'The token was made for a number of hosts, and they have enrolled; or it was revoked meanwhile.',
    remedy: 'Make another one: `touchstone token create NAME --role joiner --enrolments N`.',
  },
  ENROLLMENT_WAITING: {
    status: 403,
    title: 'The host waits for approval',
    cause:
      'The TPM proved itself. This server binds no TPM before an operator approved it (`enrolment.approval: queue`).',
    remedy:
      'Compare the fingerprint with the machine, then run `touchstone host approve HOST`. The host enrols again by itself with `--wait`.',
  },
  ENROLLMENT_REJECTED: {
    status: 403,
    title: 'An operator rejected this TPM',
    cause:
      'The TPM waited for approval, and an operator said no. The rejection is about the TPM, whatever name it asks for.',
    remedy: 'Ask the operator, who sees it with `touchstone host pending --all` and may approve it all the same.',
  },
  ENROLLMENT_DENIED: {
    status: 403,
    title: 'A rule denies this TPM',
    cause:
      'A rule under `enrolment.rules` in touchstone.yaml denies what is known of this TPM. A denial wins over every approval.',
    remedy:
      'Ask whoever runs the server. The detail names the rule; `touchstone host pending --would-approve FILE` tries others.',
  },
  ENROLLMENT_QUEUE_FULL: {
    status: 429,
    title: 'Too many hosts wait for approval',
    cause:
      'The queue has no place left; without a join token, only half of it can be used. Nobody who waits is pushed out.',
    remedy:
      'Approve or reject hosts (`touchstone host pending`), come with a join token, or raise `enrolment.queuePlaces`.',
  },
  PENDING_HOST_NOT_FOUND: {
    status: 404,
    title: 'No such host waits for approval',
    cause:
      'The id was never given, has been answered and used, is too old, or the host asked again under another name or key.',
    remedy: 'Look again: `touchstone host pending`.',
  },
  HOST_NOT_FOUND: {
    status: 404,
    title: 'There is no such host',
    cause: 'No host of this id was ever enrolled.',
    remedy: 'Enrol the host, or correct its id.',
  },
  HOST_RELEASED: {
    status: 409,
    title: 'The host was released',
    cause: 'An operator ended the binding of this host to its TPM; it must enrol before it can attest.',
    remedy: 'Enrol the host again.',
  },
  HOST_RETIRED: {
    status: 409,
    title: 'The host was retired',
    cause: 'An operator retired the host of this name for good, and with it the name.',
    remedy: 'Enrol the machine under another name, with a TPM that no host had.',
  },
  HOST_EK_RETIRED: {
    status: 409,
    title: 'This TPM was retired',
    cause:
      'The host that had this TPM was retired, or got a new TPM in its place. A TPM that was retired never enrols again.',
    remedy: 'Find out why the old TPM is in use. If it was retired by mistake, the machine needs another TPM.',
  },
  HOST_REPLACEMENT_OVER: {
    status: 409,
    title: 'The time for the new TPM is over',
    cause: 'An operator allowed one new TPM for this host, and none enrolled in the time given.',
    remedy: 'An operator runs `touchstone host replace-tpm HOST --reason TEXT` again.',
  },
  HOST_NAME_TAKEN: {
    status: 409,
    title: 'The host name belongs to another TPM',
    cause: 'A host of this name is enrolled with another endorsement key. Nobody takes over a name.',
    remedy:
      'Enrol under another name. If the mainboard was replaced, an operator says so first: `touchstone host replace-tpm HOST`.',
  },
  HOST_NAME_RESERVED: {
    status: 409,
    title: 'The host name is kept for another TPM, or the TPM for another name',
    cause:
      'An operator registered an endorsement key together with the name its host is to have, or the name is an address of the API.',
    remedy: 'Enrol under the registered name; `touchstone ek list` shows it. If the list is wrong, correct it there.',
  },
  HOST_EK_ALREADY_ENROLLED: {
    status: 409,
    title: 'This TPM is already enrolled under another name',
    cause:
      'One endorsement key, and one device identity, is one host for ever. A copied TPM state looks like this too.',
    remedy: 'Enrol under the name the TPM has. If you did not expect this, look for a clone.',
  },
  HOST_AK_CHANGED: {
    status: 409,
    title: 'The host presents another attestation key',
    cause: 'The TPM is the enrolled one, the attestation key is not: the agent lost its state, or somebody made a key.',
    remedy: "Restore the agent's state, or have an operator release the host first: `touchstone host release`.",
  },
  QUARANTINE_NOT_FOUND: {
    status: 404,
    title: 'There is no such quarantine',
    cause: 'No quarantine of this id was opened.',
    remedy: 'Correct the id: `touchstone quarantine list`.',
  },
  QUARANTINE_ENDED: {
    status: 409,
    title: 'The quarantine is over already',
    cause: 'It was lifted, or its time has passed.',
    remedy: 'Nothing; other quarantines may still hold a host: `touchstone quarantine list`.',
  },
  EVENTS_BUSY: {
    status: 503,
    title: 'Too many wait for events already',
    cause: 'As many callers wait for events or listen to them as `events.maximumListeners` allows.',
    remedy: 'Come back after the time in Retry-After, or subscribe a webhook.',
  },
  LOCKOUT_NONE: {
    status: 409,
    title: 'Nothing is held',
    cause: 'Lockout protection has begun no hold, or an operator has ended it already.',
    remedy: 'Nothing is to be done: `touchstone lockout show`.',
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
    remedy: 'List the receiver in touchstone.yaml, and start the server anew.',
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
  DENY_LIST_NOT_FOUND: {
    status: 404,
    title: 'There is no such deny list',
    cause: 'No deny list of this name was imported.',
    remedy: 'Correct the name: `touchstone deny list`.',
  },
  DENY_LIST_OUTDATED: {
    status: 409,
    title: 'This deny list, or a newer issue of it, was imported before',
    cause:
      'The version of a deny list only rises, also after it was removed: an old issue would bring back what was denied since.',
    remedy: 'Import the newest issue, or issue the list again with a higher version and have it signed.',
  },
  DENY_LIST_FROM_THE_FUTURE: {
    status: 422,
    title: 'The deny list was issued at a later time',
    cause: '`issuedAt` lies after the time of the server: a clock is wrong, here or where the list was made.',
    remedy: 'Correct the clock, and have the list signed again if its date is wrong.',
  },
  DENY_LIST_REMOVED: {
    status: 409,
    title: 'The deny list was removed already',
    cause: 'Somebody removed it before; it denies nothing any more.',
    remedy: 'Nothing. To deny again, import an issue with a higher version.',
  },
  HOST_EVIDENCE_NONE: {
    status: 404,
    title: 'There is no evidence of this host',
    cause: 'The host never sent evidence whose signature was valid, or it was cleared with age.',
    remedy: 'Let the host attest first.',
  },
  HOST_GROUNDS_NONE: {
    status: 404,
    title: 'What the last verdict of this host rests on was not kept',
    cause: 'The host attested last under a version that kept only evidence, or more is trusted than a bundle takes.',
    remedy: 'Let the host attest again: restart its agent, or wait for its next attestation.',
  },
  HOST_MEASUREMENTS_TOO_MANY: {
    status: 422,
    title: 'The host measured more than can be compared',
    cause:
      'Its log holds thousands of measurements, or the fleet together has more distinct ones than the memory is meant to hold.',
    remedy: 'Look at its log with `touchstone golden capture`; ask about groups of hosts by label.',
  },
  CHALLENGE_NOT_FOUND: {
    status: 409,
    title: 'There is no such open challenge for this host',
    cause: 'The challenge was never given to this host and key, was answered already, or was cleared after its time.',
    remedy: 'Ask for a new challenge and answer it once.',
  },
  CHALLENGE_EXPIRED: {
    status: 409,
    title: 'The challenge is too old',
    cause: 'The evidence came after the time that a challenge is given.',
    remedy: 'Ask for a new challenge and answer it at once.',
  },
  CHALLENGE_LOG_MISSING: {
    status: 409,
    title: 'The server no longer has the log that the host left out',
    cause: 'The host relied on a log the server held when it gave the challenge, and the log was cleared since.',
    remedy: 'Ask for a new challenge; it will want the log.',
  },
  GOLDEN_MEASUREMENT_NOT_FOUND: {
    status: 404,
    title: 'There is no such golden measurement',
    cause: 'No golden measurement of this id was proposed.',
    remedy: 'Correct the id, or propose the golden measurement.',
  },
  GOLDEN_MEASUREMENT_ENDED: {
    status: 409,
    title: 'The golden measurement was retired or revoked',
    cause: 'What was ended stays ended: the same document never becomes active again.',
    remedy: 'Propose a new document (another description suffices) and have it signed.',
  },
  GOLDEN_MEASUREMENT_SIGNER_UNKNOWN: {
    status: 422,
    title: 'No authorised signer made this signature',
    cause: 'The signature verifies under no signer that may approve this layer.',
    remedy: 'Sign the exact payload with the key of a signer that `touchstone signer list` shows.',
  },
  SIGNERS_LOCKED: {
    status: 403,
    title: 'No signer can be added',
    cause: '`lockSigners` is set in touchstone.yaml: an operator token alone must not bring about a quorum.',
    remedy: 'Whoever administers the server takes `lockSigners` out, restarts it, adds the signer and sets it again.',
  },
  SIGNER_EXISTS: {
    status: 409,
    title: 'The key is already a signer',
    cause: 'A signer with this key is authorised.',
    remedy: 'Nothing, or use another key.',
  },
  SIGNER_KEY_UNSUITABLE: {
    status: 422,
    title: 'The key cannot sign golden measurements',
    cause: 'Signers use Ed25519, ECDSA on P-256 or P-384, or RSA of 3072 bits or more.',
    remedy: 'Make another key: `openssl genpkey -algorithm ed25519`.',
  },
  POLICY_NOT_FOUND: {
    status: 404,
    title: 'There is no such policy',
    cause: 'No policy of this id was written.',
    remedy: 'Correct the id: `touchstone policy list`.',
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
  CONFIG_INVALID: {
    status: 500,
    title: 'touchstone.yaml has mistakes',
    cause: 'A setting is missing, unknown, of another type, or unsafe with the others.',
    remedy: 'Correct every line named in the message; docs/configuration.md lists the settings.',
  },
  CONFIG_NOT_FOUND: {
    status: 500,
    title: 'There is no touchstone.yaml',
    cause: 'The data directory has no configuration that can be read.',
    remedy: 'Make a data directory: `touchstone server init --data DIR`.',
  },
  DATA_DIRECTORY_EXISTS: {
    status: 500,
    title: 'The data directory is in use',
    cause: 'Initialisation never overwrites: the directory holds something already.',
    remedy: 'Choose another directory, or start the server that is there.',
  },
  DATA_DIRECTORY_INCOMPLETE: {
    status: 500,
    title: 'The data directory lacks a file',
    cause: 'Keys or the database are missing. Nothing important is created silently at start.',
    remedy: 'Restore the file from your backup, or make a new data directory with `touchstone server init --data DIR`.',
  },
  DATA_DIRECTORY_LOCKED: {
    status: 500,
    title: 'Another server uses the data directory',
    cause: 'A process holds the lock of the data directory.',
    remedy: 'Stop the other server first.',
  },
  KEY_FILE_EXPOSED: {
    status: 500,
    title: 'A secret file can be read by others',
    cause: 'A key file or the data directory has permissions for its group or for everybody.',
    remedy: 'chmod 600 on the file (700 on the directory), and replace the key if somebody may have read it.',
  },
  KEY_FILE_INVALID: {
    status: 500,
    title: 'A key file cannot be used',
    cause:
      'The file holds no private key, a key of another kind than its use needs, or one that the passphrase does not open; or its certificate is not that of a CA, or has ended.',
    remedy:
      'Correct `attestationCa` or `tls` in touchstone.yaml as the message says, or restore the file from your backup.',
  },
  PKCS11_MODULE_UNUSABLE: {
    status: 503,
    title: 'The PKCS#11 module cannot be used',
    cause:
      'The library that `attestationCa.pkcs11.module` names is missing or cannot be loaded, or the optional package that loads it is not installed.',
    remedy:
      'Correct the path and check with `pkcs11-tool --module PATH --list-slots` as the user of the server. The message says when it is the package: install a C++ compiler and run `npm ci` again.',
  },
  PKCS11_TOKEN_ABSENT: {
    status: 503,
    title: 'The token is not there',
    cause: 'No initialised token, or more than one, has the label and serial number of `attestationCa.pkcs11`.',
    remedy:
      'Connect the token, or correct tokenLabel and tokenSerial: the message names the tokens that are present. The server tries again by itself.',
  },
  PKCS11_PIN_WRONG: {
    status: 503,
    title: 'The token refuses the PIN',
    cause:
      'The PIN in `attestationCa.pkcs11.pinFile` is wrong, or the token has no user PIN. It is not tried again, so that the token is not locked by it.',
    remedy: 'Correct the file and start the server again.',
  },
  PKCS11_PIN_LOCKED: {
    status: 503,
    title: 'The PIN of the token is locked or expired',
    cause: 'Too many wrong PINs were tried, one more would lock the token, or the PIN has expired. Nothing was tried.',
    remedy:
      'Log in by hand once with the right PIN, or let the security officer set a new one; correct pinFile and start the server again.',
  },
  PKCS11_KEY_ABSENT: {
    status: 503,
    title: 'The key is not in the token',
    cause: 'No private key, or more than one, has the label and id of `attestationCa.pkcs11`.',
    remedy: 'List the keys with `pkcs11-tool --module PATH --login --list-objects` and correct keyLabel and keyId.',
  },
  PKCS11_KEY_UNSUITABLE: {
    status: 503,
    title: 'The key in the token cannot be the one of the attestation CA',
    cause:
      'The key may not sign, can leave the token, is of another kind, or is not the one in `attestationCa.certificateFile`.',
    remedy:
      'Make a key in the token that signs and cannot be extracted, with a certificate of its own: docs/attestation-ca.md shows how.',
  },
  PKCS11_SESSION_LOST: {
    status: 503,
    title: 'The session with the token was lost',
    cause:
      'The token was removed or restarted, or its module failed, twice in a row. Hosts are attested, but get no certificates.',
    remedy:
      'Look after the token; the server connects again by itself. If it does not, the log has the return value (CKR_…) for the vendor.',
  },
  PKCS11_UNAVAILABLE: {
    status: 503,
    title: 'The token does not answer',
    cause:
      'The module was asked to open the key or to sign, and did not answer in `attestationCa.pkcs11.timeoutSeconds`. Hosts are attested, but get no certificates.',
    remedy: 'Look after the token and the way to it; the server asks again by itself.',
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
  AUDIT_LOG_BROKEN: {
    status: 500,
    title: 'The audit log was changed',
    cause: 'An entry of the audit log was changed, moved or taken out: it does not follow from the one before it.',
    remedy: 'Compare with a backup or an exported log, and find out who could write to the database.',
  },
  STORAGE_SCHEMA_UNKNOWN: {
    status: 500,
    title: 'The database was written by a newer release',
    cause: 'The database has a schema this release does not know.',
    remedy: 'Use the release that wrote it, or a newer one.',
  },
  STORAGE_DAMAGED: {
    status: 500,
    title: 'The database is damaged',
    cause: 'touchstone.db is empty, cut off, or not a database. It was left as it is: nothing is made in its place.',
    remedy: 'Stop the server, keep a copy of the files, and restore the data directory from your backup.',
  },
  STORAGE_ROW_UNREADABLE: {
    status: 500,
    title: 'What is stored of one host cannot be read',
    cause: 'A row of the database is damaged. The host that it belongs to is denied; other hosts are not concerned.',
    remedy: 'Restore the data directory from your backup, or release the host and enrol it again.',
  },
  STORAGE_UNAVAILABLE: {
    status: 503,
    title: 'The store cannot be read or written',
    cause: 'The database refused: its disk is full, read-only or failing. Nothing was changed.',
    remedy: "Look for the request's id (`instance`) in the server's log, and at the disk of the data directory.",
  },
  ...storageErrors,
  SERVER_ADDRESS_UNAVAILABLE: {
    status: 500,
    title: 'The server cannot listen on its address',
    cause: 'Another program listens there, the address is not one of this machine, or the port needs more rights.',
    remedy: 'Change `listen` in touchstone.yaml, or stop what listens there (`ss -ltnp`).',
  },
  WHAT_IF_BUSY: {
    status: 429,
    title: 'Another question about the whole fleet is being answered',
    cause: 'Asking what a change would do takes the evidence of every host; one such question is answered at a time.',
    remedy: 'Ask again after the time in Retry-After.',
  },
  CHANGE_FLIPS_TOO_MANY: {
    status: 409,
    title: 'The change would flip more hosts than its maker allowed',
    cause: 'By the stored evidence of the fleet, more hosts would gain or lose trust than `maxFlips` says.',
    remedy: 'See which and why with `touchstone what-if`, then correct the change or allow as many.',
  },
  ROLLOUT_NOT_FOUND: {
    status: 404,
    title: 'There is no such rollout',
    cause: 'No rollout of this name was ever started here.',
    remedy: 'List them with `touchstone golden rollout status`.',
  },
  ROLLOUT_NAME_TAKEN: {
    status: 409,
    title: 'There is a rollout of this name',
    cause: 'A rollout is never overwritten: which hosts go first follows from its name.',
    remedy: 'Choose another name.',
  },
  ROLLOUT_GOLDEN_UNSUITABLE: {
    status: 409,
    title: 'The golden measurements cannot go out in stages',
    cause: 'One has ended, hosts rest on it already, two are of one layer, or another rollout of it is under way.',
    remedy: 'Start the rollout before the quorum has signed, with one golden measurement of each layer.',
  },
  ROLLOUT_NOT_READY: {
    status: 409,
    title: 'The evidence does not allow the next step yet',
    cause:
      'A host of the stage is refused, too few are trusted by the new golden measurements, or too little time has passed.',
    remedy: 'See `touchstone golden rollout status NAME`; wait, repair the refused hosts, or roll back.',
  },
  ROLLOUT_ENDED: {
    status: 409,
    title: 'The rollout is over',
    cause: 'It was completed or rolled back, and what was ended stays ended.',
    remedy: 'Start another one; to take back what every host has, retire or revoke the golden measurement.',
  },
  SERVER_BUSY: {
    status: 503,
    title: 'The server has more to do than it can',
    cause:
      'More hosts enrol or attest at this moment than `limits.hostRequests` allows, or this one does so too often at once.',
    remedy: 'Come back after the seconds in Retry-After, as the agent does by itself. Nothing was lost.',
  },
  SERVER_DRAINING: {
    status: 503,
    title: 'The server is stopping',
    cause: 'The server finishes what it has begun and takes nothing new.',
    remedy: 'Send the request again, in a moment or to another replica.',
  },
  SERVER_INTERNAL: {
    status: 500,
    title: 'The server failed',
    cause: 'A mistake of the server. No host became trusted by it.',
    remedy: "Look for the request's id (`instance`) in the server's log, and report it.",
  },
} as const satisfies Record<ServerProblemCode, ServerErrorRow>;

export interface ServerErrorDetails {
  readonly at?: string | number;
  readonly cause?: unknown;
  /** Response headers that belong to the refusal, such as Allow. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal of the server, with a documented code. The message must be fit for the caller's eyes. */
export class ServerError extends Error {
  readonly code: ServerProblemCode;
  readonly at: string | number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ServerProblemCode, message?: string, details: ServerErrorDetails = {}) {
    super(message ?? serverErrors[code].title, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ServerError';
    this.code = code;
    this.at = details.at;
    this.headers = details.headers ?? {};
  }
}
