// `touchstone golden predict`: statements about a boot that no host has done yet.
import { join } from 'node:path';
import type { Command } from 'commander';
import { encodeHex, printable } from '../../core/encoding/index.ts';
import { encodeGoldenStatement, documentIdOf } from '../../core/golden/index.ts';
import { createPredictedStatements, predictBoot, readPredictionGaps } from '../../core/prediction/index.ts';
import { collectFile, collectList, withExamples, withJson } from '../command-line.ts';
import { requireAbsent, writeOutput } from '../files.ts';
import { readBootPlan, type PlanOptions } from '../inputs/predict-plan.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { shortId } from '../inputs/short-id.ts';
import { formatFacts, formatTable } from '../table.ts';

export interface PredictOptions extends PlanOptions {
  readonly json?: boolean;
  readonly out: string;
}

/** Writes one statement per layer, as `golden capture` does. Nothing is trusted by it.
 * @throws CliError CLI_USAGE_INVALID, CLI_FILE_*; what `readBootPlan` and `predictBoot` throw */
function predictGoldens(session: Session, options: PredictOptions): Report {
  const plan = readBootPlan(options);
  const gaps = readPredictionGaps(plan);
  const origin = { banks: plan.banks, at: session.now(), gaps };
  const { statements, pcrs } = createPredictedStatements(predictBoot(plan), origin);
  const drafts = statements.map((statement) => {
    const payload = encodeGoldenStatement(statement);
    const file = join(options.out, `${statement.layer}.statement.json`);
    return { payload, layer: statement.layer, id: documentIdOf(payload), events: statement.events.length, file };
  });
  drafts.forEach(({ file }) => requireAbsent(file));
  drafts.forEach(({ file, payload }) => writeOutput(file, payload));
  const values = [...pcrs].map(([pcr, value]) => [pcr, encodeHex(value)] as const);
  const [bank = ''] = plan.banks;
  return {
    data: {
      statements: drafts.map(({ layer, id, events, file }) => ({ layer, id, events, file })),
      gaps,
      bank,
      pcrs: Object.fromEntries(values),
    },
    lines: (paper) => [
      ...formatTable(
        paper,
        ['layer', 'id', 'events', 'file'],
        drafts.map(({ layer, id, events, file }) => [layer, shortId(id), String(events), printable(file)]),
      ),
      ...gaps.map(({ layer, reason }) => `not predicted: ${layer} (${reason}): capture it from one host`),
      '',
      ...formatFacts(paper, [['bank', bank], ...values.map(([pcr, value]) => [`PCR ${pcr}`, value] as const)]),
      '',
      'predicted, not observed, and nothing is trusted yet: compare with one host (`touchstone golden capture`), then sign',
    ],
  };
}

export function addPredict(golden: Command, session: Session): void {
  const command = golden
    .command('predict')
    .description(
      'Compute golden statements from boot artefacts, one file per layer, before any host has booted them. Offline.',
    )
    .requiredOption('--out <dir>', 'folder for the statements')
    .option('--efi <file>', 'boot loaders in the order they start: shim, then GRUB (may be repeated)', collectFile)
    .option('--uki <file>', 'unified kernel image (systemd-stub)')
    .option('--kernel <file>', 'kernel that GRUB loads')
    .option('--initrd <file>', 'initrd that GRUB loads (may be repeated, in order)', collectFile)
    .option('--grub-config <file>', 'grub.cfg as it lies on the host')
    .option('--grub-prefix <path>', 'where GRUB finds grub.cfg', '(hd0,gpt1)/EFI/debian')
    .option('--command-line <text>', 'kernel parameters that will stand in grub.cfg instead')
    .option('--phases <list>', 'boot phases added to the PCR 11 that is shown', collectList)
    .option('--boot-log <log>', 'boot log of a host of this model and these keys: adds layer secure-boot')
    .option('--pk <file>', 'instead of a log: platform key (.esl or .auth), with --kek and --db')
    .option('--kek <file>', 'instead of a log: key exchange keys')
    .option('--db <file>', 'instead of a log: allowed signers')
    .option('--dbx <file>', 'instead of a log: forbidden signers and images (default: empty)')
    .option('--secure-boot-off', 'hosts with Secure Boot off and no keys')
    .option('--kek-add <file>', 'planned: update of KEK (.esl, .auth or .bin)', collectFile)
    .option('--db-add <file>', 'planned: update of db', collectFile)
    .option('--dbx-add <file>', 'planned: update of dbx', collectFile)
    .option('--dbx-replace <file>', 'planned: dbx as it will be')
    .option('--banks <list>', 'hash banks (default: sha256)', collectList)
    .action((options: Omit<PredictOptions, 'banks'> & { banks?: readonly string[] }) =>
      answer(session, options, () => predictGoldens(session, { ...options, banks: options.banks ?? ['sha256'] })),
    );
  withExamples(
    withJson(command),
    'touchstone golden predict --efi shimx64.efi --efi grubx64.efi --kernel vmlinuz --initrd initrd.img',
    '    --grub-config grub.cfg --boot-log binary_bios_measurements --out drafts/',
    'touchstone golden predict --uki linux.efi --pk PK.esl --kek KEK.esl --db db.esl --out drafts/',
    'touchstone golden predict --boot-log binary_bios_measurements --dbx-add DBXUpdate.bin --out drafts/',
  );
}
