// The files of deploy/postgresql-ha, filled in as an operator fills them in.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../deploy/postgresql-ha');

export type TemplateName = 'etcd.env' | 'patroni.yml' | 'haproxy.cfg' | 'create-database.sql';

/** `@NAME@` becomes the value of that name; a name that has none is a mistake. */
export function fillTemplate(name: TemplateName, values: Readonly<Record<string, string>>): string {
  return readFileSync(join(folder, name), 'utf8').replace(/@([A-Z][A-Z0-9_]*)@/g, (_, word: string) => {
    const value = values[word];
    if (value === undefined) throw new TypeError(`${name} has @${word}@, which nothing is known for`);
    return value;
  });
}

export function writeSecret(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 });
  chmodSync(path, 0o600);
}
