// The table of docs/events.md, from the table of the code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventKinds, type EventKindRow } from '../src/server/events/event-kinds.table.ts';
import { tableOf } from './markdown-table.ts';

const begin = '<!-- written from src/server/events/event-kinds.table.ts -->';
const end = '<!-- written by hand below -->';

export function eventsDocument(): string {
  const text = readFileSync(join(import.meta.dirname, '../docs/events.md'), 'utf8');
  const [before, rest = ''] = text.split(begin);
  const after = rest.split(end)[1];
  if (before === undefined || after === undefined) throw new TypeError('docs/events.md has lost its marks');
  return [`${before}${begin}`, '', ...kindRows(), '', `${end}${after}`].join('\n');
}

function kindRows(): readonly string[] {
  const rows = Object.entries<EventKindRow>(eventKinds).map(([kind, { title, about, audience, fields }]) => {
    const names = Object.entries(fields).map(([name, type]) => `\`${name}\` ${type}`);
    return [`\`${kind}\``, title, about, audience === 'fleet' ? 'yes' : '', names.join(', ')];
  });
  return tableOf(['kind', 'what happened', 'about', 'orchestrators', 'fields'], rows);
}
