// `touchstone golden`: from a known-good boot to a golden measurement that a quorum of operators signed.
import { type Command, Option } from 'commander';
import { withAcceptRevoked } from '../inputs/accept-revoked.ts';
import {
  collectList,
  maxFlipsText,
  parseCve,
  parseLimit,
  withConsent,
  withDryRun,
  withExamples,
  withGate,
  withJson,
  withServer,
} from '../command-line.ts';
import type { ServerOptions } from '../connection.ts';
import { answer, type Session } from '../session.ts';
import { approveGolden, proposeGoldens, type ApproveOptions, type ProposeOptions } from './golden-approve.ts';
import { captureGoldens, type CaptureOptions } from './golden-capture.ts';
import { addExport } from './golden-export.ts';
import { addFetch } from './golden-fetch.ts';
import { addImport } from './golden-import.ts';
import { addDraft } from './golden-draft.ts';
import { endGolden, listGoldens, showGolden, type EndOptions, type ListOptions } from './golden-list.ts';
import { shownStates } from './golden-record.ts';
import { addPredict } from './golden-predict.ts';
import { addRolloutCommands } from './golden-rollout.ts';
import { addSync } from './golden-sync.ts';
import { signGoldens, type SignOptions } from './golden-sign.ts';

const story = `
The way of a golden measurement:
  capture   a good host's boot becomes one statement per layer: a proposal, nothing more
  predict   the same from build artefacts, before any host has booted them
  import    the same from a file that somebody else made and signed (and export writes a CoRIM)
  draft     a statement gets a description, a validity, a predecessor
  sign      an operator reads a statement and signs it, offline, with a key of their own
  propose   the signed envelope goes to the server
  approve   the next operator reads what the server holds, signs it, and the quorum makes it active
  sync      all of it at once, from a folder of a repository (and fetch writes that folder)
  rollout   a few hosts first, more of them by evidence, all at last; one call takes it back`;

export function addGoldenCommands(program: Command, session: Session): void {
  const golden = program
    .command('golden')
    .description('golden measurements: what good layers of a boot measure to, signed by operators')
    .addHelpText('after', story);
  addCapture(golden, session);
  addPredict(golden, session);
  addDraft(golden, session);
  addSign(golden, session);
  addPropose(golden, session);
  addApprove(golden, session);
  addList(golden, session);
  addEnd(golden, session);
  addSync(golden, session);
  addFetch(golden, session);
  addRolloutCommands(golden, session);
  addImport(golden, session);
  addExport(golden, session);
}

function addCapture(golden: Command, session: Session): void {
  const command = golden
    .command('capture')
    .description(
      "Draft golden statements from a host's latest attested boot, one file per layer. Nothing is trusted by it.\nA layer whose boot was revoked is left out, and the exit status is 1, unless --accept-revoked names the revoked one.",
    )
    .argument('<host>', 'host id')
    .requiredOption('--out <dir>', 'folder for the statements')
    .option('--layers <list>', 'these layers only', collectList)
    .option('--all', 'also layers that an active golden measurement matches already')
    .action((host: string, options: CaptureOptions) =>
      answer(session, options, () => captureGoldens(session, host, options)),
    );
  withExamples(
    withServer(withAcceptRevoked(command)),
    'touchstone golden capture hv-17.rack3 --out drafts/',
    'touchstone golden capture hv-17.rack3 --layers kernel,initrd --out drafts/',
  );
}

function addSign(golden: Command, session: Session): void {
  const command = golden
    .command('sign')
    .description('Sign statements, or add a signature to envelopes. Offline: the key never leaves this machine.')
    .argument('<file...>', 'statements (LAYER.statement.json) or envelopes (LAYER.dsse.json)')
    .requiredOption('--key <file>', 'your private key, PEM')
    .action((files: readonly string[], options: SignOptions) =>
      answer(session, options, () => signGoldens(session, files, options)),
    );
  withExamples(
    withJson(withConsent(command)),
    'touchstone golden sign drafts/*.statement.json --key ada.key.pem',
    'touchstone golden sign drafts/kernel.dsse.json --key grace.key.pem',
  );
}

function addPropose(golden: Command, session: Session): void {
  const command = golden
    .command('propose')
    .description(
      'Send signed envelopes to the server. They become active when a quorum of distinct signers has signed.',
    )
    .argument('<file...>', 'envelopes')
    .option('--max-flips <hosts>', maxFlipsText, parseLimit)
    .action((files: readonly string[], options: ProposeOptions) =>
      answer(session, options, () => proposeGoldens(session, files, options)),
    );
  withExamples(withServer(command), 'touchstone golden propose drafts/*.dsse.json');
}

function addApprove(golden: Command, session: Session): void {
  const command = golden
    .command('approve')
    .description('Read proposed golden measurements, sign them, and send the signatures.')
    .argument(
      '[id...]',
      'golden measurements (sha256:…): ids, or the first 8 digits or more, as `golden list` shows them',
    )
    .option('--proposed', 'all that wait for signatures')
    .requiredOption('--key <file>', 'your private key, PEM')
    .option('--max-flips <hosts>', maxFlipsText, parseLimit)
    .action((ids: readonly string[], options: ApproveOptions) =>
      answer(session, options, () => approveGolden(session, ids, options)),
    );
  withExamples(
    withServer(withConsent(command)),
    'touchstone golden approve sha256:4f1d9c02 --key grace.key.pem',
    'touchstone golden approve --proposed --key grace.key.pem',
  );
}

function addList(golden: Command, session: Session): void {
  const list = golden
    .command('list')
    .description('List the golden measurements and who signed them.')
    .addOption(new Option('--state <state>', 'those in this state only').choices([...shownStates]))
    .action((options: ListOptions) => answer(session, options, () => listGoldens(session, options)));
  withExamples(withServer(list), 'touchstone golden list', 'touchstone golden list --state proposed');
  const show = golden
    .command('show')
    .description('Show one golden measurement: what it expects, who signed it.')
    .argument('<id>', 'golden measurement (sha256:…): its id, or the first 8 digits or more')
    .action((id: string, options: ServerOptions) => answer(session, options, () => showGolden(session, id, options)));
  withExamples(withServer(show), 'touchstone golden show sha256:4f1d9c02');
}

function addEnd(golden: Command, session: Session): void {
  const retire = golden
    .command('retire')
    .description('Stop matching a golden measurement from now on. Verdicts that rest on it run out at their expiry.')
    .argument('<id>', 'golden measurement (sha256:…): its id, or the first 8 digits or more')
    .requiredOption('--reason <text>', 'why: it is kept in the audit log')
    .action((id: string, options: EndOptions) =>
      answer(session, options, () => endGolden(session, 'retire', id, options)),
    );
  withExamples(
    withServer(withConsent(withGate(withDryRun(retire)))),
    'touchstone golden retire sha256:4f1d9c02 --reason "kernel 6.1.0-55 is out of use" --dry-run',
    'touchstone golden retire sha256:4f1d9c02 --reason "kernel 6.1.0-55 is out of use"',
  );
  const revoke = golden
    .command('revoke')
    .description('Stop trusting a golden measurement at once. Verdicts that rest on it end now.')
    .argument('<id>', 'golden measurement (sha256:…): its id, or the first 8 digits or more')
    .requiredOption('--reason <text>', 'why: it is kept in the audit log')
    .option('--cve <id>', 'CVE that made it bad', parseCve)
    .action((id: string, options: EndOptions) =>
      answer(session, options, () => endGolden(session, 'revoke', id, options)),
    );
  withExamples(
    withServer(withConsent(withGate(withDryRun(revoke)))),
    'touchstone golden revoke sha256:4f1d9c02 --reason "shim without SBAT" --cve CVE-2023-40547',
    'touchstone golden revoke sha256:4f1d9c02 --reason "shim without SBAT" --include-protected',
  );
}
