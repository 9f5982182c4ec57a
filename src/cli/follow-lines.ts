// What a server answers in lines: how far it is, to people at a terminal, and at last what came of it.
import { ApiProblem, ApiUnreachable, type components } from '../api/index.ts';
import { counted, printable } from '../core/encoding/index.ts';
import type { Session } from './session.ts';

type Schemas = components['schemas'];

interface Line<Result> {
  readonly progress?: Schemas['FleetProgress'];
  readonly result?: Result;
  readonly problem?: Schemas['Problem'];
}

interface Show {
  readonly json: boolean | undefined;
  /** What the hosts are looked at for, where there are several things. */
  readonly name?: string | undefined;
}

/** @throws ApiProblem when the last line is a problem; ApiUnreachable when there is none; as `callLines` */
export async function followLines<Result>(
  { stderr }: Pick<Session, 'stderr'>,
  { json, name }: Show,
  lines: AsyncIterable<Line<Result>>,
): Promise<Result> {
  const isShown = json !== true && stderr.isTTY === true;
  const prefix = name === undefined ? '' : `${printable(name, 60)}: `;
  try {
    for await (const { progress, result, problem } of lines) {
      if (problem !== undefined) throw new ApiProblem(problem);
      if (result !== undefined) return result;
      if (isShown && progress !== undefined) {
        stderr.write(`\r\u001b[K${prefix}${progress.done} of ${counted(progress.total, 'host')} `);
      }
    }
  } finally {
    if (isShown) stderr.write('\r\u001b[K');
  }
  throw new ApiUnreachable('API_ANSWER_UNREADABLE', 'the answer ended without a result');
}
