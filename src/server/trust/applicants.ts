// What is known of a TPM that proved itself: by its certificate where a path to a trust anchor was verified, by its registration,
// and by the token it came with.
import { encodeHex } from '../../core/encoding/index.ts';
import { manufacturerName, parseCertificate, type Certificate } from '../../core/x509/index.ts';
import type { Applicant } from '../attestation/approval-rules.ts';
import type { PendingBinding, Store } from '../storage/index.ts';

export interface TpmFacts {
  readonly issuer: string;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly version: string | undefined;
}

/** What the certificate of a TPM says; undefined where no trust anchor vouches for it: then it is only a claim. */
export function tpmFactsOf(binding: PendingBinding): TpmFacts | undefined {
  const certificate = vouchedCertificate(binding);
  if (certificate === undefined) return undefined;
  const { issuer, tpm } = certificate;
  return { issuer, manufacturer: tpm?.manufacturer, model: tpm?.model, version: tpm?.version };
}

/** The EK certificate of a TPM, where a trust anchor vouches for it. An operator who registered the key does not: the key may have come
 * with any certificate. Of who asks to be enrolled only: where an IAK vouches for them, no EK certificate was kept. */
function vouchedCertificate(binding: PendingBinding): Certificate | undefined {
  const { ekCertificate } = binding;
  return anchorOf(binding) === undefined || ekCertificate === undefined ? undefined : parseCertificate(ekCertificate);
}

/** Name of the trust anchor that vouches, by EK or IAK; undefined where nobody does, or an operator who registered the EK. */
function anchorOf({ endorser, ekDigest }: PendingBinding): string | undefined {
  return endorser === undefined || endorser.id === encodeHex(ekDigest) ? undefined : endorser.name;
}

export async function applicantOf(
  store: Pick<Store, 'findRegisteredEk' | 'findToken'>,
  binding: PendingBinding,
  joinToken: string | undefined,
): Promise<Applicant> {
  const facts = tpmFactsOf(binding);
  const registered = await store.findRegisteredEk(encodeHex(binding.ekDigest));
  const token = joinToken === undefined ? undefined : await store.findToken(joinToken);
  const maker = facts?.manufacturer;
  return {
    endorser: present(anchorOf(binding)),
    ekIssuer: present(facts?.issuer),
    tpmManufacturer: present(maker, maker === undefined ? undefined : manufacturerName(maker)),
    tpmModel: present(facts?.model),
    inventoryLabel: present(registered?.label),
    joinToken: present(token?.name),
    hostName: [binding.hostId],
  };
}

function present(...facts: readonly (string | undefined)[]): readonly string[] {
  return facts.filter((fact): fact is string => fact !== undefined && fact !== '');
}
