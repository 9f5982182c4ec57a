// enrol: how a host's TPM becomes a known identity.
import { decodeBase64, encodeBase64 } from '../../../core/encoding/index.ts';
import { activateEnrolment } from '../../attestation/activate.ts';
import { openEnrolment } from '../../attestation/enrol.ts';
import type { Handlers } from '../handler.ts';
import { present } from '../wire/present.ts';

export const enrolOperations: Pick<Handlers, 'createEnrollment' | 'activateEnrollment'> = {
  createEnrollment: async ({ body, principal }, context) => {
    const challenge = await openEnrolment(
      context,
      {
        hostId: body.hostName,
        ekCertificate: body.ekCertificate === undefined ? undefined : decodeBase64(body.ekCertificate),
        ekCertificateChain: (body.ekCertificateChain ?? []).map(decodeBase64),
        platformCertificates: (body.platformCertificates ?? []).map(decodeBase64),
        deviceIdentity: body.deviceIdentity && {
          certificate: decodeBase64(body.deviceIdentity.certificate),
          chain: (body.deviceIdentity.chain ?? []).map(decodeBase64),
          publicArea: decodeBase64(body.deviceIdentity.publicArea),
        },
        ekPublic: decodeBase64(body.ekPublic),
        akPublic: decodeBase64(body.akPublic),
      },
      principal,
    );
    const { certifyQualifyingData: question } = challenge;
    return {
      status: 201,
      body: {
        enrollmentId: challenge.enrolmentId,
        credentialBlob: encodeBase64(challenge.credentialBlob),
        encryptedSecret: encodeBase64(challenge.encryptedSecret),
        ...present('certifyQualifyingData', question && encodeBase64(question)),
        expiresAt: challenge.expiresAt.toISOString(),
      },
    };
  },
  activateEnrollment: async ({ path, body }, context) => {
    const host = await activateEnrolment(context, {
      id: path.enrollmentId,
      secret: decodeBase64(body.secret),
      certification: body.certification && {
        attest: decodeBase64(body.certification.attest),
        signature: decodeBase64(body.certification.signature),
      },
    });
    return {
      status: 200,
      body: {
        hostId: host.hostId,
        state: 'active',
        serverId: context.config.serverId,
        ...present('akCertificate', host.akCertificatePem),
        hostToken: host.hostToken,
      },
    };
  },
};
