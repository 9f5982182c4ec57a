// What a key may do is written in its attributes, and its role demands some and forbids others. [TPM2-P1 §25]
import { VerificationError } from '../error.ts';
import { attributeBits, type AttributeName } from './algorithms.ts';
import type { TpmPublic } from './public-area.ts';

export interface KeyRole {
  readonly title: string;
  readonly required: readonly AttributeName[];
  readonly forbidden: readonly AttributeName[];
}

/** @throws VerificationError TPM_KEY_ATTRIBUTES_REFUSED, which names every attribute that is wrong */
export function verifyAttributes(area: Pick<TpmPublic, 'attributes'>, role: KeyRole): void {
  const has = (name: AttributeName): boolean => (area.attributes & attributeBits[name]) !== 0;
  const missing = role.required.filter((name) => !has(name));
  const present = role.forbidden.filter(has);
  if (missing.length === 0 && present.length === 0) return;
  const parts = [
    missing.length > 0 ? `lacks ${missing.join(', ')}` : '',
    present.length > 0 ? `has ${present.join(', ')}` : '',
  ].filter((part) => part !== '');
  throw new VerificationError('TPM_KEY_ATTRIBUTES_REFUSED', `${role.title} ${parts.join(' and ')}`, {
    at: 'attributes',
  });
}
