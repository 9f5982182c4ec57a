// The artefacts named on the command line as one planned boot.
import { isHashAlgorithm, type HashAlgorithm } from '../../core/crypto/index.ts';
import { parseEventLog, type ClaimedEventLog } from '../../core/event-log/index.ts';
import {
  changeVariables,
  createSecureBootVariables,
  parsePortableExecutable,
  readBootPreamble,
  readSecureBootVariables,
  readSignatureUpdate,
  replaceCommandLine,
  type BootPlan,
  type SecureBootVariables,
  type VariableChange,
} from '../../core/prediction/index.ts';
import { misuse } from '../errors.ts';
import { parseInput, readInput, readTextInput } from '../files.ts';

export interface PlanOptions {
  readonly efi?: readonly string[];
  readonly uki?: string;
  readonly kernel?: string;
  readonly initrd?: readonly string[];
  readonly grubConfig?: string;
  readonly grubPrefix: string;
  readonly commandLine?: string;
  readonly phases?: readonly string[];
  readonly bootLog?: string;
  readonly pk?: string;
  readonly kek?: string;
  readonly db?: string;
  readonly dbx?: string;
  readonly secureBootOff?: boolean;
  readonly kekAdd?: readonly string[];
  readonly dbAdd?: readonly string[];
  readonly dbxAdd?: readonly string[];
  readonly dbxReplace?: string;
  readonly banks: readonly string[];
}

/** @throws CliError CLI_USAGE_INVALID, CLI_FILE_*; MalformedError and VerificationError of the log, the lists, grub.cfg */
export function readBootPlan(options: PlanOptions): BootPlan {
  const { efi = [], uki, phases, bootLog } = options;
  const loaders = efi.map(readBinary);
  const grub = readGrub(options);
  const log = bootLog === undefined ? undefined : parseInput(bootLog, parseEventLog);
  const secureBoot = readSecureBoot(options, log);
  const isLogOnly = log !== undefined && loaders.length === 0 && grub === undefined && uki === undefined;
  return {
    banks: readBanks(options.banks),
    loaders,
    ...(grub === undefined ? {} : { grub }),
    ...(uki === undefined ? {} : { unifiedKernel: readBinary(uki) }),
    ...(secureBoot === undefined ? {} : { secureBoot }),
    ...(phases === undefined ? {} : { phases }),
    ...(log === undefined || isLogOnly ? {} : { preamble: readBootPreamble(log) }),
    ...(isLogOnly ? { keepAuthoritiesOf: log } : {}),
  };
}

function readGrub(options: PlanOptions): BootPlan['grub'] {
  const { kernel, initrd = [], grubConfig, grubPrefix, commandLine } = options;
  if (kernel === undefined && grubConfig === undefined) {
    if (commandLine === undefined && initrd.length === 0) return undefined;
    throw misuse('--command-line and --initrd go with --kernel and --grub-config');
  }
  if (kernel === undefined || grubConfig === undefined) throw misuse('--kernel and --grub-config go together');
  const text = readTextInput(grubConfig);
  return {
    kernel: readBinary(kernel),
    initrds: initrd.map(readInput),
    prefix: grubPrefix,
    configuration: commandLine === undefined ? text : replaceCommandLine(text, commandLine),
  };
}

function readSecureBoot(options: PlanOptions, log: ClaimedEventLog | undefined): SecureBootVariables | undefined {
  const found = readVariables(options, log);
  const changes = readChanges(options);
  if (found === undefined && changes.length > 0) {
    throw misuse('a change of Secure Boot variables needs what is changed: --boot-log, or --pk, --kek and --db');
  }
  return found && changeVariables(found, changes);
}

/** From key files where they are given, else as the log tells them. */
function readVariables(options: PlanOptions, log: ClaimedEventLog | undefined): SecureBootVariables | undefined {
  const { pk, kek, db, dbx, secureBootOff = false } = options;
  const files = [pk, kek, db, dbx].filter((file) => file !== undefined);
  const none = new Uint8Array();
  if (secureBootOff) {
    if (files.length > 0) throw misuse('--secure-boot-off and files of keys exclude each other');
    return createSecureBootVariables({ pk: none, kek: none, db: none, dbx: none });
  }
  if (files.length === 0) return log && readSecureBootVariables(log);
  if (pk === undefined || kek === undefined || db === undefined) throw misuse('--pk, --kek and --db go together');
  return createSecureBootVariables({ pk: readKeys(pk), kek: readKeys(kek), db: readKeys(db), dbx: dbx ? readKeys(dbx) : none }); // prettier-ignore
}

function readChanges({ kekAdd = [], dbAdd = [], dbxAdd = [], dbxReplace }: PlanOptions): readonly VariableChange[] {
  const append = (name: VariableChange['name'], files: readonly string[]): VariableChange[] =>
    files.map((file) => ({ name, kind: 'append', value: readKeys(file) }));
  const replaced: VariableChange[] =
    dbxReplace === undefined ? [] : [{ name: 'dbx', kind: 'replace', value: readKeys(dbxReplace) }];
  return [...append('KEK', kekAdd), ...append('db', dbAdd), ...replaced, ...append('dbx', dbxAdd)];
}

function readKeys(path: string): Uint8Array {
  return parseInput(path, readSignatureUpdate);
}

/** The bytes of an EFI binary, refused at once where they are none, so that the refusal names the file. */
function readBinary(path: string): Uint8Array {
  return parseInput(path, (bytes) => (parsePortableExecutable(bytes), bytes));
}

function readBanks(names: readonly string[]): readonly HashAlgorithm[] {
  const banks = names.filter(isHashAlgorithm);
  if (banks.length !== names.length || banks.length === 0 || new Set(banks).size !== banks.length) {
    throw misuse('--banks: sha256, sha384, sha512 or sha1, each once');
  }
  return banks;
}
