// Long lists, read page by page: the process does other things in between.

const pageSize = 1000;

/** All rows, where `ask` answers with the next ones behind `after`, ascending by `id`. */
export async function readAll<Row extends { readonly id: string }>(
  ask: (after: string, limit: number) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const page = await ask(rows.at(-1)?.id ?? '', pageSize);
    rows.push(...page);
    if (page.length < pageSize) return rows;
    await new Promise(setImmediate);
  }
}
