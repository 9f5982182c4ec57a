// The kernel command line and how it hardens the host, for people.
import { printable } from '../../../core/encoding/index.ts';
import type { BootFacts, HardeningState } from '../../../core/event-log/index.ts';
import type { Tone } from '../../terminal.ts';
import { unproven, type FactGroup, type FactLine } from './line.ts';

export function kernelGroup({ kernelCommandLine: line, hardening }: BootFacts): FactGroup {
  return {
    title: 'Command line and hardening',
    lines: [
      line
        ? { event: line.event, label: 'command line', text: printable(line.value, 4096) }
        : unproven('command line', 'no bound text, or several'),
      ...readWith(hardening, 'off', { label: 'weakened', tone: 'bad' }),
      ...readWith(hardening, 'on', { label: 'hardened', tone: 'good' }),
      ...listOf(hardening, 'default', { label: 'not set' }),
      ...unknownLines(hardening),
    ],
  };
}

interface Look {
  readonly label: string;
  readonly tone?: Tone;
}

function readWith(hardening: BootFacts['hardening'], state: HardeningState, look: Look): readonly FactLine[] {
  return Object.entries(hardening)
    .filter(([, { value }]) => value === state)
    .map(([name, { event, word = '' }]) => ({ ...look, event, text: `${name}  ${printable(word, 120)}`.trimEnd() }));
}

function unknownLines(hardening: BootFacts['hardening']): readonly FactLine[] {
  const isAll = Object.values(hardening).every(({ value }) => value === 'unknown');
  if (isAll) return [unproven('hardening', 'it rests on the command line')];
  return listOf(hardening, 'unknown', { label: 'unproven', tone: 'warn' });
}

function listOf(hardening: BootFacts['hardening'], state: HardeningState, look: Look): readonly FactLine[] {
  const names = Object.entries(hardening).flatMap(([name, { value }]) => (value === state ? [name] : []));
  return names.length === 0 ? [] : [{ ...look, text: names.join(' ') }];
}
