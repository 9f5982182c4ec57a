// Protected hosts that a change would lose, for people: hosts with one reason together.
import type { components } from '../../api/index.ts';
import { counted, nameSome, printable, printableAgain } from '../../core/encoding/index.ts';
import { formatFacts } from '../table.ts';
import type { Paper } from '../terminal.ts';

export type ProtectedLoss = components['schemas']['ProtectedLoss'];

const shownHosts = 8;
const shownReasons = 5;

export function formatLosses(paper: Paper, losses: readonly ProtectedLoss[]): string[] {
  const groups = groupByReason(losses);
  const more = groups.length - shownReasons;
  return [
    ...groups.slice(0, shownReasons).flatMap((group) => formatGroup(paper, group)),
    ...(more > 0 ? [`and ${more} further reasons (--json names them all)`] : []),
  ];
}

type LossGroup = readonly [ProtectedLoss, ...ProtectedLoss[]];

function groupByReason(losses: readonly ProtectedLoss[]): readonly LossGroup[] {
  const groups = new Map<string, [ProtectedLoss, ...ProtectedLoss[]]>();
  for (const loss of losses) {
    const key = `${loss.code} ${loss.message}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [loss]);
    else group.push(loss);
  }
  return [...groups.values()].sort((left, right) => right.length - left.length);
}

function formatGroup(paper: Paper, group: LossGroup): string[] {
  const [{ code, message, remedy }] = group;
  const hosts = group.map(({ host }) => host);
  return [
    paper.tone('bad', `${counted(group.length, 'protected host')} would lose trust: ${nameSome(hosts, shownHosts)}`),
    ...formatFacts(paper, [
      ['  because', `${printable(code)}: ${printableAgain(message)}`],
      ['  remedy', printableAgain(remedy)],
    ]),
  ];
}
