// A stolen token, and a thief who has begun things with it: what the answer to its revocation promises holds for those, too.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as send, type ClientRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as passed } from 'node:timers/promises';
import { encodeBase64, decodeBase64 } from '../../../src/core/encoding/index.ts';
import { afterAskingApproval } from '../../support/after-asking.ts';
import { enrol, enrolmentBody, paperHost, trustSimulator } from '../../support/paper-story.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { refuses } from '../../support/problems.ts';
import { auditDraft } from '../../support/stored-records.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`a token that is revoked meanwhile, over ${engine}`, () => {
    let server: TestServer;
    before(async () => {
      server = await startTestServer({ storage: engine === 'postgres' ? await createTestDatabase() : undefined });
      await trustSimulator(server);
    });
    after(() => server.close());

    const steal = () => server.operator.call('createToken', { body: { name: 'stolen', role: 'operator' } });
    const revoke = (tokenId: string) => server.operator.call('revokeToken', { path: { tokenId } });
    const body = JSON.stringify({ name: 'mine', role: 'operator' });

    /** Asks for another token, and keeps the end of the body back. */
    const begin = async (token: string): Promise<ClientRequest> => {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': body.length,
      };
      const request = send(new URL('/v1/tokens', server.url), { method: 'POST', headers });
      request.write(body.slice(0, 5));
      // It was asked who that is.
      await passed(100);
      return request;
    };
    const finish = async (request: ClientRequest): Promise<string> => {
      request.end(body.slice(5));
      const [answer] = (await once(request, 'response')) as [IncomingMessage];
      return `${answer.statusCode} ${await text(answer)}`;
    };

    it('does nothing by a request whose body was on its way', async () => {
      const { token, id } = await steal();
      assert.match(await finish(await begin(token)), /^201 /);
      const request = await begin(token);
      await revoke(id);
      assert.match(await finish(request), /^401 .*AUTH_TOKEN_INVALID/);
    });

    it('enrols nobody by an enrolment that was opened with it', async () => {
      const { token, id } = await steal();
      const [thief, host] = [server.client(token), paperHost('hv-1')];
      const opened = await thief.call('createEnrollment', { body: await enrolmentBody(host) });
      const { enrollmentId, credentialBlob, encryptedSecret } = opened;
      const secret = await host.activate(decodeBase64(credentialBlob), decodeBase64(encryptedSecret));
      await revoke(id);
      const answer = { path: { enrollmentId }, body: { secret: encodeBase64(secret) } };
      await refuses(thief.call('activateEnrollment', answer), 'AUTH_TOKEN_INVALID', 401);
      await refuses(server.client().call('activateEnrollment', answer), 'ENROLLMENT_TOKEN_SPENT', 403);
    });

    it('enrols nobody by an enrolment that is being finished', async () => {
      const { token, id } = await steal();
      await server.restart({
        wrapStore: afterAskingApproval((store) => store.revokeToken(id, auditDraft('token.revoked'))),
      });
      await refuses(enrol(server, paperHost('hv-2'), server.client(token)), 'ENROLLMENT_TOKEN_SPENT', 403);
    });
  });
}
