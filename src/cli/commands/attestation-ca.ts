// `touchstone attestation-ca`: what others need to trust certificates of attestation keys.
import type { Command } from 'commander';
import { encodeHex, encodePem } from '../../core/encoding/index.ts';
import { hash } from '../../core/crypto/index.ts';
import { parseCertificate, parseCrl } from '../../core/x509/index.ts';
import { withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { writeOutput } from '../files.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';

interface OutputOptions extends ServerOptions {
  readonly out?: string;
}

export function addAttestationCaCommands(program: Command, session: Session): void {
  const authority = program
    .command('attestation-ca')
    .description('the CA that certifies attestation keys, for whoever trusts them without asking the server');
  const outOption = ['--out <file>', 'write PEM to this new file'] as const;
  withExamples(
    withServer(
      authority
        .command('certificate')
        .description('Print the certificate of the CA (PEM).')
        .option(...outOption)
        .action((options: OutputOptions) => answer(session, options, () => showCertificate(session, options))),
    ),
    'touchstone attestation-ca certificate --out attestation-ca.pem',
  );
  withExamples(
    withServer(
      authority
        .command('crl')
        .description(
          'Print the revocation list of the CA (PEM): certificates of hosts that were released, among others.',
        )
        .option(...outOption)
        .action((options: OutputOptions) => answer(session, options, () => showCrl(session, options))),
    ),
    'touchstone attestation-ca crl --out attestation-ca.crl',
  );
}

async function showCertificate(session: Session, options: OutputOptions): Promise<Report> {
  const { body } = await connect(session, options).callRaw('getAttestationCaCertificate', {
    headers: { accept: 'application/pkix-cert' },
  });
  const { der, subject, notAfter } = parseCertificate(body);
  const pem = encodePem('CERTIFICATE', der);
  const data = { subject, sha256: encodeHex(hash('sha256', der)), notAfter: notAfter.toISOString() };
  return reportOf(options, pem, data);
}

async function showCrl(session: Session, options: OutputOptions): Promise<Report> {
  const { body } = await connect(session, options).callRaw('getAttestationCaCrl', {
    headers: { accept: 'application/pkix-crl' },
  });
  const { der, issuer, thisUpdate, nextUpdate, revoked } = parseCrl(body);
  const pem = encodePem('X509 CRL', der);
  return reportOf(options, pem, {
    issuer,
    thisUpdate: thisUpdate.toISOString(),
    nextUpdate: nextUpdate?.toISOString(),
    revoked: [...revoked].map(([serial, { revokedAt, reason }]) => {
      return { serial, revokedAt: revokedAt.toISOString(), reason };
    }),
  });
}

function reportOf({ out }: OutputOptions, pem: string, data: object): Report {
  if (out === undefined) return { data: { ...data, pem }, lines: () => pem.trimEnd().split('\n') };
  writeOutput(out, pem);
  return { data: { ...data, file: out }, lines: () => [`wrote ${out}`] };
}
