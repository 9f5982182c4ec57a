// What came of it, for people.
import type { StoryReport } from './story.ts';

/** Of many wrongs the first ones say enough. */
const mostShown = 10;

export function formatReport({ outcomes, outages, counts }: StoryReport): readonly string[] {
  const seconds = outages.map((outage) => outage.seconds).sort((left, right) => left - right);
  const [shortest, longest] = [seconds[0], seconds.at(-1)];
  return [
    '',
    ...Object.entries(counts).map(([name, number]) => `${String(number).padStart(7)}  ${name}`),
    '',
    ...(shortest === undefined || longest === undefined
      ? []
      : [`written again after ${shortest.toFixed(1)} to ${longest.toFixed(1)} s, ${outages.length} times`, '']),
    ...outcomes.flatMap(({ name, wrong }) => [
      `${wrong.length === 0 ? 'passed' : 'FAILED'}  ${name}`,
      ...wrong.slice(0, mostShown).map((what) => `        ${what}`),
      ...(wrong.length > mostShown ? [`        and ${wrong.length - mostShown} more`] : []),
    ]),
  ];
}
