// What one GRUB measures otherwise than another, told by the SBAT lines of its signed binary: `grub` names the release,
// `grub.ubuntu` whose build it is. Held against the signed GRUBs that docs/prediction.md lists.
import { decodeUtf8 } from '../encoding/index.ts';
import { readSection, type PortableExecutable } from './parse-pe.ts';

export interface GrubRelease {
  /** The signed binary carries a script that looks for the configuration, and measures the commands of it. */
  readonly ownScript: boolean;
  /** How often the configuration is read: once to see that it is there, where no script does that; once to run it. */
  readonly configurationReadings: number;
  /** How often shim verifies the kernel: when GRUB opens the file, and in Debian's 2.06 when it loads it. */
  readonly kernelVerifications: number;
  /** The kernel is started by its own EFI stub, which measures what it is given; otherwise GRUB starts it. */
  readonly startsStub: boolean;
}

/** A binary without SBAT is taken for Debian's 2.06.
 * @throws MalformedError PREDICTION_PE_INVALID, ENCODING_UTF8_INVALID */
export function readGrubRelease(image: PortableExecutable): GrubRelease {
  const lines = readSbat(image);
  const [major = 0, minor = 0] = (lines.get('grub')?.[4] ?? '').split('.').map(Number);
  const since212 = major > 2 || (major === 2 && minor >= 12);
  const ofDebian206 = !since212 && !lines.has('grub.ubuntu');
  return {
    ownScript: ofDebian206,
    configurationReadings: since212 ? 2 : 1,
    kernelVerifications: ofDebian206 ? 2 : 1,
    startsStub: since212,
  };
}

/** Fields of each line, by the component that it is about. */
function readSbat(image: PortableExecutable): ReadonlyMap<string, readonly string[]> {
  const text = decodeUtf8(readSection(image, '.sbat') ?? new Uint8Array()).replace(/\0[\s\S]*$/, '');
  return new Map(text.split('\n').map((line) => [line.split(',')[0] ?? '', line.split(',')]));
}
