// `touchstone policy history`: the versions that a policy had. The server judges by the newest alone; the audit log has each.
import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { readAllPages, type components } from '../../api/index.ts';
import { encodeUtf8, printable } from '../../core/encoding/index.ts';
import { actorText } from '../views/actor-text.ts';
import { parseCount, withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { misuse } from '../errors.ts';
import { requireAbsent, writeOutput } from '../files.ts';
import { formatPolicy, selectorText, type Policy } from '../views/policy-view.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';

interface HistoryOptions extends ServerOptions {
  readonly out?: string;
}

type Document = Omit<Policy, 'version' | 'createdAt'>;

interface Version {
  readonly policy: Policy;
  /** As `policy apply` takes it. */
  readonly document: Document;
  readonly actor: string;
  readonly actorName: string | undefined;
}

export function addPolicyHistoryCommand(policy: Command, session: Session): void {
  withExamples(
    withServer(
      policy
        .command('history')
        .summary('list the versions that a policy had, or show one of them')
        .description(
          'List the versions that a policy had, who wrote each and when, as the audit log has them; or show one of them. ' +
            'With --out it is written as `policy apply` takes it.',
        )
        .argument('<id>', 'policy id')
        .argument('[version]', 'show this one', parseCount)
        .option('--out <file>', 'write that version to this new file')
        .action((id: string, version: number | undefined, options: HistoryOptions) =>
          answer(session, options, () =>
            version === undefined ? listVersions(session, id, options) : showVersion(session, { id, version }, options),
          ),
        ),
    ),
    'touchstone policy history fleet',
    'touchstone policy history fleet 3 --out before.json',
  );
}

async function listVersions(session: Session, id: string, options: HistoryOptions): Promise<Report> {
  if (options.out !== undefined) {
    throw misuse('--out: say which version, after the id of the policy');
  }
  const versions = await readVersions(session, id, options);
  const rows = versions.map(({ policy: { version, createdAt, hosts }, document, actor, actorName }, index) => {
    const changed = changesOf(versions[index - 1]?.document, document);
    return [String(version), createdAt, actorText(actor, actorName), selectorText(hosts), printable(changed, 400)];
  });
  return {
    data: { items: versions.map(({ policy, ...who }) => ({ ...policy, ...whoOf(who) })) },
    lines: (paper) => formatTable(paper, ['version', 'since', 'by', 'hosts', 'changed'], rows),
  };
}

function whoOf({ actor, actorName }: Pick<Version, 'actor' | 'actorName'>) {
  return { actor, ...(actorName === undefined ? {} : { actorName }) };
}

/** The members in which a version differs from the one before it; of facts, which. */
function changesOf(before: Document | undefined, after: Document): string {
  if (before === undefined) return 'the first';
  const facts = differingKeys(before.requireFacts ?? {}, after.requireFacts ?? {}).map(
    (fact) => `requireFacts.${fact}`,
  );
  const others = differingKeys(before, after).filter((member) => member !== 'requireFacts');
  return [...others, ...facts].join(' ') || 'nothing';
}

function differingKeys(before: object, after: object): string[] {
  const [then, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...new Set([...then.keys(), ...now.keys()])].filter((key) => !isDeepStrictEqual(then.get(key), now.get(key)));
}

async function showVersion(
  session: Session,
  { id, version }: { readonly id: string; readonly version: number },
  options: HistoryOptions,
): Promise<Report> {
  const { out } = options;
  if (out !== undefined) requireAbsent(out);
  const versions = await readVersions(session, id, options);
  const found = versions.find(({ policy }) => policy.version === version);
  if (found === undefined) {
    const last = versions.at(-1)?.policy.version ?? 0;
    throw misuse(`${printable(id)} had the versions 1 to ${last}`);
  }
  const { policy, document, ...who } = found;
  if (out !== undefined) writeOutput(out, encodeUtf8(`${JSON.stringify(document, null, 2)}\n`));
  return {
    data: { policy, ...whoOf(who) },
    lines: (paper) => [
      ...formatPolicy(paper, policy),
      ...(out === undefined
        ? []
        : ['', `${printable(out)}: \`touchstone what-if --policy ${printable(out)}\`, then \`policy apply\``]),
    ],
  };
}

/** Oldest first, at least one.
 * @throws ApiProblem POLICY_NOT_FOUND */
async function readVersions(session: Session, id: string, options: ServerOptions): Promise<readonly Version[]> {
  const client = connect(session, options);
  await client.call('getPolicy', { path: { policyId: id } });
  const names = new Map<string, string>();
  const entries = await readAllPages<Entry, number>(async (query) => {
    const page = await client.call('listAudit', { query: { ...query, subject: id, actions: 'policy.written' } });
    for (const [actor, name] of Object.entries(page.actorNames ?? {})) names.set(actor, name);
    return page;
  });
  return entries.map((entry) => versionOf(entry, names));
}

type Entry = components['schemas']['AuditEntry'];

/** The entry has the whole document: an event would have its beginning. */
function versionOf({ subject, at, actor, details }: Entry, names: ReadonlyMap<string, string>): Version {
  const written = JSON.parse(String(details['document'])) as Omit<Document, 'id'>;
  const document = { id: subject, ...written };
  const policy = { ...document, version: Number(details['version']), createdAt: at };
  return { policy, document, actor, actorName: names.get(actor) };
}
