// An attestation that no proof came with. The attacker has what can be copied: the host's token, its quotes, its logs, whole requests.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { ApiClient, AttestationRequest, Prove } from '../../../src/api/index.ts';
import { decodeBase64, encodeBase64 } from '../../../src/core/encoding/index.ts';
import type { Verdict } from '../../../src/core/verdict/index.ts';
import { checkSelfProof } from '../../../src/server/attestation/self-proof.ts';
import {
  attest,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  submit,
  trustedWorld,
  type EnrolledHost,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { refuses } from '../../support/problems.ts';
import { createServerProcess, type ServerProcess } from '../../support/server-process.ts';

for (const engine of ['SQLite', 'PostgreSQL'] as const) {
  describe(`an attestation that proves itself, over ${engine}`, function () {
    this.timeout(120_000);
    let server: ServerProcess;
    let world: TrustedWorld;
    let operator: ApiClient;
    /** Whoever copied the token of hv-1. */
    let thief: EnrolledHost;
    const path = { hostId: 'hv-1' };
    const other = paperHost('hv-2');
    let enrolledOther: EnrolledHost;

    before(async () => {
      server = await createServerProcess(engine === 'SQLite' ? {} : { storage: await createTestDatabase() });
      await server.start();
      world = await trustedWorld(server.world());
      operator = server.client(server.token);
      thief = { ...world.enrolled, client: server.client(world.enrolled.token) };
      enrolledOther = await enrol(server.world(), other);
    });
    after(() => server.remove());

    const answer = async () => evidenceFor(world.host, await challengeFor(world.enrolled));
    /** What operators and orchestrators can see of hv-1. Events are told from the audit log. */
    const seen = async () => {
      const { items } = await operator.call('listAudit', { query: { limit: 1000 } });
      return [await operator.call('getVerdict', { path }), items.at(-1)?.sequence];
    };
    const changesNothing = async (work: () => Promise<unknown>): Promise<void> => {
      const before = await seen();
      await work();
      assert.deepEqual(await seen(), before);
    };
    const isUnproven = (evidence: AttestationRequest) =>
      changesNothing(() => refuses(submit(thief, evidence), 'AUTH_PROOF_REQUIRED', 401));
    const isAccepted = async (evidence: AttestationRequest) =>
      assert.equal((await submit(world.enrolled, evidence)).verdict.status, 'affirming');
    /** The host, counting the statements that its TPM makes about requests. */
    const counting = () => {
      const made = { proofs: 0 };
      const prove: Prove = (asked) => {
        made.proofs += 1;
        return world.enrolled.prove(asked);
      };
      return { made, host: { ...world.enrolled, client: server.client(world.enrolled.token, prove) } };
    };
    const flipped = (text: string, at: number): string => {
      const bytes = decodeBase64(text);
      bytes[at % bytes.length]! ^= 1 << (at % 8);
      return encodeBase64(bytes);
    };

    it('takes the quote of the host as proof: its TPM signs once, and once more for the challenge it asks for', async () => {
      const { made, host } = counting();
      assert.equal((await attest(host, world.host)).verdict.status, 'affirming');
      assert.equal(made.proofs, 1);
    });

    it('takes proofs from agents that send them', async () => {
      const body = new TextEncoder().encode(JSON.stringify(await answer()));
      const asked = { method: 'POST', path: '/v1/hosts/hv-1/attestations', body, at: Date.now() };
      const headers = { 'touchstone-proof': await world.enrolled.prove(asked), 'content-type': 'application/json' };
      const { status } = await thief.client.callRaw('createAttestation', { path, headers, body });
      assert.equal(status, 200);
    });

    it('refuses garbage with a copied token: no verdict, no event, and the challenge is the host’s to answer', async () => {
      const evidence = await answer();
      await isUnproven({ ...evidence, attest: encodeBase64(new Uint8Array(100)) });
      await isUnproven({ ...evidence, signature: encodeBase64(new Uint8Array(72)) });
      await isUnproven({ ...evidence, attest: 'AA==', signature: 'AA==', pcrs: { sha256: { '0': '00'.repeat(32) } } });
      for (let at = 0; at < 200; at += 9) {
        const part = at % 2 === 0 ? 'attest' : 'signature';
        await isUnproven({ ...evidence, [part]: flipped(evidence[part], at) });
      }
      await isAccepted(evidence);
    });

    it('refuses the quote of another TPM, and a statement of the right one that is no quote', async () => {
      const challenge = await challengeFor(world.enrolled);
      await isUnproven(await evidenceFor(other, challenge));
      const evidence = await evidenceFor(world.host, challenge);
      const time = await world.host.getTime(decodeBase64(challenge.qualifyingData));
      await isUnproven({ ...evidence, attest: encodeBase64(time.attest), signature: encodeBase64(time.signature) });
      await isAccepted(evidence);
    });

    it('refuses a quote over the challenge of another host, whichever TPM made it', async () => {
      const mine = await challengeFor(world.enrolled);
      const theirs = await challengeFor(enrolledOther);
      for (const host of [other, world.host]) {
        const evidence = await evidenceFor(host, theirs);
        await isUnproven({ ...evidence, challengeId: mine.challengeId });
        await changesNothing(() => refuses(submit(thief, evidence), 'CHALLENGE_NOT_FOUND', 409));
      }
      await isAccepted(await evidenceFor(world.host, mine));
    });

    it('refuses what was answered before, and an old quote under an open challenge', async () => {
      const old = await answer();
      await isAccepted(old);
      await changesNothing(() => refuses(submit(thief, old), 'CHALLENGE_NOT_FOUND', 409));
      const open = await answer();
      await isUnproven({ ...old, challengeId: open.challengeId });
      await isAccepted(open);
    });

    it('takes one of many copies of an answer that come at once', async () => {
      const evidence = await answer();
      const answers = await Promise.allSettled(
        Array.from({ length: 6 }, (_, index) => submit(index % 2 === 0 ? thief : world.enrolled, evidence)),
      );
      assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1);
    });

    it('lets nobody make a verdict worse with a quote that he intercepted', async () => {
      const evidence = await answer();
      const { eventLog, ...logless } = evidence;
      assert.ok(eventLog !== undefined);
      await isUnproven(logless);
      await isUnproven({ ...evidence, eventLog: encodeBase64(decodeBase64(eventLog).slice(0, -1)) });
      await isUnproven({ ...evidence, userspaceLog: encodeBase64(new Uint8Array(9)), eventLog: 'AAAA' });
      await isUnproven({ ...evidence, pcrs: { sha256: { ...evidence.pcrs.sha256, '7': '11'.repeat(32) } } });
      // Kept back until the host has quoted again: it looks like a clock that went back.
      await isAccepted(await answer());
      await isUnproven(evidence);
    });

    it('records bad news of a host that proves them, at the second try of its agent', async () => {
      world.host.reboot({ tampering: ['changed-kernel'] });
      const changed = await evidenceFor(world.host, await challengeFor(world.enrolled));
      await isUnproven(changed);
      const { made, host } = counting();
      assert.notEqual((await submit(host, changed)).verdict.status, 'affirming');
      assert.equal(made.proofs, 1);
      assert.notEqual((await operator.call('getVerdict', { path })).status, 'affirming');
      // Again, now of a boot that is known: that is said for the first time. Then the same bad news are none.
      assert.notEqual((await submit(host, await answer())).verdict.status, 'affirming');
      assert.equal(made.proofs, 2);
      assert.notEqual((await submit(host, await answer())).verdict.status, 'affirming');
      assert.equal(made.proofs, 2);
      world.host.reboot({ tampering: [] });
      await isAccepted(await answer());
    });

    it('refuses a proof that is wrong, whatever the evidence', async () => {
      const evidence = await answer();
      const body = new TextEncoder().encode(JSON.stringify(evidence));
      const send = (proof: string) =>
        thief.client.callRaw('createAttestation', {
          path,
          headers: { 'touchstone-proof': proof, 'content-type': 'application/json' },
          body,
        });
      const asked = { method: 'POST', path: '/v1/hosts/hv-1/attestations', body, at: Date.now() };
      const foreign = await enrolledOther.prove(asked);
      const ofAnotherBody = await world.enrolled.prove({ ...asked, body: new Uint8Array(1) });
      for (const proof of ['', 'x', foreign, ofAnotherBody]) {
        await changesNothing(() => refuses(send(proof), 'AUTH_PROOF_INVALID', 401));
      }
      await isAccepted(evidence);
    });

    it('needs the token of this host', async () => {
      const evidence = await answer();
      const nobody = { ...thief, client: server.client() };
      const stranger = { ...thief, client: server.client(enrolledOther.token) };
      await changesNothing(() => refuses(submit(nobody, evidence), 'AUTH_REQUIRED', 401));
      await changesNothing(() => refuses(submit(stranger, evidence), 'AUTH_FORBIDDEN', 403));
      await isAccepted(evidence);
    });

    it('keeps no place from the host when somebody with its token sends without end', async () => {
      const { made, host } = counting();
      const challenge = await challengeFor(host);
      const slow = httpRequest(`${server.url}/v1/hosts/hv-1/attestations`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${thief.token}`,
          'content-type': 'application/json',
          'content-length': 9999,
          expect: '100-continue',
        },
      });
      slow.on('error', () => undefined).flushHeaders();
      try {
        await once(slow, 'continue');
        const evidence = await evidenceFor(world.host, challenge);
        await refuses(submit(thief, evidence), 'AUTH_PROOF_REQUIRED', 401);
        assert.equal((await submit(host, evidence)).verdict.status, 'affirming');
        assert.equal(made.proofs, 2);
      } finally {
        slow.destroy();
      }
    });

    it('knows the key of the enrolment alone: not the one before it', async () => {
      const before = await answer();
      await operator.call('releaseHost', { path, body: { reason: 'mainboard replaced' } });
      const board = paperHost('hv-1', { seed: 'another board' });
      const anew = await enrol(server.world(), board);
      const bearer = { ...anew, client: server.client(anew.token) };
      await refuses(submit(thief, before), 'AUTH_TOKEN_INVALID', 401);
      await refuses(submit(bearer, before), 'CHALLENGE_NOT_FOUND', 409);
      const challenge = await challengeFor(anew);
      await refuses(submit(bearer, await evidenceFor(world.host, challenge)), 'AUTH_PROOF_REQUIRED', 401);
      assert.equal((await submit(anew, await evidenceFor(board, challenge))).verdict.status, 'affirming');
    });

    it('answers no challenge that has expired', async () => {
      const late = await evidenceFor(other, await challengeFor(enrolledOther));
      server.advance(121);
      const bearer = { ...enrolledOther, client: server.client(enrolledOther.token) };
      await refuses(submit(bearer, late), 'CHALLENGE_EXPIRED', 409);
    });
  });
}

describe('what an attestation proves by itself', () => {
  const boot = { resetCount: 1, restartCount: 0, clockMs: '1', epoch: 'same-boot' } as const;
  const verdict = (part: Partial<Verdict>): Verdict => ({
    host: 'hv-1',
    status: 'affirming',
    vector: {},
    findings: [],
    layers: {},
    evidenceDigest: '',
    challengedAt: '',
    issuedAt: '',
    expiresAt: '',
    ...part,
  });
  const refused = { code: 'AUTH_PROOF_REQUIRED' };

  it('1. is nothing without a verified quote, also where the verdict says nothing new', () => {
    for (const status of ['none', 'affirming'] as const) {
      assert.throws(() => checkSelfProof(verdict({ status }), undefined), refused);
      assert.throws(() => checkSelfProof(verdict({ status }), verdict({ status })), refused);
    }
  });

  it('2. is good news, and what was known', () => {
    checkSelfProof(verdict({ boot }), undefined);
    for (const status of ['warning', 'contraindicated', 'none'] as const) {
      const bad = verdict({ boot, status, eventLogDigest: '00' });
      assert.throws(() => checkSelfProof(bad, undefined), refused);
      assert.throws(() => checkSelfProof(bad, verdict({ boot })), refused);
      checkSelfProof({ ...bad, issuedAt: 'later', boot: { ...boot, clockMs: '2' } }, bad);
      // Another boot log may say as little against the host, and be none that break-glass admits.
      assert.throws(() => checkSelfProof({ ...bad, eventLogDigest: '11' }, bad), refused);
      assert.throws(() => checkSelfProof({ ...bad, boot: { ...boot, resetCount: 2 } }, bad), refused);
    }
  });
});
