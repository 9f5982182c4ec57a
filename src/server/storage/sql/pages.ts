// Long lists, read page by page and worked through slice by slice: the process does other things in between.

const pageSize = 1000;

type AskPage<Row> = (after: string, limit: number) => Promise<readonly Row[]>;

/** Page by page all rows, where `ask` answers with the next ones behind `after`, ascending by `id`. */
export async function* readPages<Row extends { readonly id: string }>(
  ask: AskPage<Row>,
): AsyncGenerator<readonly Row[]> {
  let after = '';
  for (;;) {
    const page = await ask(after, pageSize);
    yield page;
    if (page.length < pageSize) return;
    after = page.at(-1)?.id ?? after;
    await new Promise(setImmediate);
  }
}

/** All of them. */
export async function readAll<Row extends { readonly id: string }>(ask: AskPage<Row>): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const page of readPages(ask)) rows.push(...page);
  return rows;
}

/** So many at once: a few milliseconds, and a message of some kilobytes. */
const together = 100;

export async function inSlices(
  hosts: readonly string[],
  work: (slice: readonly string[]) => Promise<void>,
): Promise<void> {
  for (let first = 0; first < hosts.length; first += together) {
    if (first > 0) await new Promise(setImmediate);
    await work(hosts.slice(first, first + together));
  }
}
