// What ran and who let it run, for people. Digests are bound; paths, roles and the order between registers are not.
import { counted, printable } from '../../../core/encoding/index.ts';
import {
  nameOfSubject,
  readBootChain,
  readCertificate,
  type AnnotatedLog,
  type BootChainLink,
  type BootFacts,
  type BootImageRole,
  type Fact,
} from '../../../core/event-log/index.ts';
import { shortDigest, unproven, type FactGroup, type FactLine } from './line.ts';

const roles: Readonly<Record<BootImageRole, string>> = {
  driver: 'driver',
  shim: 'shim',
  grub: 'GRUB',
  'systemd-boot': 'systemd-boot',
  'windows-boot-manager': 'Windows',
  'boot-loader': 'boot loader',
  'unified-kernel-image': 'unified image',
  kernel: 'kernel',
};

export function bootChainGroup(log: AnnotatedLog, facts: BootFacts): FactGroup {
  const chain = readBootChain(log, facts);
  const images = chain.filter(({ value }) => value.untrustedRole !== 'driver');
  const names = nameAuthorities(facts);
  return {
    title: 'What ran, and what let it (paths, roles and order are claims of the log)',
    lines: [
      ...driverLines(chain.filter(({ value }) => value.untrustedRole === 'driver')),
      ...(images.length === 0 ? [unproven('images', 'PCR 4 has none')] : []),
      ...images.filter(isFirstOfItsKind).map((link) => imageLine(link, names)),
      ...facts.initrds.map(({ value, event }): FactLine => {
        const place = value.untrustedPath === '' ? `as the ${value.untrustedSource} loaded it` : value.untrustedPath;
        return { event, label: 'initrd', text: `${shortDigest(value.digest)}  ${printable(place, 120)}` };
      }),
      ...sectionLines(facts),
      ...loaderLines(facts),
    ],
  };
}

/** shim and the kernel's own loader may measure one image twice. */
function isFirstOfItsKind({ value }: Fact<BootChainLink>, index: number, all: readonly Fact<BootChainLink>[]): boolean {
  const before = all[index - 1]?.value;
  return before === undefined || shortDigest(before.image) !== shortDigest(value.image);
}

function driverLines(drivers: readonly Fact<BootChainLink>[]): readonly FactLine[] {
  const [first] = drivers;
  if (first === undefined) return [];
  const digests = new Set(drivers.map(({ value }) => shortDigest(value.image)));
  const shown = [...digests].slice(0, 4).join(' ');
  const more = digests.size > 4 ? ` and ${digests.size - 4} more` : '';
  return [{ event: first.event, label: 'drivers', text: `${drivers.length} (PCR 2): ${shown}${more}` }];
}

function imageLine({ value, event }: Fact<BootChainLink>, names: ReadonlyMap<number, string>): FactLine {
  const path = value.untrustedPath === '' ? 'loaded from memory' : lastFile(value.untrustedPath);
  const note = describeAuthorities(value.untrustedAuthorities, names);
  const text = `${shortDigest(value.image)}  ${path}`;
  return { event, label: roles[value.untrustedRole], text, ...(note === undefined ? {} : { note }) };
}

function describeAuthorities(events: readonly number[], names: ReadonlyMap<number, string>): string | undefined {
  const [first, ...more] = events;
  if (first === undefined) return undefined;
  if (more.length > 0) return `let by ${events.map((event) => `#${event}`).join(' or ')}, measured before`;
  return `let by ${names.get(first) ?? 'an authority'} #${first}`;
}

/** The file of a device path, or its last node. */
function lastFile(devicePath: string): string {
  const file = /(?:^|\/)File\(([^)]*)\)$/.exec(devicePath)?.[1];
  return printable(file ?? devicePath.split('/').at(-1) ?? '', 100).replaceAll('\\\\', '\\');
}

function nameAuthorities({ authorities }: BootFacts): ReadonlyMap<number, string> {
  return new Map(
    authorities.flatMap(({ value: { source, signature }, event }) => {
      const subject = signature && readCertificate(signature)?.subject;
      const name =
        subject === undefined ? printable(source, 40) : `${nameOfSubject(subject)} in ${printable(source, 40)}`;
      return event === undefined ? [] : [[event, name] as const];
    }),
  );
}

function sectionLines({ unifiedKernelImage: sections }: BootFacts): readonly FactLine[] {
  const [first] = sections;
  if (first === undefined) return [];
  const names = sections.map(({ value: { name, digest } }) => `${name} ${shortDigest(digest)}`);
  return [{ event: first.event, label: 'systemd-stub', text: names.join(', ') }];
}

function loaderLines({ grub: { commands, files }, loaderConfiguration: loader }: BootFacts): readonly FactLine[] {
  const [first] = commands;
  const grub = {
    event: first?.event,
    label: 'GRUB',
    text: `ran ${counted(commands.length, 'command')}, read ${counted(files.length, 'file')}`,
  };
  return [
    ...(first ? [grub] : []),
    ...(loader
      ? [{ event: loader.event, label: 'systemd-boot', text: `loader.conf ${shortDigest(loader.value)}` }]
      : []),
  ];
}
