// What the host sent, in files that other tools read as well: tpm2-tools its quote and logs.
import { decodeHex, type Field } from '../encoding/index.ts';
import type { Evidence } from '../appraisal/index.ts';
import { isHashAlgorithm, type HashAlgorithm } from '../crypto/index.ts';
import { encodeClaimedPcrs, type ClaimedPcrs, type PcrValues } from '../tpm/index.ts';
import type { Part } from './archive.ts';
import { documentPart, readDocument, requirePart, type Parts } from './documents.ts';

const files = {
  attest: 'evidence/quote.msg',
  signature: 'evidence/quote.sig',
  pcrs: 'evidence/pcrs.json',
  eventLog: 'evidence/event-log.bin',
  imaLog: 'evidence/ima-log',
  userspaceLog: 'evidence/userspace-log',
} as const;

export function encodeEvidence(evidence: Evidence): readonly Part[] {
  const { attest, signature, pcrs } = evidence;
  const logs = (['eventLog', 'imaLog', 'userspaceLog'] as const).flatMap((log) => {
    const bytes = evidence[log];
    return bytes === undefined ? [] : [{ name: files[log], bytes }];
  });
  return [
    { name: files.attest, bytes: attest },
    { name: files.signature, bytes: signature },
    documentPart(files.pcrs, encodeClaimedPcrs(pcrs)),
    ...logs,
  ];
}

/** @throws MalformedError EVIDENCE_PART_MISSING, EVIDENCE_PART_INVALID */
export function readEvidence(parts: Parts): Evidence {
  const imaLog = parts.get(files.imaLog);
  const userspaceLog = parts.get(files.userspaceLog);
  return {
    attest: requirePart(parts, files.attest),
    signature: requirePart(parts, files.signature),
    pcrs: readDocument(parts, files.pcrs, readPcrs),
    eventLog: parts.get(files.eventLog),
    ...(imaLog === undefined ? {} : { imaLog }),
    ...(userspaceLog === undefined ? {} : { userspaceLog }),
  };
}

/** Claims of the host: what they are worth, the quote decides. */
function readPcrs(root: Field): ClaimedPcrs {
  const banks = new Map<HashAlgorithm, PcrValues>();
  for (const [bank, values] of root.entries(16)) {
    if (!isHashAlgorithm(bank)) return root.fail('banks that are known', 'names another');
    banks.set(bank, new Map(values.entries(64).map(([pcr, value]) => [readPcr(pcr, values), readValue(value)])));
  }
  return banks;
}

function readPcr(text: string, values: Field): number {
  return /^(?:0|[1-9]\d?)$/.test(text) ? Number(text) : values.fail('numbers of registers', 'names another');
}

function readValue(field: Field): Uint8Array {
  const text = field.text(128);
  return /^(?:[0-9a-f]{2})*$/.test(text) ? decodeHex(text) : field.fail('lower-case hexadecimal', 'is another text');
}
