// Firmware, disk and boot entries, for people.
import { printable } from '../../../core/encoding/index.ts';
import {
  formatBootNumber,
  readPlatformVendor,
  type BootFacts,
  type Fact,
  type KeyCertificate,
} from '../../../core/event-log/index.ts';
import type { Tone } from '../../terminal.ts';
import { unproven, type FactGroup, type FactLine } from './line.ts';

export function firmwareGroup(facts: BootFacts, certificates: readonly Fact<KeyCertificate>[]): FactGroup {
  const { firmwareVersion: version, partitionTable: table } = facts;
  const vendor = readPlatformVendor(certificates);
  return {
    title: 'Firmware',
    lines: [
      vendor
        ? { event: vendor.event, label: 'vendor', text: `${vendor.value} (holds the platform key)` }
        : unproven('vendor', 'no single platform key names one'),
      version
        ? { event: version.event, label: 'version', text: printable(version.value, 200) || 'empty' }
        : unproven('version', 'not measured as text'),
      separatorLine(facts.separators),
      exitLine(facts.exitBootServices),
      ...entryLines(facts),
      ...(table ? [{ event: table.event, label: 'disk', text: describeTable(table.value) }] : []),
      ...phaseLines(facts.bootPhases),
    ],
  };
}

function separatorLine({ value, event }: BootFacts['separators']): FactLine {
  const label = 'separators';
  const sayings: Readonly<Record<typeof value, readonly [string, Tone?]>> = {
    complete: ['PCR 0 to 7 were closed before anything else ran'],
    missing: ['missing: something else may have measured into PCR 0 to 7', 'bad'],
    error: ['the firmware says that a measurement failed', 'bad'],
    unknown: ['unproven: not all of PCR 0 to 7 are known', 'warn'],
  };
  const [text, tone] = sayings[value];
  return { event, label, text, ...(tone ? { tone } : {}) };
}

function exitLine({ value, event }: BootFacts['exitBootServices']): FactLine {
  const label = 'boot services';
  if (value === 'success') return { event, label, text: 'ended, the kernel took over' };
  if (value === 'failure') return { event, label, text: 'could not be ended', tone: 'bad' };
  return unproven(label, value === 'not-logged' ? 'their end is not in the log' : 'PCR 5 is not known');
}

function entryLines({ bootEntries, bootOrder }: BootFacts): readonly FactLine[] {
  const order = bootOrder && {
    event: bootOrder.event,
    label: 'boot order',
    text: bootOrder.value.map(formatBootNumber).join(' '),
  };
  const [first] = bootEntries;
  const names = bootEntries.map(({ value: { name, description } }) => {
    const text = printable(description, 60) || 'unnamed';
    return name === undefined ? text : `${name.slice(4)} ${text}`;
  });
  return [
    ...(order ? [order] : []),
    ...(first ? [{ event: first.event, label: 'boot entries', text: names.join(', ') }] : []),
  ];
}

function describeTable({ diskGuid, partitions }: NonNullable<BootFacts['partitionTable']>['value']): string {
  const names = partitions.map(({ name }) => printable(name, 40) || 'unnamed');
  return `${diskGuid}: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`;
}

function phaseLines(phases: BootFacts['bootPhases']): readonly FactLine[] {
  const last = phases.at(-1);
  return last
    ? [{ event: last.event, label: 'systemd phases', text: phases.map(({ value }) => value).join(', ') }]
    : [];
}
