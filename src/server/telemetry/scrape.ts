// One answer for whoever scrapes: what was counted, how the process is, and what the store says of everything else.
import type { ServerContext } from '../context.ts';
import { surveyEnds } from './end-gauges.ts';
import { writeExposition, type Family } from './exposition.ts';
import { surveyHosts } from './fleet-gauges.ts';
import { surveyOutbox } from './outbox-gauges.ts';
import { measureWrites, surveyStore } from './store-gauges.ts';

/** @throws where the store cannot answer */
export async function lookAround(
  context: Pick<ServerContext, 'store' | 'trust' | 'lockout' | 'breakGlass' | 'keys' | 'config' | 'now'>,
): Promise<readonly Family[]> {
  return [
    ...(await surveyHosts(context)),
    ...(await surveyOutbox(context)),
    ...(await surveyEnds(context)),
    ...(await surveyStore(context)),
  ];
}

export async function scrape(context: Pick<ServerContext, 'measure' | 'survey' | 'writes'>): Promise<string> {
  const { measure, survey } = context;
  return writeExposition([...(await measure()), ...measureWrites(context), ...(await survey.read())]);
}
