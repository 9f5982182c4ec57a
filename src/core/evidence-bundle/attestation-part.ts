// What the server knew at one attestation, beside what the host sent: the challenge, the boot before, and what applied to the host.
import { encodeHex, isoTime, type JsonObject, type Field } from '../encoding/index.ts';
import type { EndorsementRules } from '../endorsement/index.ts';
import { quoteQualifyingData, type BootState } from '../tpm/index.ts';
import { documentPart, readDocument, type Parts } from './documents.ts';
import type { ReadHost } from './host-parts.ts';
import type { Part } from './archive.ts';

export interface RecordedAttestation {
  readonly serverId: string;
  readonly host: string;
  readonly at: Date;
  /** When it was drawn is not known of verdicts from before that counted. */
  readonly challenge: { readonly id: string; readonly nonce: Uint8Array; readonly drawnAt: Date | undefined };
  /** Of the last quote accepted before. */
  readonly previousBoot: BootState | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Which policy applied. */
  readonly policy: { readonly id: string; readonly version: number } | undefined;
  /** Golden measurements that a rollout kept from this host. */
  readonly keptBack: readonly string[];
  readonly rules: EndorsementRules & { readonly goldenQuorum: number };
}

const file = 'attestation.json';
const u32 = 2 ** 32 - 1;

export function encodeAttestation(attestation: RecordedAttestation): Part {
  return documentPart(file, documentOf(attestation));
}

/** As it is kept until somebody asks for it. */
export function attestationText(attestation: RecordedAttestation): string {
  return JSON.stringify(documentOf(attestation));
}

function documentOf(attestation: RecordedAttestation): JsonObject {
  const { serverId, host, at, challenge, previousBoot, labels, policy, keptBack, rules } = attestation;
  const { allowUnverifiedEk, deviceIdentity, goldenQuorum } = rules;
  return {
    serverId,
    host,
    at: isoTime(at.getTime()),
    challenge: {
      id: challenge.id,
      nonce: encodeHex(challenge.nonce),
      drawnAt: challenge.drawnAt === undefined ? null : isoTime(challenge.drawnAt.getTime()),
    },
    previousBoot: previousBoot === undefined ? null : encodeBoot(previousBoot),
    labels,
    policy: policy === undefined ? null : { id: policy.id, version: policy.version },
    keptBack,
    rules: { goldenQuorum, allowUnverifiedEk, deviceIdentity },
  };
}

/** @throws MalformedError EVIDENCE_PART_MISSING, EVIDENCE_PART_INVALID */
export function readAttestation(parts: Parts): RecordedAttestation {
  return readDocument(parts, file, (root) => {
    const { serverId, host, at, challenge, previousBoot, labels, policy, keptBack, rules } = root.object(
      ...(['serverId', 'host', 'at', 'challenge', 'previousBoot', 'labels', 'policy', 'keptBack', 'rules'] as const),
    );
    const { id, nonce, drawnAt } = challenge.object('id', 'nonce', 'drawnAt');
    return {
      serverId: serverId.text(512),
      host: host.text(63),
      at: at.time(),
      challenge: {
        id: id.text(128),
        nonce: nonce.hex(32),
        drawnAt: drawnAt.isPresent ? drawnAt.nullable((field) => field.time()) : undefined,
      },
      previousBoot: previousBoot.nullable(readBoot),
      labels: Object.fromEntries(labels.entries(1024).map(([name, value]) => [name, value.text(4096)])),
      policy: policy.nullable((field) => {
        const { id: name, version } = field.object('id', 'version');
        return { id: name.text(128), version: version.integer(1, Number.MAX_SAFE_INTEGER) };
      }),
      keptBack: keptBack.array(10_000).map((golden) => golden.text(80)),
      rules: readRules(rules),
    };
  });
}

/** What the quote had to carry: from the nonce, and from nothing that the host said. */
export function qualifyingDataOf({ serverId, challenge }: RecordedAttestation, host: ReadHost): Uint8Array {
  const { id: hostId, attestationKey } = host;
  return quoteQualifyingData({ serverId, hostId, akName: attestationKey.name, nonce: challenge.nonce });
}

function encodeBoot({ clock, firmwareVersion }: BootState): JsonObject {
  const { resetCount, restartCount, clockMs, safe } = clock;
  return { resetCount, restartCount, clockMs: String(clockMs), safe, firmwareVersion: String(firmwareVersion) };
}

function readBoot(field: Field): BootState {
  const { resetCount, restartCount, clockMs, safe, firmwareVersion } = field.object(
    ...(['resetCount', 'restartCount', 'clockMs', 'safe', 'firmwareVersion'] as const),
  );
  return {
    clock: {
      resetCount: resetCount.integer(0, u32),
      restartCount: restartCount.integer(0, u32),
      clockMs: readU64(clockMs),
      safe: safe.oneOf([true, false]),
    },
    firmwareVersion: readU64(firmwareVersion),
  };
}

/** Decimal text: JSON has no 64 bits. */
function readU64(field: Field): bigint {
  const text = field.text(20);
  return /^(?:0|[1-9]\d*)$/.test(text) ? BigInt(text) : field.fail('a number in decimal digits', 'is another text');
}

function readRules(field: Field): RecordedAttestation['rules'] {
  const { goldenQuorum, allowUnverifiedEk, deviceIdentity } = field.object(
    ...(['goldenQuorum', 'allowUnverifiedEk', 'deviceIdentity'] as const),
  );
  return {
    goldenQuorum: goldenQuorum.integer(1, 64),
    allowUnverifiedEk: allowUnverifiedEk.oneOf([true, false]),
    deviceIdentity: deviceIdentity.oneOf(['off', 'accepted', 'required']),
  };
}
