// Verdicts and what was found, in the shapes of the contract.
import type { components, HostVerdict, WireFinding, WireVerdict } from '../../../api/index.ts';
import type { Finding, Verdict } from '../../../core/verdict/index.ts';
import type { HeldVerdict } from '../../attestation/host-verdict.ts';
import { wireGround } from './ground.ts';
import { present } from './present.ts';
import { wireRemembered } from './remembered.ts';

type Layer = components['schemas']['Layer'];

const textLimit = 4096;

export function wireFinding(finding: Finding): WireFinding {
  const { code, severity, check, message, remedy, layer, pcr, event, golden, expected, observed } = finding;
  return {
    code,
    severity,
    check,
    message: message.slice(0, textLimit),
    remedy: remedy.slice(0, textLimit),
    ...present('layer', layer as Layer | undefined),
    ...present('pcr', pcr),
    ...present('event', event),
    ...present('golden', golden),
    ...present('expected', expected?.slice(0, textLimit)),
    ...present('observed', observed?.slice(0, textLimit)),
  };
}

export function wireVerdict(verdict: Verdict): WireVerdict {
  return {
    host: verdict.host,
    status: verdict.status,
    vector: { ...verdict.vector },
    findings: verdict.findings.map(wireFinding),
    layers: { ...verdict.layers },
    challengedAt: verdict.challengedAt,
    issuedAt: verdict.issuedAt,
    expiresAt: verdict.expiresAt,
    evidenceDigest: verdict.evidenceDigest,
    ...present('eventLogDigest', verdict.eventLogDigest),
    ...present('furtherGoldens', verdict.furtherGoldens && [...verdict.furtherGoldens]),
    ...present('policy', verdict.policy && { ...verdict.policy }),
    ...present('boot', verdict.boot && { ...verdict.boot }),
  };
}

export function wireHostVerdict(held: HeldVerdict): HostVerdict {
  const { hostId, state, status, reasons, verdict, remembered } = held;
  return {
    host: hostId,
    state,
    status,
    reasons: reasons.map((reason) => ({ ...reason })),
    ...present('verdict', verdict && wireVerdict(verdict)),
    ...wireGround(held),
    ...present('remembered', wireRemembered(remembered)),
  };
}
