// Looking at the whole fleet for whoever scrapes, as often as the server can afford, and never so long that the scrape ends.
import type { Family } from './exposition.ts';

export interface Survey {
  /** What was found last: a moment ago, or as long ago as a large fleet demands. */
  read(): Promise<readonly Family[]>;
}

export interface SurveyOptions {
  /** @throws where the store cannot answer */
  readonly look: () => Promise<readonly Family[]>;
  /** Milliseconds; never goes back. */
  readonly clock: () => number;
  /** How long a scrape waits; a look that takes longer goes on by itself. */
  readonly longestWaitMs: number;
  readonly onFailure: (error: unknown) => void;
}

/** Share of the time that is spent on looking, at most. */
const shareOfTime = 0.02;

interface Found {
  readonly at: number;
  readonly tookMs: number;
  /** Undefined where the store did not answer: what was true before says nothing now. */
  readonly families: readonly Family[] | undefined;
}

export function createSurvey({ look, clock, longestWaitMs, onFailure }: SurveyOptions): Survey {
  let found: Found | undefined;
  let underWay: Promise<void> | undefined;

  async function lookAround(): Promise<void> {
    const begun = clock();
    let families: readonly Family[] | undefined;
    try {
      families = await look();
    } catch (error) {
      onFailure(error);
    }
    found = { at: clock(), tookMs: clock() - begun, families };
    underWay = undefined;
  }

  return {
    read: async () => {
      const isDue = found === undefined || clock() - found.at >= found.tookMs / shareOfTime;
      if (isDue) await atMost(longestWaitMs, (underWay ??= lookAround()));
      return [...stateOfSurvey(found, clock()), ...(found?.families ?? [])];
    },
  };
}

function stateOfSurvey(found: Found | undefined, now: number): readonly Family[] {
  const up: Family = {
    name: 'touchstone_store_up',
    type: 'gauge',
    help: 'Whether the store answered when it was looked at last.',
    samples: found === undefined ? [] : [{ labels: {}, value: found.families === undefined ? 0 : 1 }],
  };
  const age: Family = {
    name: 'touchstone_survey_age_seconds',
    type: 'gauge',
    help: 'How long ago hosts, outbox and ends were looked at: large fleets are looked at more seldom.',
    samples: found === undefined ? [] : [{ labels: {}, value: (now - found.at) / 1000 }],
  };
  return [up, age];
}

async function atMost(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([work, over]);
  clearTimeout(timer);
}
