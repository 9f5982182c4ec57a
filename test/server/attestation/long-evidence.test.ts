// Evidence of megabytes: others have their turns while it is joined, hashed, decoded and named, whoever sends it.
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { growLog, nameOfLog } from '../../../src/core/appraisal/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import { encodeBase64 } from '../../../src/core/encoding/index.ts';
import { completeEvidence } from '../../../src/server/attestation/submitted-evidence.ts';
import { checkProvenBody } from '../../../src/server/auth/prove-host.ts';
import type { ServerContext } from '../../../src/server/context.ts';
import { readBody } from '../../../src/server/http/body.ts';
import { attestOperations } from '../../../src/server/http/operations/attest.ts';
import type { ApiRequest } from '../../../src/server/http/handler.ts';
import type { ChallengeRecord } from '../../../src/server/storage/index.ts';
import { turnsDuring } from '../../support/turns-during.ts';

const megabytes = 8;
const long = new Uint8Array(megabytes * 1_048_576).fill(7);
const few = 5;
const nothing = new Uint8Array();

describe('evidence of megabytes', () => {
  it('is joined in pieces', async () => {
    const stream = new PassThrough({ autoDestroy: false, highWaterMark: 2 * long.length });
    const reading = readBody(stream as unknown as IncomingMessage, { limit: long.length, room: undefined });
    for (let start = 0; start < long.length; start += 65_536) stream.write(long.subarray(start, start + 65_536));
    // All of it is there by then.
    await new Promise((resolve) => stream.once('end', resolve).end());
    const turns = await turnsDuring(async () => assert.ok(Buffer.from(await reading).equals(long)));
    assert.ok(turns >= megabytes, `${turns} turns`);
  });

  it('is held against its proof in pieces, and refused where it is another', async () => {
    const turns = await turnsDuring(async () => checkProvenBody(long, hash('sha256', long)));
    assert.ok(turns >= megabytes, `${turns} turns`);
    await assert.rejects(async () => checkProvenBody(long, hash('sha256', nothing)), { code: 'AUTH_PROOF_INVALID' });
    assert.ok((await turnsDuring(async () => checkProvenBody(nothing, hash('sha256', nothing)))) < few);
  });

  it('is decoded in pieces, log by log', async () => {
    const none = { store: { findChallenge: () => Promise.resolve(undefined) } } as unknown as ServerContext;
    const decode = (eventLog: Uint8Array, imaLog: Uint8Array) =>
      turnsDuring(async () => {
        const body = { challengeId: 'c', attest: '', signature: '', pcrs: {} };
        const logs = { eventLog: encodeBase64(eventLog), imaLog: encodeBase64(imaLog) };
        const request = { path: { hostId: 'hv-1' }, body: { ...body, ...logs } };
        const asked = attestOperations.createAttestation(request as unknown as ApiRequest<'createAttestation'>, none);
        await assert.rejects(async () => asked, { code: 'CHALLENGE_NOT_FOUND' });
      });
    assert.ok((await decode(long, long)) >= 2 * megabytes);
    assert.ok((await decode(nothing, nothing)) < few);
  });

  it('is named in pieces, and so is a list that goes on', async () => {
    const context = (imaLog: Uint8Array) =>
      ({
        memory: {},
        store: { findLog: () => Promise.resolve(imaLog), findHost: () => Promise.resolve(undefined) },
        trust: { current: () => Promise.resolve({}) },
      }) as unknown as ServerContext;
    const complete = async (eventLog: Uint8Array, { before, added }: Record<'before' | 'added', Uint8Array>) => {
      const challenge = { hostId: 'hv-1', rides: true, heldImaLog: 'before' } as unknown as ChallengeRecord;
      const submitted = { challengeId: 'c', attest: nothing, signature: nothing, pcrs: {}, userspaceLog: undefined };
      const logs = { eventLog, imaLog: added, imaLogOffset: before.length };
      const evidence = await completeEvidence(context(before), challenge, { ...submitted, ...logs });
      assert.equal(nameOfLog(evidence.eventLog ?? nothing), nameOfLog(eventLog));
      assert.equal(nameOfLog(evidence.imaLog ?? nothing), nameOfLog(growLog(before, added)));
    };
    const added = Uint8Array.of(1);
    const turns = await turnsDuring(() => complete(long, { before: long, added }));
    assert.ok(turns >= 3 * megabytes - 1, `${turns} turns`);
    assert.ok((await turnsDuring(() => complete(added, { before: added, added }))) < few);
  });
});
