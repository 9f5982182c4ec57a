// What the server refuses about enrolment, hosts, their attestation and holds. Part of the table in ../errors.ts.
export const hostErrors = {
  ENROLLMENT_NOT_FOUND: {
    status: 404,
    title: 'There is no such open enrolment',
    cause: 'The enrolment was never opened, has had its one attempt, or was cleared after its time.',
    remedy: 'Start the enrolment again: `touchstone agent enrol`, on the host.',
  },
  ENROLLMENT_EXPIRED: {
    status: 410,
    title: 'The enrolment took too long',
    cause: 'The secret came back after the time that activation is given.',
    remedy: 'Start the enrolment again: `touchstone agent enrol`, on the host.',
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
  ENROLLMENT_TOO_OFTEN: {
    status: 429,
    title: 'The TPM was enrolled too often within an hour',
    cause:
      'Each time that a host enrols again revokes the certificate of its attestation key and is told in the audit log. What it had stays as it is.',
    remedy:
      'Find out why the host enrols again and again: perhaps the agent cannot keep its state. Come again after `Retry-After`, or raise `enrolment.mostInAnHour`.',
  },
  ENROLLMENT_TOKEN_SPENT: {
    status: 403,
    title: 'The join token has enrolled all hosts it may',
    cause: 'The token was made for a number of hosts, and they have enrolled; or it was revoked or expired meanwhile.',
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
    remedy:
      'Correct the name: `touchstone host list` has them. Or enrol the host: `touchstone agent enrol`, on the host.',
  },
  HOST_RELEASED: {
    status: 409,
    title: 'The host was released',
    cause: 'An operator ended the binding of this host to its TPM; it must enrol before it can attest.',
    remedy: 'Enrol the host again: `touchstone agent enrol`, on the host.',
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
    cause:
      'The TPM is the enrolled one, the attestation key is not. The agent derives the same one at each start: another program, or an agent that makes its key otherwise, asks to enrol.',
    remedy:
      'Find out what made the key. Where it is meant, an operator releases the host first: `touchstone host release HOST --reason TEXT`.',
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
  LOCKOUT_NONE: {
    status: 409,
    title: 'Nothing is held',
    cause: 'Lockout protection has begun no hold, or an operator has ended it already.',
    remedy: 'Nothing is to be done: `touchstone lockout show`.',
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
  HOST_VERDICT_NOT_KEPT: {
    status: 404,
    title: 'No verdict that is kept of this host is the one that was asked for',
    cause:
      'No verdict was given by then, it was forgotten (`attestation.keepEvidence`), or the beginning of its digest fits none or several.',
    remedy:
      'Choose among those that the message names, the newest first; each is told by its evidence digest and time.',
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
    cause: 'The evidence came after the time that a challenge is given, or the policy asks for other PCRs since.',
    remedy: 'Ask for a new challenge and answer it at once.',
  },
  CHALLENGE_LOG_MISSING: {
    status: 409,
    title: 'The server no longer has the log that the host left out',
    cause:
      'The host relied on a log the server held when it gave the challenge, and the log was cleared since; or it went on with an IMA list from another place than the challenge says.',
    remedy: 'Ask for a new challenge; it will want the log.',
  },
  CHALLENGE_PCRS_MISSING: {
    status: 409,
    title: 'The server does not hold the PCR values that the host left out',
    cause:
      'The host left out its PCR values, and the challenge did not come with an attestation of the host whose values are kept.',
    remedy: 'Ask for a new challenge, and send the PCR values.',
  },
} as const;
