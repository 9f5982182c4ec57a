// The CLI's own failures. Codes of the core and of the server are passed on as they are.
import type { ErrorTable } from '../core/error-table.ts';
import type { Refusal } from './report.ts';
import { simulationErrors } from './simulate/errors.ts';

export const cliErrors = {
  CLI_USAGE_INVALID: {
    cause: 'A command, an option or a value was not understood. Exit status 2.',
    remedy: 'Add --help to the command: it shows the options and examples.',
  },
  CLI_CONSENT_MISSING: {
    cause:
      'The command signs, revokes, retires or releases, and nobody said yes: there is no terminal to ask at, or the ' +
      'answer was no. Nothing was done. Exit status 2.',
    remedy: 'Run it at a terminal and answer y, or add --yes where a script has decided.',
  },
  CLI_FILE_UNREADABLE: {
    cause: 'A file named on the command line cannot be read: absent, a folder, or not permitted. Exit status 2.',
    remedy: 'Check the path and its permissions.',
  },
  CLI_FILE_TOO_LARGE: {
    cause: 'A file named on the command line is larger than anything of its kind can be (64 MiB).',
    remedy: 'Check that the right file was named.',
  },
  CLI_FILE_EXISTS: {
    cause: 'A file that the command would write exists already. Nothing is overwritten unasked.',
    remedy: 'Choose another name or folder, or move the existing file away.',
  },
  CLI_FILE_UNWRITABLE: {
    cause: 'A file or folder that the command should write cannot be written.',
    remedy: 'Check that the folder exists, its permissions and the free space.',
  },
  CLI_CABINET_MALFORMED: {
    cause: 'The file is no cabinet (.cab), is one of several volumes, or is cut or damaged.',
    remedy: 'Get the cabinet again. Or unpack it with other tools and import the folder.',
  },
  CLI_CABINET_COMPRESSION: {
    cause: 'The cabinet is packed with LZX or Quantum, which is not read here. Nothing was imported.',
    remedy: 'Unpack it with `cabextract FILE -d FOLDER` (or expand.exe) and import the folder.',
  },
  CLI_INPUT_UNRECOGNISED: {
    cause:
      'The file is none of the formats this command reads. Exit status 1; 2 where it was named with `--ca` or is the list of `ek register --list`.',
    remedy: 'Correct the place that the message names, if any; --help has the formats.',
  },
  CLI_KEY_UNUSABLE: {
    cause: 'The private key cannot be read, or is of a kind that golden measurements cannot be signed with.',
    remedy: 'Use an unencrypted PEM key: ECDSA P-256 or P-384, Ed25519, or RSA of 3072 bits or more.',
  },
  CLI_KEY_PRIVATE: {
    cause: 'A file with a private key was named where the public one is expected. It stayed on this machine.',
    remedy:
      'Name the public half: `signer create` wrote it as NAME.pub.pem, and `openssl pkey -in KEY -pubout` writes that of any key.',
  },
  CLI_POLICY_DOUBTFUL: {
    cause: '`policy check` found an error or a warning in a policy document that can be read.',
    remedy: 'Correct what the remarks name, or accept it knowingly: `touchstone policy apply` takes it all the same.',
  },
  CLI_GOLDEN_REVOKED: {
    cause:
      'A golden measurement would accept every boot of one that was revoked. It was left out: nothing of it was drafted, signed or sent.',
    remedy:
      'Boot another image and capture that. If the revocation was a mistake, add `--accept-revoked ID --reason TEXT` to `golden capture` or `golden draft`: it is written into what is signed.',
  },
  CLI_NOTHING_PROPOSED: {
    cause: '`golden approve --proposed` found no golden measurement that waits for signatures.',
    remedy:
      'See what there is: `touchstone golden list`. Envelopes get to the server with `touchstone golden propose`.',
  },
  CLI_ID_UNKNOWN: {
    cause:
      'The beginning of an id or a name was given, and nothing that the server knows has an id that begins so, or that name.',
    remedy: 'Copy the id from the list that the message names. Eight hexadecimal digits or more are enough.',
  },
  CLI_ID_AMBIGUOUS: {
    cause:
      'The beginning of an id was given, and several ids begin so; or a person has several keys. Nothing was done.',
    remedy: 'Give more digits, or the id of one key: the message names those that were meant.',
  },
  CLI_PENDING_UNCLEAR: {
    cause:
      'No host of this name, id or fingerprint waits for approval, or several TPMs ask for the same name. Nothing was done.',
    remedy: 'See `touchstone host pending --all`, and name one by the fingerprint of its TPM.',
  },
  CLI_QUARANTINE_NONE: {
    cause: 'No quarantine in force was opened for exactly the hosts that were named. Nothing was lifted.',
    remedy: 'See `touchstone quarantine list`, and name one by its id.',
  },
  CLI_BREAK_GLASS_UNFIT: {
    cause:
      'A statement cannot cover the host: it is trusted already, its verdict does not hold, or it is refused for something that nobody may excuse.',
    remedy:
      'Look at the host: `touchstone host explain HOST`. docs/break-glass.md says what may be excused; what a policy demands is taken back in the policy (`touchstone policy history`).',
  },
  CLI_BREAK_GLASS_TOO_LONG: {
    cause:
      'The server takes no break-glass statement that lasts so long, or none at all (`breakGlass.longestSeconds`). Nothing was written.',
    remedy:
      'Propose a shorter one (`--for`). For longer ones, or any, raise `breakGlass.longestSeconds` in touchstone.yaml and start the server anew.',
  },
  CLI_SERVER_MISSING: {
    cause: 'The command needs a server and none was named. Exit status 2.',
    remedy: 'Give --server URL, or set TOUCHSTONE_SERVER.',
  },
  CLI_TOKEN_MISSING: {
    cause: 'The command needs an access token and none was given. Exit status 2.',
    remedy: 'Give --token-file FILE, or set TOUCHSTONE_TOKEN. `touchstone server init` wrote the first one.',
  },
  CLI_QUOTE_UNEXPLAINED: {
    cause: 'The quote is genuine, but the event log given with it does not lead to the quoted PCR values.',
    remedy:
      'Take quote, PCR values and logs of the same boot, with `--userspace-log` where systemd measures. If they are, the logs are not what the host measured.',
  },
  CLI_ADMISSION_DENIED: {
    cause: 'The server denies placing the workload on this host. The reasons are listed with the decision.',
    remedy:
      'Read the reasons: `touchstone host explain HOST` tells what the host must change. A host that is not enrolled has to enrol first (`touchstone agent enrol`).',
  },
  CLI_EVIDENCE_DIFFERS: {
    cause:
      'An evidence bundle is whole, and its evidence does not give the verdict that the server gave: at the time, or under the anchors and signers, that were asked about.',
    remedy:
      'Look at what differs. With `--at`, `--anchors` or `--signers` that may be the answer you looked for; without them, the server and this program disagree: compare their versions, and report it.',
  },
  CLI_EVIDENCE_UNTRUSTED: {
    cause:
      'An evidence bundle gives the verdict that the server gave, and it is worse than `--require` demands, or operators had set the host aside.',
    remedy: 'Read the findings: each says what was expected and what was observed.',
  },
  CLI_CHECKPOINT_OLD: {
    cause:
      'A server signs a checkpoint of its audit log when it is asked for one, and this one was signed more than ten minutes ago, or ahead of time.',
    remedy:
      'Compare the clock of the server with that of this machine. If both are right, somebody gave an answer from before.',
  },
  CLI_ATTESTATION_REFUSED: {
    cause: 'The host attested, and the verdict is not affirming. The findings say why.',
    remedy: 'Follow the remedy of each finding.',
  },
  CLI_FLIPS_TOO_MANY: {
    cause: 'The change would make more hosts gain or lose trust than --max-flips allows. Nothing was changed.',
    remedy:
      'Ask `touchstone what-if` (`golden sync`: --dry-run): each group names the first reason. Correct the change, or allow as many.',
  },
  CLI_CHANGE_TOO_LARGE: {
    cause:
      'More golden measurements or deny lists than the server judges as one change (64 that would be active, 256 that would end, 16 lists), or statements of more bytes than one request may have. Nothing was done.',
    remedy:
      'Do it in several commands, each with its own --max-flips: what one made active counts for the next. `golden sync` takes one folder below after the other. ' +
      'Statements that are too large together: propose them without --max-flips while signatures are missing, and give it to `touchstone golden approve`, which names them by their ids.',
  },
  CLI_CAPTURE_UNPROVEN: {
    cause:
      'The log of the latest attested boot explains none of the registers of the layers that were asked for. Nothing was drafted: such a log says nothing of what was booted.',
    remedy:
      '`touchstone host explain HOST` says what is wrong with the log. Where it is another file than that of this boot, correct `--event-log` on the host; then `touchstone agent attest` there, and capture again.',
  },
  CLI_LAYER_UNSEEN: {
    cause:
      'A layer was asked for by its name, and the latest evidence of the host has nothing of it: no list of files for layer runtime, or a boot that measured nothing of that layer. Of the others drafts were made.',
    remedy:
      'Of layer runtime: a host sends its list of files (IMA) once a policy demands the layer; then `touchstone agent attest` there, and capture again. Of another: leave it out of --layers.',
  },
  CLI_SIGNATURE_UNKNOWN: {
    cause:
      'A golden measurement in the folder has no signature of a signer that the server knows for its layer, or was changed after it was signed; or nobody has signed the deny list. Nothing was done.',
    remedy:
      'Take the file as it was signed (`git log -p FILE`), or sign it: `touchstone golden sign`, `touchstone deny sign`. `touchstone signer list` shows whose signatures count.',
  },
  CLI_INTERRUPTED: {
    cause:
      'A signal (Ctrl-C, SIGTERM) ended the command between two changes. Those that the answer names as done stay made; the others were not sent.',
    remedy: 'Run it again: what is in force is skipped.',
  },
  CLI_DOCTOR_PROBLEMS: {
    cause: '`server doctor` found something that must be put right.',
    remedy: 'Follow the remedy beside each problem.',
  },
  CLI_CONFORMANCE_FAILED: {
    cause: 'At least one case of the vectors was observed differently from its expectation.',
    remedy: 'Read the mismatches: each names what was expected and what was observed.',
  },
  CLI_VECTORS_EMPTY: {
    cause: 'The folder of vectors has no index.json with at least one case. Exit status 2.',
    remedy: 'Name a folder with index.json, e.g. --vectors ../shared/vectors.',
  },
  CLI_EVENT_UNACKNOWLEDGED: {
    cause: 'A receiver of events was sent a test and did not acknowledge it with a status of 2xx in time.',
    remedy: 'Look into the log of the receiver; the message says what it answered.',
  },
  CLI_DEMO_FAILED: {
    cause: 'A step of the demonstration did not go as the story says.',
    remedy: 'The step names what was expected. Run it again with TOUCHSTONE_DEMO_KEEP=1 to keep its files.',
  },
  ...simulationErrors,
  CLI_INTERNAL: {
    cause: 'A defect of Touchstone itself. Nothing was accepted.',
    remedy: 'Run again with TOUCHSTONE_DEBUG=1 and report what it prints.',
  },
} as const satisfies ErrorTable;

export type CliErrorCode = keyof typeof cliErrors;

/** A failure of the command line itself. `misuse` ends with exit status 2, everything else with 1. */
export class CliError extends Error {
  readonly code: CliErrorCode;
  readonly misuse: boolean;

  constructor(
    code: CliErrorCode,
    message: string,
    options: { readonly misuse?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CliError';
    this.code = code;
    this.misuse = options.misuse ?? false;
  }
}

/** Of a call that cannot be meant: its options or arguments contradict each other, or cannot be read. */
export function misuse(message: string): CliError {
  return new CliError('CLI_USAGE_INVALID', message, { misuse: true });
}

interface RefusedDetails extends Pick<Refusal, 'remedy' | 'protectedHosts'> {
  readonly cause?: unknown;
}

/** A refusal of another room (server, agent) on its way to the terminal, with that room's code and remedy. */
export class RefusedError extends Error {
  readonly code: string;
  readonly remedy: string | undefined;
  readonly protectedHosts: Refusal['protectedHosts'];

  constructor(code: string, message: string, options: RefusedDetails = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RefusedError';
    this.code = code;
    this.remedy = options.remedy;
    this.protectedHosts = options.protectedHosts;
  }
}
