// `touchstone deny`: what no trusted host may have, and which hosts have it.
import { InvalidArgumentError, type Command } from 'commander';
import { collectFile, withConsent, withDryRun, withExamples, withGate, withJson, withServer } from '../command-line.ts';
import type { ServerOptions } from '../connection.ts';
import { answer, type Session } from '../session.ts';
import { addDraft } from './deny-draft.ts';
import { findHosts, type HostsOptions } from './deny-hosts.ts';
import { importLists, listLists, removeList, showList, type ImportOptions, type RemoveOptions } from './deny-list.ts';
import { signLists, type DenySignOptions } from './deny-sign.ts';

const story = `
The way of a deny list:
  hosts     which hosts still run it: by a digest, or by a list that nobody has signed yet
  draft     from the advisories of others (OSV, CSAF), or with an editor: docs/deny-lists.md shows a whole list
  sign      an operator reads the list and signs it, offline, with a key of their own
  import    signed by the quorum, it is in force: verdicts of hosts that it denies end at once
  remove    it denies nothing any more; hosts are trusted again by their next attestation`;

export function addDenyCommands(program: Command, session: Session): void {
  const deny = program
    .command('deny')
    .alias('deny-lists')
    .description('deny lists: what no trusted host may have, signed by operators')
    .addHelpText('after', story);
  addHosts(deny, session);
  addDraft(deny, session);
  addSign(deny, session);
  addImport(deny, session);
  addList(deny, session);
  addShow(deny, session);
  addRemove(deny, session);
}

function addHosts(deny: Command, session: Session): void {
  const command = deny
    .command('hosts')
    .description('Ask stored evidence which hosts still run something. Nothing is changed.')
    .argument('[list]', 'a deny list, signed or not, or the name of one that was imported')
    .option('--digest <digest>', 'an image or event, as sha256:… (sha384, sha512); may be repeated', collectFile)
    .option('--pcr <number>', 'look for the digest in this register only', parsePcr)
    .option('--certificate <sha256>', 'a certificate that lets images run', collectFile)
    .option('--firmware-version <text>', 'a firmware version, exactly', collectFile)
    .option('--sbat <component,generation>', 'shims that let a lower generation run', collectFile)
    .option('--golden <id>', 'a golden measurement', collectFile)
    .action((list: string | undefined, options: HostsOptions) =>
      answer(session, options, () => findHosts(session, list, options)),
    );
  withExamples(
    withServer(command),
    'touchstone deny hosts --digest sha256:3f2a81d05c9e4b7760aa1f2e3d4c5b6a79880716253443526170f9e8d7c6b5a4',
    'touchstone deny hosts --sbat shim,4',
    'touchstone deny hosts fleet.deny.json',
    'touchstone deny hosts fleet',
  );
}

function addSign(deny: Command, session: Session): void {
  const command = deny
    .command('sign')
    .description(
      'Sign a deny list with your own key. The list becomes an envelope beside it; an envelope gains a signature.',
    )
    .argument('<file...>', 'deny lists, JSON, or envelopes')
    .requiredOption('--key <file>', 'your private key, PEM')
    .action((files: readonly string[], options: DenySignOptions) =>
      answer(session, options, () => signLists(session, files, options)),
    );
  withExamples(
    withConsent(withJson(command)),
    'touchstone deny sign fleet.json --key alice.key',
    'touchstone deny sign fleet.dsse.json --key bob.key',
  );
}

function addImport(deny: Command, session: Session): void {
  const command = deny
    .command('import')
    .description(
      'Put signed deny lists into force. Verdicts of hosts that they deny end now. At a terminal it shows first who would be lost, and asks.',
    )
    .argument('<file...>', 'envelopes, signed by the quorum')
    .action((files: readonly string[], options: ImportOptions) =>
      answer(session, options, () => importLists(session, files, options)),
    );
  withExamples(
    withServer(withConsent(withGate(withDryRun(command)))),
    'touchstone deny import fleet.dsse.json --dry-run',
    'touchstone deny import fleet.dsse.json --max-flips 20 --yes',
  );
}

function addList(deny: Command, session: Session): void {
  withExamples(
    withServer(
      deny
        .command('list')
        .description('List the deny lists, in force and removed, and which are overdue.')
        .action((options: ServerOptions) => answer(session, options, () => listLists(session, options))),
    ),
    'touchstone deny list',
  );
}

function addShow(deny: Command, session: Session): void {
  withExamples(
    withServer(
      deny
        .command('show')
        .description('Show a deny list and its entries.')
        .argument('<name>', 'name of the list')
        .action((name: string, options: ServerOptions) =>
          answer(session, options, () => showList(session, name, options)),
        ),
    ),
    'touchstone deny show fleet',
  );
}

function addRemove(deny: Command, session: Session): void {
  const command = deny
    .command('remove')
    .description('End a deny list. Hosts are trusted again by their next attestation, not before.')
    .argument('<name>', 'name of the list')
    .requiredOption('--reason <text>', 'why: it is kept in the audit log')
    .action((name: string, options: RemoveOptions) =>
      answer(session, options, () => removeList(session, name, options)),
    );
  withExamples(withServer(withConsent(command)), 'touchstone deny remove fleet --reason "wrong digest, ticket 4711"');
}

function parsePcr(text: string): number {
  const pcr = Number(text);
  if (!/^\d{1,2}$/.test(text) || pcr > 23) throw new InvalidArgumentError('a register from 0 to 23 is expected');
  return pcr;
}
