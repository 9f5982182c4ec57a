// hosts: those that measured what no or few others did.
import type { components } from '../../../api/index.ts';
import { findOutliers, type Outlier, type RareMeasurement } from '../../fleet/find-outliers.ts';
import type { Handlers } from '../handler.ts';
import { present } from '../wire/present.ts';
import { groupByCode } from './named-hosts.ts';

type Schemas = components['schemas'];

const shownMeasurements = 100;

export const outlierOperations: Pick<Handlers, 'listOutliers'> = {
  listOutliers: async ({ query }, context) => {
    const { atMost = 1, labels = '', after, limit = 100 } = query;
    const pairs = labels.split(',').map((pair) => pair.split(/=(.*)/s).slice(0, 2));
    const question = { atMost, labels: labels === '' ? {} : (Object.fromEntries(pairs) as Record<string, string>) };
    const { hosts, items, next, unread } = await findOutliers(context, { ...question, after, limit });
    const body = { hosts, items: items.map(wireOutlier), ...present('next', next), unread: groupByCode(unread) };
    return { status: 200, body };
  },
};

function wireOutlier({ host, measurements }: Outlier): Schemas['Outlier'] {
  const shown = measurements.slice(0, shownMeasurements);
  return { host, measurements: shown.map(wireRare), furtherMeasurements: measurements.length - shown.length };
}

function wireRare({ measurement, seenOn }: RareMeasurement): Schemas['RareMeasurement'] {
  const { pcr, bank, digest, event } = measurement;
  const description = event?.description ?? 'value of a register that no log leads to';
  return {
    ...present('layer', event?.layer),
    pcr,
    ...present('event', event?.index),
    bank,
    digest,
    description: description.slice(0, 4096),
    seenOn,
  };
}
