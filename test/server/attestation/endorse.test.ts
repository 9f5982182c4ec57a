// Who vouches for a TPM that enrols, and what speaks against it whoever else would vouch.
import assert from 'node:assert/strict';
import { VerificationError } from '../../../src/core/error.ts';
import { verifyEndorsementKey } from '../../../src/core/tpm/index.ts';
import { parseCertificate } from '../../../src/core/x509/index.ts';
import { certificatesToKeep, endorse } from '../../../src/server/attestation/endorse.ts';
import type { ServerContext } from '../../../src/server/context.ts';
import { ServerError } from '../../../src/server/errors.ts';
import type { VerifiedDevice } from '../../../src/server/trust/device-identity.ts';
import { authority, paperHost } from '../../support/paper-story.ts';

describe('who vouches for a TPM that enrols', () => {
  const host = paperHost('hv-1');
  const device = { endorser: { id: 'iak', name: 'machines' } } as VerifiedDevice;

  interface Case {
    /** What the look at its certificate ends with. */
    readonly error: Error;
    readonly of?: typeof host;
    readonly isOpen?: boolean;
    readonly by?: VerifiedDevice;
  }
  const ask = async ({ error, of = host, isOpen = false, by }: Case) => {
    const context = {
      store: { findRegisteredEk: () => Promise.resolve(undefined) },
      trust: { current: () => Promise.reject(error) },
      config: { enrolment: { allowUnverifiedEk: isOpen } },
      now: () => new Date(0),
    } as unknown as ServerContext;
    const { certificate: ekCertificate, chain: ekCertificateChain } = await of.ekCertificates();
    const ek = verifyEndorsementKey(await host.ekPublic());
    return endorse(context, { ekCertificate, ekCertificateChain: [...ekCertificateChain] }, { ek, device: by });
  };

  const unknown = new VerificationError('X509_PATH_NO_ANCHOR', 'nobody trusts its maker');

  it('is its IAK where nobody trusts the maker of its EK, nobody where the configuration allows that, and else it is refused', async () => {
    assert.deepEqual(await ask({ error: unknown, by: device }), { endorser: device.endorser, by: 'iak' });
    assert.equal(await ask({ error: unknown, isOpen: true }), undefined);
    await assert.rejects(ask({ error: unknown }), { code: 'X509_PATH_NO_ANCHOR' });
  });

  for (const by of [undefined, device]) {
    const whoever = by === undefined ? 'where nobody need vouch' : 'although its IAK would vouch';
    it(`is nobody for a TPM against which something speaks, ${whoever}`, async () => {
      const more = { isOpen: true, ...(by && { by }) };
      for (const code of ['X509_CERTIFICATE_REVOKED', 'X509_KEY_ROCA'] as const) {
        await assert.rejects(ask({ error: new VerificationError(code, 'x'), ...more }), { code });
      }
      await assert.rejects(ask({ error: unknown, of: paperHost('hv-2'), ...more }), { code: 'X509_EK_KEY_MISMATCH' });
    });

    it(`is not known where the server fails, ${whoever}`, async () => {
      const more = { isOpen: true, ...(by && { by }) };
      const away = new ServerError('STORAGE_UNAVAILABLE');
      for (const error of [away, new TypeError('a mistake')]) await assert.rejects(ask({ error, ...more }), error);
    });
  }

  it('decides what is kept of its certificates: those that were proved, with what of ours they lead over', async () => {
    const { certificate, chain } = await host.ekCertificates();
    assert.ok(certificate);
    const sent = { ekCertificate: certificate, ekCertificateChain: [...chain] };
    const intermediates = [parseCertificate(authority.intermediateCertificate)];
    const context = { trust: { current: () => Promise.resolve({ intermediates }) } } as unknown as ServerContext;
    const { endorser } = device;
    const bare = { ...sent, ekCertificateChain: [] };
    for (const each of [sent, bare]) {
      assert.deepEqual(await certificatesToKeep(context, each, { endorser, by: 'ek' }), {
        ekCertificate: certificate,
        ekChain: [authority.intermediateCertificate],
      });
    }
    assert.deepEqual(await certificatesToKeep(context, sent, { endorser, by: 'iak' }), { ekCertificate: undefined, ekChain: [] }); // prettier-ignore
    const none = { ...sent, ekCertificate: undefined };
    assert.deepEqual(await certificatesToKeep(context, none, undefined), { ekCertificate: undefined, ekChain: [...chain] }); // prettier-ignore
  });
});
