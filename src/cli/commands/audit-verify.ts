// `touchstone audit verify`: that the log of a server was only appended to since a checkpoint that somebody kept.
import { existsSync } from 'node:fs';
import { parseJwks } from '../../core/crypto/index.ts';
import { counted, printable } from '../../core/encoding/index.ts';
import { AttestationError } from '../../core/error.ts';
import { verifyAppended, type OpenedCheckpoint } from '../../core/transparency/index.ts';
import { encodeKept, isJsonText, openKept, parseKept, type KeptCheckpoint } from '../inputs/checkpoint-file.ts';
import { connect } from '../connection.ts';
import { misuse } from '../errors.ts';
import {
  checkFresh,
  describeCheckpoint,
  fetchCheckpoint,
  keyText,
  readOwnKeys,
  type KeyOptions,
  type OwnKeys,
} from '../inputs/fetch-checkpoint.ts';
import { parseInput, replaceOutput, writeOutput } from '../files.ts';
import { toRefusal } from '../refusal.ts';
import type { Refusal, Report } from '../report.ts';
import type { Session } from '../session.ts';
import { formatFacts } from '../table.ts';
import type { Paper } from '../terminal.ts';

export interface AuditVerifyOptions extends KeyOptions {
  readonly since: string;
  readonly update?: boolean;
}

export async function verifySince(session: Session, options: AuditVerifyOptions): Promise<Report> {
  const { since, update } = options;
  const before = parseInput(since, update === true ? parseReplaceable : parseKept);
  const own = readOwnKeys(options);
  const earlier = await openKept(printable(since), before, own?.keys);
  const { kept, path } = await fetchCheckpoint(connect(session, options), own, { from: earlier.size });
  const { opened: later, isNewKey } = await openLater(kept, before, own);
  const refusal = refusalOf(() => verifyAppended(earlier, later, path));
  if (refusal === undefined) checkFresh(later, session.now());
  const wrote = update === true ? keep(since, kept, refusal) : undefined;
  const comparison = { earlier, later, isNewKey, isPinned: own !== undefined, wrote, refusal };
  return {
    data: {
      since: describeCheckpoint(earlier),
      now: describeCheckpoint(later),
      appended: refusal === undefined ? later.size - earlier.size : null,
      trusted: own === undefined ? 'server' : 'own',
      isNewKey,
      wrote: wrote ?? null,
      // Whoever asks the server about a refusal needs what it signed.
      signed: { checkpoint: kept.signed.text, signature: kept.signed.signature },
    },
    lines: (paper) => formatComparison(paper, comparison),
    refusal,
  };
}

function parseReplaceable(bytes: Uint8Array): KeptCheckpoint {
  if (isJsonText(bytes)) return parseKept(bytes);
  const problem = '--update takes a kept checkpoint, and no evidence bundle';
  throw misuse(problem);
}

/** By the keys that the kept checkpoint came with, where it is one of them; a key that came later is the word of the server, and told. */
async function openLater(kept: KeptCheckpoint, before: KeptCheckpoint, own: OwnKeys | undefined) {
  const name = 'the checkpoint of the server';
  if (own !== undefined) return { opened: await openKept(name, kept, own.keys), isNewKey: false };
  try {
    return { opened: await openKept(name, kept, parseJwks(before.keySet)), isNewKey: false };
  } catch (error) {
    if (!(error instanceof AttestationError) || error.code !== 'VERDICT_TOKEN_KEY_UNKNOWN') throw error;
    return { opened: await openKept(name, kept, undefined), isNewKey: true };
  }
}

function refusalOf(check: () => void): Refusal | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return toRefusal(error).refusal;
  }
}

/** The first that was refused stays: it is what the server has to explain. */
function keep(since: string, kept: KeptCheckpoint, refusal: Refusal | undefined): string | undefined {
  if (refusal === undefined) {
    replaceOutput(since, encodeKept(kept));
    return since;
  }
  const file = `${since}.refused`;
  if (existsSync(file)) return undefined;
  writeOutput(file, encodeKept(kept));
  return file;
}

interface Comparison {
  readonly earlier: OpenedCheckpoint;
  readonly later: OpenedCheckpoint;
  readonly isNewKey: boolean;
  readonly isPinned: boolean;
  readonly wrote: string | undefined;
  readonly refusal: Refusal | undefined;
}

function formatComparison(paper: Paper, { earlier, later, isNewKey, isPinned, wrote, refusal }: Comparison): string[] {
  const more = later.size - earlier.size;
  const proved = `only appended to since ${earlier.at.toISOString()}: the first ${earlier.size} entries are what they were, ${more} came behind them`;
  const byServer = isNewKey
    ? paper.tone(
        'warn',
        'a key that the kept checkpoint does not know, by the word of the server: compare it, or give --jwks',
      )
    : 'a key that the kept checkpoint came with (no --jwks)';
  return formatFacts(paper, [
    ['log', paper.tone('strong', printable(later.log))],
    ['then', `${counted(earlier.size, 'entry', 'entries')}, ${earlier.at.toISOString()}`],
    ['now', `${counted(later.size, 'entry', 'entries')}, ${later.at.toISOString()}`],
    ['signed by', `${keyText(later)}, ${isPinned ? 'of your own copy' : byServer}`],
    ['history', refusal === undefined ? paper.tone('good', proved) : paper.tone('bad', `REFUSED: ${refusal.message}`)],
    ['wrote', wrote && printable(wrote)],
  ]);
}
