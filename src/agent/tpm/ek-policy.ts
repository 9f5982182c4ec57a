// The policies under which endorsement keys may be used. [TCG-EK §B.6]
import { concatBytes, encodeUnsigned } from '../../core/encoding/index.ts';
import { digestSizes, hash, type HashAlgorithm } from '../../core/crypto/index.ts';
import { algorithmIds, encodeSized, hierarchyHandles } from '../../core/tpm/index.ts';
import { passwordSession, type TpmClient } from './client.ts';
import { commandCodes as codes } from './command-codes.table.ts';
import { flushContext } from './state-commands.ts';

/** `A`: PolicySecret(endorsement), of the low range. `B`: PolicyOR(A, PolicyAuthorizeNV), of the high range. */
export type EkPolicy = 'A' | 'B';

const empty = new Uint8Array();
const policyAuthorizeNv = 0x192;

/** Runs `use` with a session that satisfies the policy, and ends the session. */
export async function withEkPolicy<T>(
  tpm: TpmClient,
  ek: { readonly policy: EkPolicy; readonly nameAlg: HashAlgorithm },
  use: (session: number) => Promise<T>,
): Promise<T> {
  const session = await startPolicySession(tpm, ek.nameAlg);
  try {
    await policySecret(tpm, session);
    if (ek.policy === 'B') await policyOr(tpm, session, policyBranches(ek.nameAlg));
    return await use(session);
  } finally {
    await flushContext(tpm, session);
  }
}

/** The two branches of policy B: A, and PolicyAuthorizeNV over an index whose public area the profile fixes. */
export function policyBranches(alg: HashAlgorithm): readonly [Uint8Array, Uint8Array] {
  const zeros = new Uint8Array(digestSizes[alg]);
  const code = (value: number) => encodeUnsigned(value, 4);
  const secret = hash(alg, zeros, code(codes.policySecret), code(hierarchyHandles.endorsement));
  const policyA = hash(alg, secret);
  const id = encodeUnsigned(algorithmIds[alg], 2);
  const area = concatBytes(code(nvIndexOf(alg)), id, code(0x220f1008), encodeSized(policyA));
  const name = concatBytes(id, hash(alg, area, encodeUnsigned(digestSizes[alg] + 2, 2)));
  return [policyA, hash(alg, zeros, code(policyAuthorizeNv), name)];
}

function nvIndexOf(alg: HashAlgorithm): number {
  const offset = { sha1: 0, sha256: 1, sha384: 2, sha512: 3 }[alg];
  if (offset === 0) throw new TypeError('the EK profile has no policy with SHA-1');
  return 0x01c07f00 + offset;
}

async function startPolicySession(tpm: TpmClient, alg: HashAlgorithm): Promise<number> {
  const policySession = 0x01;
  const { handles } = await tpm.execute({
    code: codes.startAuthSession,
    handles: [hierarchyHandles.null, hierarchyHandles.null],
    parameters: concatBytes(
      encodeSized(new Uint8Array(16)),
      encodeSized(empty),
      Uint8Array.of(policySession),
      encodeUnsigned(algorithmIds.null, 2),
      encodeUnsigned(algorithmIds[alg], 2),
    ),
    responseHandles: 1,
  });
  return handles[0] ?? 0;
}

async function policySecret(tpm: TpmClient, session: number): Promise<void> {
  await tpm.execute({
    code: codes.policySecret,
    handles: [hierarchyHandles.endorsement, session],
    sessions: [passwordSession],
    // nonceTPM, cpHashA and policyRef empty, no expiration
    parameters: concatBytes(encodeSized(empty), encodeSized(empty), encodeSized(empty), encodeUnsigned(0, 4)),
  });
}

async function policyOr(tpm: TpmClient, session: number, branches: readonly Uint8Array[]): Promise<void> {
  const list = concatBytes(encodeUnsigned(branches.length, 4), ...branches.map(encodeSized));
  await tpm.execute({ code: codes.policyOr, handles: [session], parameters: list });
}
