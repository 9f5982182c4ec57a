// `touchstone attestation-ca`: what others need to trust certificates of attestation keys.
import type { Command } from 'commander';
import type { ApiClient } from '../../api/index.ts';
import { encodePem, parsePem, printable } from '../../core/encoding/index.ts';
import { hashHex } from '../../core/crypto/index.ts';
import { parseCertificate, parseCrl } from '../../core/x509/index.ts';
import { withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { writeOutput } from '../files.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { readId, shortId, type IdKind } from '../inputs/short-id.ts';
import { formatTable } from '../table.ts';
import { addRotationCommands } from './attestation-ca-rotation.ts';

interface OutputOptions extends ServerOptions {
  readonly out?: string;
}

interface CrlOptions extends OutputOptions {
  readonly authority?: string;
}

const outOption = ['--out <file>', 'write PEM to this new file'] as const;

export function addAttestationCaCommands(program: Command, session: Session): void {
  const authority = program
    .command('attestation-ca')
    .description('the CA that certifies attestation keys, for whoever trusts them without asking the server');
  addCertificate(authority, session);
  addCrl(authority, session);
  addList(authority, session);
  addChain(authority, session);
  addRotationCommands(authority, session);
}

function addCertificate(authority: Command, session: Session): void {
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
}

function addCrl(authority: Command, session: Session): void {
  withExamples(
    withServer(
      authority
        .command('crl')
        .description(
          'Print the revocation list of the CA (PEM): certificates of hosts that were released, among others.',
        )
        .option('--authority <id>', 'of this key of the CA; of the one that issues unless told')
        .option(...outOption)
        .action((options: CrlOptions) => answer(session, options, () => showCrl(session, options))),
    ),
    'touchstone attestation-ca crl --out attestation-ca.crl',
  );
}

function addList(authority: Command, session: Session): void {
  withExamples(
    withServer(
      authority
        .command('list')
        .description('List the keys of the CA: the one that issues, the one that shall issue next, those that did.')
        .action((options: ServerOptions) => answer(session, options, () => listAuthorities(session, options))),
    ),
    'touchstone attestation-ca list',
  );
}

function addChain(authority: Command, session: Session): void {
  withExamples(
    withServer(
      authority
        .command('chain')
        .description('Print the certificates of all keys of the CA, with those of the authorities above them (PEM).')
        .option(...outOption)
        .action((options: OutputOptions) => answer(session, options, () => showChain(session, options))),
    ),
    'touchstone attestation-ca chain --out attestation-ca-chain.pem',
  );
}

async function showCertificate(session: Session, options: OutputOptions): Promise<Report> {
  const { body } = await connect(session, options).callRaw('getAttestationCaCertificate', {
    headers: { accept: 'application/pkix-cert' },
  });
  const { der, subject, notAfter } = parseCertificate(body);
  const pem = encodePem('CERTIFICATE', der);
  const data = { subject, sha256: hashHex('sha256', der), notAfter: notAfter.toISOString() };
  return reportOf(options, pem, data);
}

async function showChain(session: Session, options: OutputOptions): Promise<Report> {
  const { body } = await connect(session, options).callRaw('getAttestationCaChain', {
    headers: { accept: 'application/pem-certificate-chain' },
  });
  const pem = new TextDecoder().decode(body);
  const subjects = parsePem(pem).map(({ bytes }) => parseCertificate(bytes).subject);
  return reportOf(options, pem, { subjects });
}

async function listAuthorities(session: Session, options: ServerOptions): Promise<Report> {
  const { items } = await connect(session, options).call('listAttestationAuthorities', {});
  const rows = items.map(({ authorityId, state, subject, notAfter, lastCertificateEnds = '' }) => [
    state,
    shortId(authorityId),
    notAfter,
    lastCertificateEnds,
    printable(subject),
  ]);
  return {
    data: { authorities: items },
    lines: (paper) => formatTable(paper, ['state', 'id', 'ends', 'needed until', 'subject'], rows),
  };
}

async function showCrl(session: Session, { authority, ...options }: CrlOptions): Promise<Report> {
  const api = connect(session, options);
  const headers = { accept: 'application/pkix-crl' };
  const { body } = await (authority === undefined
    ? api.callRaw('getAttestationCaCrl', { headers })
    : api.callRaw('getAttestationAuthorityCrl', {
        headers,
        path: { authorityId: await readId(authority, authorityKind(api)) },
      }));
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

function authorityKind(api: ApiClient): IdKind {
  return {
    what: 'key of the attestation CA',
    scheme: '',
    listing: 'touchstone attestation-ca list',
    list: async () => {
      return (await api.call('listAttestationAuthorities', {})).items.map(({ authorityId }) => authorityId);
    },
  };
}

function reportOf({ out }: OutputOptions, pem: string, data: object): Report {
  if (out === undefined) return { data: { ...data, pem }, lines: () => pem.trimEnd().split('\n') };
  writeOutput(out, pem);
  return { data: { ...data, file: out }, lines: () => [`wrote ${out}`] };
}
