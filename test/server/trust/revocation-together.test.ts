// Several revocation lists in one request: the fleet is looked at once for all of them, and each is taken or refused by itself.
import assert from 'node:assert/strict';
import type { ApiClient } from '../../../src/api/index.ts';
import { encodePem } from '../../../src/core/encoding/index.ts';
import type { listBody } from '../../support/authority-lists.ts';
import { issuers, listBy, type ListOptions } from '../../support/authority-lists.ts';
import { authority, enrol, paperHost, trustedWorld } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

type Body = Parameters<typeof listBody>;

describe('revocation lists that come together', () => {
  let server: TestServer;
  let walks = 0;
  /** Done once, before a list is stored. */
  let meanwhile: (() => Promise<unknown>) | undefined;
  /** A host that is not there any more where it is looked at by itself. */
  let gone: string | undefined;
  beforeEach(async () => {
    server = await startTestServer({
      start: {
        wrapStore: (store) => ({
          ...store,
          listHosts: (page) => {
            if (page.after === undefined) walks += 1;
            return store.listHosts(page);
          },
          saveRevocationList: async (...list) => {
            const work = meanwhile;
            meanwhile = undefined;
            await work?.();
            return store.saveRevocationList(...list);
          },
          findStanding: (id) => (id === gone ? undefined : store.findStanding(id)),
        }),
      },
    });
    await trustedWorld(server);
    await enrol(server, paperHost('hv-2'));
    walks = 0;
    gone = undefined;
  });
  afterEach(() => server.close());

  const both = Object.values(issuers)
    .map((der) => encodePem('CERTIFICATE', der))
    .join('');
  const listOf = (issuer: Body[0], options: Partial<ListOptions> = {}) => ({
    list: encodePem('X509 CRL', listBy(issuer, { madeAt: server.now(), ...options })),
  });
  type Lists = ReturnType<typeof listOf>[];
  const give = async (client: ApiClient, ...lists: Lists) =>
    (await client.call('importRevocationLists', { body: { lists, issuers: both } })).items;
  const preview = async (...lists: Lists) =>
    (await server.operator.call('previewRevocationLists', { body: { lists, issuers: both } })).items;
  const ekOf = async (name: string): Promise<Uint8Array> => {
    const { certificate } = await paperHost(name).ekCertificates();
    assert.ok(certificate);
    return certificate;
  };
  const stored = async () => (await server.operator.call('listRevocationLists', {})).items.length;

  it('take one walk over the fleet, to be seen beforehand and to be stored; and none where they revoke nothing', async () => {
    const lists = [
      listOf('intermediate', { revoked: [await ekOf('hv-1')] }),
      listOf('root', { revoked: [authority.intermediateCertificate] }),
    ];
    const seen = await preview(...lists);
    assert.deepEqual([walks, await stored()], [1, 0]);
    const given = await give(server.operator, ...lists);
    assert.deepEqual([walks, await stored()], [2, 2]);
    // Each host falls to the first list that ends what vouches for it, as if they had come one after another.
    assert.deepEqual(
      seen.map((one) => one.preview?.items.map(({ host }) => host)),
      [['hv-1'], ['hv-2']],
    );
    assert.deepEqual(
      given.map(({ list }) => list?.hosts),
      [1, 1],
    );
    server.advance(1);
    await give(server.operator, listOf('intermediate'), listOf('root'));
    assert.equal(walks, 2);
  });

  it('are shown beforehand with their hosts in the order of the names, whoever enrolled first', async () => {
    await enrol(server, paperHost('hv-0'));
    const [seen] = await preview(listOf('root', { revoked: [authority.intermediateCertificate] }));
    assert.deepEqual(
      seen?.preview?.items.map(({ host }) => host),
      ['hv-0', 'hv-1', 'hv-2'],
    );
  });

  it('are shown without a host that goes while the fleet is looked at', async () => {
    gone = 'hv-1';
    const [seen] = await preview(listOf('root', { revoked: [authority.intermediateCertificate] }));
    assert.deepEqual(
      seen?.preview?.items.map(({ host }) => host),
      ['hv-2'],
    );
  });

  it('are refused each by itself, and the good ones are stored', async () => {
    const older = listOf('root', { madeAt: new Date(server.now().getTime() - 1000) });
    const forged = listOf('intermediate', { forged: true });
    const lists: Lists = [
      { list: both },
      listOf('root'),
      older,
      forged,
      listOf('intermediate', { revoked: [await ekOf('hv-1')] }),
    ];
    const expected = [
      ['X509_CRL_MALFORMED', '#/lists/0'],
      undefined,
      ['REVOCATION_LIST_OLDER', '#/lists/2'],
      ['X509_CRL_SIGNATURE_INVALID', '#/lists/3'],
      undefined,
    ];
    const problems = (items: Awaited<ReturnType<typeof preview>> | Awaited<ReturnType<typeof give>>) =>
      items.map(({ problem }) => problem && [problem.code, problem.instance]);
    assert.deepEqual(problems(await preview(...lists)), expected);
    const given = await give(server.operator, ...lists);
    assert.deepEqual(problems(given), expected);
    assert.equal(given[4]?.list?.hosts, 1);
    assert.equal(await stored(), 2);
    await refuses(give(server.operator, older), 'REVOCATION_LIST_OLDER', 409);
    await refuses(preview(older), 'REVOCATION_LIST_OLDER', 409);
  });

  it('are judged anew behind one that a newer list of its issuer overtook', async () => {
    const first = listOf('root', { revoked: [authority.intermediateCertificate] });
    const second = listOf('intermediate', { revoked: [await ekOf('hv-1')] });
    meanwhile = () => give(server.operator, listOf('root', { madeAt: new Date(server.now().getTime() + 1000) }));
    const given = await give(server.operator, first, second);
    // Beside the first list, which would have taken both hosts, the second had none.
    assert.deepEqual([given[0]?.problem?.code, given[1]?.list?.hosts], ['REVOCATION_LIST_OLDER', 1]);
    const decision = async (host: string) =>
      (await server.operator.call('getHost', { path: { hostId: host } })).ekVerified;
    assert.deepEqual([await decision('hv-1'), await decision('hv-2')], [false, true]);
    assert.equal(walks, 2);
  });

  it('say in lines how far the look at the fleet is, and at last what became of each', async () => {
    const body = { lists: [listOf('root'), { list: both }], issuers: both };
    const lines = [];
    for await (const line of server.operator.callLines('importRevocationLists', { body })) lines.push(line);
    const { result } = lines.at(-1) ?? {};
    assert.deepEqual(
      result?.items.map(({ list, problem }) => list?.entries ?? problem?.code),
      [0, 'X509_CRL_MALFORMED'],
    );
  });
});
