// TPMT_PUBLIC and TPM2B_PUBLIC as bytes: templates for TPM2_CreatePrimary and TPM2_Create, and what simulators show.
// [TPM2-P2 §12.2.4]
import { concatBytes } from '../encoding/index.ts';
import { algorithmIds, curveIds } from './algorithms.ts';
import type { KdfScheme, KeyScheme, PublicArea, SymmetricDefinition } from './public-area.ts';
import { encodeSized, u16, u32 } from './wire.ts';

/** TPMT_PUBLIC. `parsePublic` of the result gives the same values, and encoding those gives the same bytes. */
export function encodePublic(area: PublicArea): Uint8Array {
  return concatBytes(
    u16(algorithmIds[area.type]),
    u16(algorithmIds[area.nameAlg]),
    u32(area.attributes),
    encodeSized(area.authPolicy),
    encodeSymmetric(area.symmetric),
    encodeScheme(area.scheme),
    area.type === 'rsa'
      ? concatBytes(u16(area.keyBits), u32(area.exponent), encodeSized(area.modulus))
      : concatBytes(u16(curveIds[area.curve]), encodeKdf(area.kdf), encodeSized(area.x), encodeSized(area.y)),
  );
}

/** TPM2B_PUBLIC: the same with its size in front. */
export function encodeTpm2bPublic(area: PublicArea): Uint8Array {
  return encodeSized(encodePublic(area));
}

function encodeSymmetric(symmetric: SymmetricDefinition | undefined): Uint8Array {
  if (symmetric === undefined) return u16(algorithmIds.null);
  return concatBytes(u16(algorithmIds[symmetric.alg]), u16(symmetric.keyBits), u16(algorithmIds[symmetric.mode]));
}

function encodeScheme(scheme: KeyScheme | undefined): Uint8Array {
  if (scheme === undefined) return u16(algorithmIds.null);
  const kind = u16(algorithmIds[scheme.kind]);
  if (scheme.kind === 'rsaes') return kind;
  const withHash = concatBytes(kind, u16(algorithmIds[scheme.hash]));
  return scheme.kind === 'ecdaa' ? concatBytes(withHash, u16(scheme.count)) : withHash;
}

function encodeKdf(kdf: KdfScheme | undefined): Uint8Array {
  if (kdf === undefined) return u16(algorithmIds.null);
  return concatBytes(u16(algorithmIds[kdf.kind]), u16(algorithmIds[kdf.hash]));
}
