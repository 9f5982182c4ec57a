// By what a TPM is known, so that it stays one host whichever way it enrols.
import type { DeviceIdentity, HostBinding } from './records.ts';

type Named = Pick<HostBinding, 'ekDigest'> & { readonly deviceIdentity?: DeviceIdentity | undefined };

/** Everything that names the TPM of a binding. */
export function tpmDigests({ ekDigest, deviceIdentity }: Named): readonly Uint8Array[] {
  return [ekDigest, ...(deviceIdentity?.digests ?? [])];
}

/** What the TPM of a binding is queued and decided by. Of an EK that nobody certified, software can make another each time; of a
 * certified IAK it cannot. */
export function queueDigest({ ekDigest, deviceIdentity }: Named): Uint8Array {
  return deviceIdentity?.digests[0] ?? ekDigest;
}
