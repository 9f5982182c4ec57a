// What the server refuses about golden measurements, policies, deny lists, rollouts and what-if. Part of the table in ../errors.ts.
export const goldenErrors = {
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
  GOLDEN_MEASUREMENT_NOT_FOUND: {
    status: 404,
    title: 'There is no such golden measurement',
    cause: 'No golden measurement of this id was proposed.',
    remedy: 'Correct the id (`touchstone golden list` shows all), or propose the golden measurement.',
  },
  GOLDEN_MEASUREMENT_ENDED: {
    status: 409,
    title: 'The golden measurement was retired or revoked',
    cause: 'What was ended stays ended: the same document never becomes active again.',
    remedy:
      'Where a retired one shall be good again, write it anew (`touchstone golden draft FILE --description TEXT --out DIR`) and have it signed. Where it was revoked, boot something else.',
  },
  GOLDEN_REVOKED_EVENTS: {
    status: 409,
    title: 'It would accept again what was revoked',
    cause:
      'The golden measurement has another id than a revoked one, and accepts every boot that the revoked one accepted.',
    remedy:
      'Boot another image, and capture that. If the revocation was a mistake, say so in what is signed: `touchstone golden draft FILE --accept-revoked ID --reason TEXT --out DIR`, and have it signed anew.',
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
  SIGNER_REMOVED: {
    status: 409,
    title: 'The key was taken away',
    cause: 'A key that was removed once is lost or known to others, and is no signer again.',
    remedy: 'Make another key for the person: `touchstone signer create NAME`, and authorise that one.',
  },
  SIGNER_NOT_FOUND: {
    status: 404,
    title: 'There is no such signer',
    cause: 'No authorised signer has this key.',
    remedy: '`touchstone signer list` shows names and key ids.',
  },
  SIGNER_KEY_UNSUITABLE: {
    status: 422,
    title: 'The key cannot sign golden measurements',
    cause: 'Signers use Ed25519, ECDSA on P-256 or P-384, or RSA of 3072 bits or more.',
    remedy: 'Make another key: `touchstone signer create NAME`.',
  },
  POLICY_NOT_FOUND: {
    status: 404,
    title: 'There is no such policy',
    cause: 'No policy of this id was written.',
    remedy: 'Correct the id: `touchstone policy list`.',
  },
  WHAT_IF_BUSY: {
    status: 429,
    title: 'Another question about the whole fleet is being answered',
    cause: 'Asking what a change would do takes the evidence of every host; one such question is answered at a time.',
    remedy: 'Ask again after the time in Retry-After.',
  },
  FLEET_WALK_LOST: {
    status: 503,
    title: 'The process that looked at the fleet ended before its answer',
    cause:
      'A large fleet is looked at by a process of its own, and that was killed, ran out of memory or could not be started. Nothing was changed.',
    remedy: 'Ask again. Where it stays so, look for what the system says of memory, and in the log.',
  },
  CHANGE_FLIPS_TOO_MANY: {
    status: 409,
    title: 'The change would flip more hosts than its maker allowed',
    cause: 'By the stored evidence of the fleet, more hosts would gain or lose trust than `maxFlips` says.',
    remedy: 'See which and why with `touchstone what-if`, then correct the change or allow as many.',
  },
  CHANGE_LOSES_PROTECTED: {
    status: 409,
    title: 'The change would lose hosts that are protected',
    cause:
      'By the stored evidence, hosts that `lockout.protected` names would lose trust by the change, or a quarantine selects them.',
    remedy:
      'Do first what each of them needs, or leave it out of the change. To lose them knowingly, as one that was compromised: `--include-protected` (API: `includeProtected=true`).',
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
    remedy:
      'Start the rollout before the quorum has signed, with one golden measurement of each layer. What all hosts have already cannot go out in stages any more.',
  },
  ROLLOUT_NOT_READY: {
    status: 409,
    title: 'The evidence does not allow the next step yet',
    cause:
      'A host of the stage is refused, too few are trusted by the new golden measurements, or too little time has passed.',
    remedy:
      'See `touchstone golden rollout status NAME`; wait, repair the refused hosts, boot those that rest on a predecessor into what takes its place, or roll back.',
  },
  ROLLOUT_ENDED: {
    status: 409,
    title: 'The rollout is over',
    cause: 'It was completed or rolled back, and what was ended stays ended.',
    remedy: 'Start another one; to take back what every host has, retire or revoke the golden measurement.',
  },
} as const;
