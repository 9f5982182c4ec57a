// Everything behind the last verdict of a host, in one signed file that can be appraised anywhere.
import { jwkOf } from '../../core/crypto/index.ts';
import { decodeUtf8, encodeUtf8 } from '../../core/encoding/index.ts';
import {
  createEvidenceBundle,
  evidenceAudience,
  parseArchive,
  partsOf,
  readAttestation,
  readHost,
  readTrust,
  type RecordedAttestation,
  type RecordedTrust,
} from '../../core/evidence-bundle/index.ts';
import { parseGolden } from '../../core/golden/index.ts';
import { readClaimedPcrs } from '../attestation/claimed-pcrs.ts';
import { readHostVerdict } from '../attestation/view-verdict.ts';
import { createVerdictToken, verdictToSign } from '../attestation/verdict-token.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';

/** @throws ServerError HOST_NOT_FOUND, HOST_EVIDENCE_NONE, HOST_GROUNDS_NONE; MalformedError EVIDENCE_TOO_LARGE */
export async function exportHost(context: ServerContext, hostId: string): Promise<Uint8Array> {
  const { store, keys, now } = context;
  const held = await readHostVerdict(context, hostId);
  const found = await store.findGrounds(hostId);
  if (found === undefined) throw new ServerError('HOST_EVIDENCE_NONE');
  const { verdict, evidence, grounds } = found;
  if (grounds === undefined) throw new ServerError('HOST_GROUNDS_NONE');
  const attestation = readAttestation(new Map([['attestation.json', encodeUtf8(grounds.attestation)]]));
  const { imaLog, userspaceLog } = evidence;
  const at = now();
  const content = {
    attestation,
    host: readHost(partsOf(parseArchive(grounds.host))),
    evidence: {
      attest: evidence.attest,
      signature: evidence.signature,
      pcrs: readClaimedPcrs(evidence.pcrs),
      eventLog: evidence.eventLog,
      ...(imaLog === undefined ? {} : { imaLog }),
      ...(userspaceLog === undefined ? {} : { userspaceLog }),
    },
    trust: whatApplied(readTrust(partsOf(parseArchive(grounds.trust))), attestation),
    verdict: verdict.verdict,
    standing: {
      state: held.state,
      status: held.status,
      reasons: held.reasons.map(({ code, message }) => ({ code, message })),
    },
    token: await signToken(context, held),
    keys: { keys: keys.signing.published(at).map(jwkOf) },
  };
  return createEvidenceBundle(content, { at, audit: await readAuditHead(context), key: keys.signing.at(at) });
}

/** Of what the whole fleet is held against, what this host was. */
function whatApplied(trust: RecordedTrust, { policy, keptBack }: RecordedAttestation): RecordedTrust {
  const isApplied = (document: unknown): boolean => {
    const { id, version } = document as { readonly id?: unknown; readonly version?: unknown };
    return policy !== undefined && id === policy.id && version === policy.version;
  };
  return {
    ...trust,
    policies: trust.policies.filter(isApplied),
    goldens: trust.goldens.filter((envelope) => !keptBack.includes(parseGolden(envelope).id)),
  };
}

/** Says what may be said now: never more than the server would answer itself. */
async function signToken(context: ServerContext, held: Awaited<ReturnType<typeof readHostVerdict>>): Promise<string> {
  const wishes = { mediaType: 'application/eat+jwt', audience: evidenceAudience };
  const token = await createVerdictToken(context, verdictToSign(context, held), wishes);
  if (token === undefined) throw new TypeError('no token in a media type that is known');
  return decodeUtf8(token.bytes);
}

async function readAuditHead({ store }: ServerContext) {
  const sequence = await store.lastAuditSequence();
  const [last] = await store.listAudit(sequence - 1, 1);
  return last ?? { sequence: 0, hash: new Uint8Array(32) };
}
