// A machine as its maker describes it, for people.
import { printable } from '../../core/encoding/index.ts';
import { formatFacts, formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

export interface ShownPlatform {
  readonly manufacturer?: string | undefined;
  readonly model?: string | undefined;
  readonly version?: string | undefined;
  readonly serial?: string | undefined;
  readonly components?: readonly ShownComponent[] | undefined;
}

interface ShownComponent {
  readonly class?: string | undefined;
  readonly classHex?: string | undefined;
  readonly manufacturer: string;
  readonly model: string;
  readonly serial?: string | undefined;
  readonly revision?: string | undefined;
}

/** `standing` is what is known of the certificate itself. */
export function formatPlatform(paper: Paper, standing: string, platform: ShownPlatform): string[] {
  const { manufacturer, model, version, serial, components = [] } = platform;
  const text = (value: string | undefined) => (value === undefined || value === '' ? undefined : printable(value));
  return [
    ...formatFacts(paper, [
      ['platform', standing],
      ['manufacturer', text(manufacturer)],
      ['model', text(model)],
      ['version', text(version)],
      ['serial number', text(serial)],
      ['parts', components.length === 0 ? undefined : `${components.length}, as the maker says; nothing measures them`],
    ]),
    ...formatTable(paper, ['part', 'model', 'serial number', 'revision', 'class'], components.map(row)),
  ];
}

function row({ manufacturer, model, serial, revision, class: kind }: ShownComponent): string[] {
  return [manufacturer, model, serial ?? '-', revision ?? '-', kind ?? '-'].map((cell) => printable(cell) || '-');
}
