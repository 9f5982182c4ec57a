// What the server fetches, and above all what it does not: evidence never chooses where it connects to.
import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { encodeBase64, encodePem } from '../../../src/core/encoding/index.ts';
import { encodeSpki } from '../../../src/core/crypto/index.ts';
import { verifyEndorsementKey } from '../../../src/core/tpm/index.ts';
import { createEkExtensions } from '../../../src/core/issuance/index.ts';
import { extensionOids } from '../../../src/core/x509/index.ts';
import { derElement, derOid, derSequence } from '../../../src/core/x509/der-writer.ts';
import { importList, listBody, listBy } from '../../support/authority-lists.ts';
import { enrolmentBody, paperHost } from '../../support/paper-story.ts';
import { makeIntermediate, makeRoot, stTpm } from '../../support/pki.ts';
import { refuses } from '../../support/problems.ts';
import { startPublisher, type Publisher } from '../../support/publisher.ts';
import { makeRaw } from '../../support/raw-certificate.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('what the server fetches', () => {
  let publisher: Publisher;
  let address: string;
  let server: TestServer;

  beforeEach(async () => {
    publisher = await startPublisher((_request, response) => response.writeHead(404).end());
    ({ address } = publisher);
  });
  afterEach(async () => {
    await server.close();
    await publisher.close();
  });

  const start = async (fetchHosts: readonly string[]) => {
    server = await startTestServer({ settings: { revocation: { fetchHosts } } });
  };
  const importWith = (url: string) => importList(server.operator, listBody('root', { madeAt: server.now() }, url));
  const madeAt = async () => (await server.operator.call('listRevocationLists', {})).items[0]?.thisUpdate;

  /** Restarts, which refreshes, and waits for the publisher to be asked and for what comes of it. */
  async function refreshed(): Promise<void> {
    const before = publisher.requests.length;
    await server.restart();
    for (let round = 0; round < 100 && publisher.requests.length === before; round += 1) await pause();
    await server.restart();
  }

  it('fetches a newer list from an allowed host, and stores it', async () => {
    await start([address]);
    await importWith(`http://${address}/root.crl`);
    server.advance(3600);
    const newer = listBy('root', { madeAt: server.now() });
    publisher.answer = (_request, response) => response.end(newer);
    await refreshed();
    assert.equal(await madeAt(), server.now().toISOString());
    assert.ok(publisher.requests.every((url) => url === '/root.crl'));
  });

  it('keeps the list it has when what it fetches is forged, older, no list, or somewhere else', async () => {
    await start([address]);
    await importWith(`http://${address}/root.crl`);
    const first = await madeAt();
    server.advance(3600);
    const forged = listBy('root', { madeAt: server.now(), forged: true });
    const older = listBy('root', { madeAt: new Date(server.now().getTime() - 86_400_000) });
    const answers: readonly RequestListener[] = [
      (_request, response) => response.end(forged),
      (_request, response) => response.end(older),
      (_request, response) => response.end('<html>'),
      (_request, response) => response.writeHead(302, { location: `http://${address}/elsewhere` }).end(),
    ];
    for (const each of answers) {
      publisher.answer = each;
      await refreshed();
      assert.equal(await madeAt(), first);
    }
    assert.ok(!publisher.requests.includes('/elsewhere'));
  });

  it('refuses addresses of hosts that are not allowed, and fetches nothing by default', async () => {
    await start([]);
    await refuses(importWith(`http://${address}/root.crl`), 'REVOCATION_URL_REFUSED', 422);
    await server.close();
    await start([address]);
    for (const url of [
      'https://elsewhere.example/root.crl',
      `ftp://${address}/root.crl`,
      `http://user@${address}/root.crl`,
      `http://:password@${address}/root.crl`,
      `http://${address.replace('127.0.0.1', 'localhost')}/root.crl`,
      'root.crl',
    ]) {
      await refuses(importWith(url), 'REVOCATION_URL_REFUSED', 422);
    }
    assert.deepEqual(publisher.requests, []);
  });

  it('attack 34: never fetches what a certificate names: neither its issuer nor its revocation list', async () => {
    await start([address]);
    const root = makeRoot();
    const issuing = makeIntermediate(root);
    const host = paperHost('hv-1');
    const spki = encodeSpki(verifyEndorsementKey(await host.ekPublic()).public.publicKey);
    const url = (path: string) => derElement(0x86, new TextEncoder().encode(`http://${address}/${path}`));
    const usual = createEkExtensions({ issuerSpki: issuing.key.spki, keyType: 'rsa', tpm: stTpm });
    const point = derSequence(derSequence(derElement(0xa0, derElement(0xa0, url('ek.crl')))));
    const access = derSequence(derSequence(derOid('1.3.6.1.5.5.7.48.2'), url('issuer.crt')));
    const certificate = makeRaw(issuing, {
      spki,
      extensions: [
        ...usual,
        { oid: extensionOids.crlDistributionPoints, critical: false, value: point },
        { oid: extensionOids.authorityInfoAccess, critical: false, value: access },
      ],
    });
    await server.operator.call('createTrustAnchor', {
      body: { name: 'maker', pem: encodePem('CERTIFICATE', root.der), scope: 'virtual' },
    });
    const usualBody = await enrolmentBody(host);
    const body = { ...usualBody, ekCertificate: encodeBase64(certificate.der), ekCertificateChain: [] };
    await refuses(server.operator.call('createEnrollment', { body }), 'X509_PATH_NO_ANCHOR', 422);
    const whole = { ...body, ekCertificateChain: [encodeBase64(issuing.der)] };
    await server.operator.call('createEnrollment', { body: whole });
    await pause();
    assert.deepEqual(publisher.requests, []);
  });
});

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
