// Break-glass statements for the tests, and a verdict that one of them covers.
import { breakGlassPayloadType, encodeBreakGlass, type BreakGlass } from '../../../src/core/break-glass/index.ts';
import { encodeDsseEnvelope } from '../../../src/core/encoding/index.ts';
import { signerKeyId } from '../../../src/core/golden/index.ts';
import type { Finding, Verdict } from '../../../src/core/verdict/index.ts';
import { noon, signPayload, type TestSigner } from '../golden/material.ts';

export const ek = 'ab'.repeat(32);
const eventLog = 'cd'.repeat(32);

export const statement: BreakGlass = {
  issuedAt: noon,
  until: new Date(noon.getTime() + 3_600_000),
  status: 'affirming',
  reason: 'kernel hotfix',
  ticket: 'INC-4711',
  excuses: ['KERNEL_DIVERGED', 'LAYER_GOLDEN_NONE'],
  hosts: [
    { id: 'hv-1', ek, resetCount: 7, restartCount: 1, eventLog },
    { id: 'hv-2.rack3', ek: '00'.repeat(32), resetCount: 0xffff_ffff, restartCount: 0, eventLog },
  ],
};

export function finding(code: string, severity: Finding['severity'] = 'error'): Finding {
  return { code, severity, check: 'test', message: code, remedy: '' };
}

/** Of the boot that `statement` names for hv-1. */
export const covered: Verdict = {
  host: 'hv-1',
  status: 'contraindicated',
  vector: {},
  findings: [finding('KERNEL_DIVERGED')],
  layers: {},
  boot: { resetCount: 7, restartCount: 1, clockMs: '1', epoch: 'same-boot' },
  eventLogDigest: eventLog,
  evidenceDigest: 'ee'.repeat(32),
  challengedAt: noon.toISOString(),
  issuedAt: noon.toISOString(),
  expiresAt: statement.until.toISOString(),
};

export function sealStatement(
  value: BreakGlass,
  signers: readonly TestSigner[],
  type = breakGlassPayloadType,
): Uint8Array {
  const payload = encodeBreakGlass(value);
  const signatures = signers.map((signer) => ({
    keyid: signerKeyId(signer.publicKey),
    sig: signPayload(payload, signer, type),
  }));
  return encodeDsseEnvelope({ payloadType: type, payload, signatures });
}
