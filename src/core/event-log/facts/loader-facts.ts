// What GRUB, systemd-boot and systemd-stub measured: files (PCR 9), sections and phases (PCR 11).
import { encodeUtf8 } from '../../encoding/index.ts';
import { createDigestNames } from '../events/digest-marks.ts';
import type { BootFacts, Fact, UkiSection } from './facts.ts';
import { readGrubCommands } from './kernel-command-line.ts';
import type { Registers } from './register-events.ts';
import type { BoundEvent } from '../replayed-log.ts';
import { tags } from '../events/tagged-event.ts';

export type LoaderFacts = Pick<
  BootFacts,
  'grub' | 'unifiedKernelImage' | 'loaderConfiguration' | 'initrds' | 'bootPhases'
>;

export function readLoaderFacts(registers: Registers): LoaderFacts {
  const unified = registers(11).all.map(({ event }) => event);
  const unifiedKernelImage = readSections(unified);
  const loaderConfiguration = readLoaderConfiguration(registers);
  return {
    grub: { commands: readGrubCommands(registers), files: registers(9).all.flatMap(({ event }) => readFile(event)) },
    unifiedKernelImage,
    ...(loaderConfiguration ? { loaderConfiguration } : {}),
    initrds: [...registers(9).all.flatMap(({ event }) => readInitrd(event)), ...initrdsOf(unifiedKernelImage)],
    bootPhases: unified.flatMap(readPhase),
  };
}

/** The tag that tells it is not covered; the digest is that of the file. */
function readLoaderConfiguration(registers: Registers): BootFacts['loaderConfiguration'] {
  const found = registers(5).all.find(({ event: { decoded } }) => {
    return decoded?.kind === 'tagged' && decoded.tag === tags.loaderConfiguration;
  });
  return found && { value: found.event.digest, event: found.event.index };
}

/** By its label, as layers are told. */
function readInitrd({ decoded, layer, digest, index }: BoundEvent): BootFacts['initrds'] {
  if (layer !== 'initrd') return [];
  const source = {
    untrustedSource: 'boot-loader',
    untrustedPath: decoded?.kind === 'ipl' ? decoded.text : '',
  } as const;
  const untrusted = decoded?.kind === 'tagged' ? ({ ...source, untrustedSource: 'kernel' } as const) : source;
  return [{ value: { ...untrusted, digest }, event: index }];
}

function initrdsOf(sections: readonly Fact<UkiSection>[]): BootFacts['initrds'] {
  return sections
    .filter(({ value }) => value.name === '.initrd')
    .map(({ value: { name, digest }, event }) => {
      return { value: { untrustedSource: 'unified-kernel-image', untrustedPath: name, digest }, event };
    });
}

function readFile({ decoded, digest, index, dataBound }: BoundEvent): BootFacts['grub']['files'] {
  if (dataBound || decoded?.kind !== 'ipl') return [];
  return [{ value: { untrustedPath: decoded.text, digest }, event: index }];
}

const sectionNames = [
  '.linux',
  '.osrel',
  '.cmdline',
  '.initrd',
  '.ucode',
  '.splash',
  '.dtb',
  '.dtbauto',
  '.efifw',
  '.hwids',
  '.uname',
  '.sbat',
  '.pcrpkey',
  '.profile',
];

/** The stub measures the name with its NUL. */
const readSectionName = createDigestNames(sectionNames.map((name) => [name, encodeUtf8(`${name}\0`)] as const));

/** Told by digest, so that no label matters: the stub measures the name of each section, then the section. */
function readSections(events: readonly BoundEvent[]): readonly Fact<UkiSection>[] {
  return events.flatMap((event, position) => {
    const name = readSectionName(event.digest);
    const section = events[position + 1];
    return name !== undefined && section ? [{ value: { name, digest: section.digest }, event: section.index }] : [];
  });
}

function readPhase({ measurement, index }: BoundEvent): readonly Fact<string>[] {
  return measurement?.kind === 'phase' ? [{ value: measurement.phase, event: index }] : [];
}
