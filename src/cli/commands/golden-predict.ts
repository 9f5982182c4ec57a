// `touchstone golden predict`: statements about a boot that no host has done yet.
import { join } from 'node:path';
import { isHashAlgorithm, type HashAlgorithm } from '../../core/crypto/index.ts';
import { encodeHex, printable } from '../../core/encoding/index.ts';
import { parseEventLog } from '../../core/event-log/index.ts';
import { encodeGoldenStatement, goldenIdOf } from '../../core/golden/index.ts';
import {
  changeVariables,
  createPredictedStatements,
  predictBoot,
  readSecureBootVariables,
  replaceCommandLine,
  type BootPlan,
  type VariableChange,
} from '../../core/prediction/index.ts';
import { CliError } from '../errors.ts';
import { readInput, readTextInput, writeOutput } from '../files.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { formatFacts, formatTable } from '../table.ts';

export interface PredictOptions {
  readonly json?: boolean;
  readonly out: string;
  readonly efi?: readonly string[];
  readonly uki?: string;
  readonly kernel?: string;
  readonly initrd?: readonly string[];
  readonly grubConfig?: string;
  readonly grubPrefix: string;
  readonly commandLine?: string;
  readonly phases?: readonly string[];
  readonly secureBootFrom?: string;
  readonly kekAdd?: readonly string[];
  readonly dbAdd?: readonly string[];
  readonly dbxAdd?: readonly string[];
  readonly dbxReplace?: string;
  readonly banks: readonly string[];
}

/** Writes one statement per layer, as `golden capture` does. Nothing is trusted by it.
 * @throws CliError CLI_USAGE_INVALID; what `predictBoot` throws */
export function predictGoldens(session: Session, options: PredictOptions): Report {
  const plan = readPlan(options);
  const { statements, pcrs } = createPredictedStatements(predictBoot(plan), { banks: plan.banks, at: session.now() });
  const written = statements.map((statement) => {
    const payload = encodeGoldenStatement(statement);
    const file = join(options.out, `${statement.layer}.statement.json`);
    writeOutput(file, payload);
    return { layer: statement.layer, id: goldenIdOf(payload), events: statement.events.length, file };
  });
  const values = [...pcrs].map(([pcr, value]) => [`PCR ${pcr}`, encodeHex(value)] as const);
  const [bank = ''] = plan.banks;
  return {
    data: {
      statements: written,
      bank,
      pcrs: Object.fromEntries([...pcrs].map(([pcr, value]) => [pcr, encodeHex(value)])),
    },
    lines: (paper) => [
      ...formatTable(
        paper,
        ['layer', 'id', 'events', 'file'],
        written.map(({ layer, id, events, file }) => [layer, id.slice(0, 23), String(events), printable(file)]),
      ),
      '',
      ...formatFacts(paper, [['bank', bank], ...values]),
      '',
      'predicted, not observed, and nothing is trusted yet: compare with one host (`touchstone golden capture`), then sign',
    ],
  };
}

function readPlan(options: PredictOptions): BootPlan {
  const { efi = [], uki, phases, secureBootFrom } = options;
  const loaders = efi.map(readInput);
  const grub = readGrub(options);
  const log = secureBootFrom === undefined ? undefined : parseEventLog(readInput(secureBootFrom));
  const changes = readChanges(options);
  if (log === undefined && changes.length > 0)
    throw misuse('a change of Secure Boot variables needs --secure-boot-from');
  const secureBoot = log && changeVariables(readSecureBootVariables(log), changes);
  const isLogOnly = log !== undefined && loaders.length === 0 && grub === undefined && uki === undefined;
  return {
    banks: readBanks(options.banks),
    loaders,
    ...(grub === undefined ? {} : { grub }),
    ...(uki === undefined ? {} : { unifiedKernel: readInput(uki) }),
    ...(secureBoot === undefined ? {} : { secureBoot }),
    ...(phases === undefined ? {} : { phases }),
    ...(isLogOnly ? { keepAuthoritiesOf: log } : {}),
  };
}

function readGrub(options: PredictOptions): BootPlan['grub'] {
  const { kernel, initrd = [], grubConfig, grubPrefix, commandLine } = options;
  if (kernel === undefined && grubConfig === undefined) {
    if (commandLine === undefined && initrd.length === 0) return undefined;
    throw misuse('--command-line and --initrd go with --kernel and --grub-config');
  }
  if (kernel === undefined || grubConfig === undefined) throw misuse('--kernel and --grub-config go together');
  const text = readTextInput(grubConfig);
  return {
    kernel: readInput(kernel),
    initrds: initrd.map(readInput),
    prefix: grubPrefix,
    configuration: commandLine === undefined ? text : replaceCommandLine(text, commandLine),
  };
}

function readChanges({ kekAdd = [], dbAdd = [], dbxAdd = [], dbxReplace }: PredictOptions): readonly VariableChange[] {
  const append = (name: VariableChange['name'], files: readonly string[]): VariableChange[] =>
    files.map((file) => ({ name, kind: 'append', value: readInput(file) }));
  const replaced: VariableChange[] =
    dbxReplace === undefined ? [] : [{ name: 'dbx', kind: 'replace', value: readInput(dbxReplace) }];
  return [...append('KEK', kekAdd), ...append('db', dbAdd), ...replaced, ...append('dbx', dbxAdd)];
}

function readBanks(names: readonly string[]): readonly HashAlgorithm[] {
  const banks = names.filter(isHashAlgorithm);
  if (banks.length !== names.length || banks.length === 0 || new Set(banks).size !== banks.length) {
    throw misuse('--banks: sha256, sha384, sha512 or sha1, each once');
  }
  return banks;
}

function misuse(message: string): CliError {
  return new CliError('CLI_USAGE_INVALID', message, { misuse: true });
}
