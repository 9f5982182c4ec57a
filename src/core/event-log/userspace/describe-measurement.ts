// One line for people about a measurement of the running system.
import { printable } from '../../encoding/index.ts';
import type { UserspaceContent } from './userspace-log.ts';
import type { UserspaceMeasurement } from './userspace-measurement.ts';

/** Printable. `measurement` is what the digest proves; where there is none, the text of the log is shown, marked as unverified unless the
 * digest covers it (`dataBound`). */
export function describeMeasurement(
  measurement: UserspaceMeasurement | undefined,
  { string = 'no description', eventType }: UserspaceContent,
  dataBound: boolean,
): string {
  if (measurement !== undefined) return printable(describeKnown(measurement));
  if (dataBound) return printable(string);
  return `(unverified) ${printable(eventType === undefined ? string : `${eventType} ${string}`)}`;
}

function describeKnown(measurement: UserspaceMeasurement): string {
  switch (measurement.kind) {
    case 'phase':
      return `boot phase ${measurement.phase}`;
    case 'os-separator':
      return 'separator of the operating system';
    case 'nvpcr-separator':
      return 'separator behind the NvPCRs';
    case 'nvpcr-init':
      return `NvPCR ${measurement.name} at 0x${measurement.nvIndex.toString(16)}, name ${measurement.nvName}`;
    case 'machine-id':
      return `machine id ${measurement.machineId}`;
    case 'file-system':
      return `file system ${measurement.type} ${measurement.uuid} "${measurement.label}"`;
  }
}
