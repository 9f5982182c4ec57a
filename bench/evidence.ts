// The evidence that in-process rows appraise: a boot of the size that real machines have (about a hundred events, 44 KB, two
// banks), quoted by an RSA-2048 or a P-256 key, golden measurements of its six layers, and a policy that demands them.
import { generateKeyPairSync, sign } from 'node:crypto';
import {
  parsePolicy,
  policyPcrSelection,
  type AppraisalPolicy,
  type Evidence,
  type Trust,
} from '../src/core/appraisal/index.ts';
import { publicKeyFromHandle } from '../src/core/crypto/index.ts';
import { encodeDsseEnvelope, preAuthEncoding } from '../src/core/encoding/index.ts';
import { bootLayers, parseEventLog, verifyEventLog } from '../src/core/event-log/index.ts';
import {
  createGoldenStatements,
  encodeGoldenStatement,
  goldenPayloadType,
  verifyGolden,
  type ApprovedGolden,
} from '../src/core/golden/index.ts';
import { parseImaList, verifyImaList } from '../src/core/ima/index.ts';
import { verifyAttestationKey, verifyPcrs, verifyQuote, type AttestedPcrs } from '../src/core/tpm/index.ts';
import { createPaperHost, createSimulatorAuthority, type PaperKeyType } from '../src/simulator/index.ts';
import { fullSizeLog } from './full-size-log.ts';
import { imaListOf } from './ima-list.ts';

export const start = new Date('2026-11-25T12:00:00Z');

export interface Case {
  readonly evidence: Evidence;
  readonly trust: Trust;
  readonly policy: AppraisalPolicy;
  readonly at: Date;
  /** Where files were measured: before the last of them was. */
  readonly before?: Evidence & { readonly imaLog: Uint8Array };
}

/** A host whose boot is approved, and the files that it measured while it ran, if any: its appraisal is affirming. */
export async function createCase(akType: PaperKeyType, files = 0): Promise<Case> {
  const authority = createSimulatorAuthority({ at: start, seed: 'bench' });
  const host = createPaperHost({
    name: 'bench-1',
    authority,
    akType,
    eventLog: fullSizeLog(),
    banks: ['sha1', 'sha256'],
  });
  const imaLog = files === 0 ? undefined : await imaListOf(host, files);
  const policy = parsePolicy({
    id: 'bench',
    version: 1,
    layers: imaLog === undefined ? bootLayers : [...bootLayers, 'runtime'],
    verdictSeconds: 600,
    requireFacts: { secureBoot: 'enabled' },
  });
  const qualifyingData = new Uint8Array(32).fill(7);
  const eventLog = await host.eventLog();
  const quote = () => host.quote(qualifyingData, [policyPcrSelection(policy)]);
  const attest = async (list: Uint8Array) => {
    host.measureOn(list);
    return { ...(await quote()), eventLog, imaLog: list };
  };
  const before = imaLog && (await attest(withoutLast(imaLog)));
  const evidence = imaLog === undefined ? { ...(await quote()), eventLog } : await attest(imaLog);
  const attestationKey = verifyAttestationKey(await host.akPublic());
  const goldens = approveBoot(evidence, prove(evidence, attestationKey, qualifyingData));
  const trust: Trust = {
    host: { id: host.name, attestationKey },
    endorsement: 'verified',
    qualifyingData,
    goldens,
    challengedAt: undefined,
    previousBoot: undefined,
  };
  return { evidence, trust, policy, at: start, ...(before === undefined ? {} : { before }) };
}

function withoutLast(list: Uint8Array): Uint8Array {
  return list.subarray(0, parseImaList(list).entries.at(-1)?.offset);
}

function prove(
  { attest, signature, pcrs }: Evidence,
  key: Trust['host']['attestationKey'],
  qualifyingData: Uint8Array,
): AttestedPcrs {
  return verifyPcrs(verifyQuote({ attest, signature, key, qualifyingData }), pcrs);
}

function approveBoot({ eventLog, imaLog }: Evidence, pcrs: AttestedPcrs): readonly ApprovedGolden[] {
  if (eventLog === undefined) throw new TypeError('the case has a log');
  const log = verifyEventLog(parseEventLog(eventLog), pcrs);
  const ima = imaLog && verifyImaList({ list: parseImaList(imaLog), pcrs });
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const signer = { name: 'bench', publicKey: publicKeyFromHandle(publicKey) };
  return createGoldenStatements(log, ima && { ima }).map((statement) => {
    const payload = encodeGoldenStatement(statement);
    const sig = new Uint8Array(sign(null, preAuthEncoding(goldenPayloadType, payload), privateKey));
    const envelope = encodeDsseEnvelope({ payloadType: goldenPayloadType, payload, signatures: [{ sig }] });
    return verifyGolden(envelope, { signers: [signer], quorum: 1, at: start });
  });
}
