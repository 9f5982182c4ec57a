// `touchstone verify`: proves a file, offline, with the core alone.
import { type Command, Option } from 'commander';
import {
  collectList,
  ownKeysText,
  parseCount,
  parseDateOption,
  parseHexOption,
  withExamples,
  withJson,
} from '../command-line.ts';
import { answer, type Session } from '../session.ts';
import { verifyCertificateFile, type VerifyCertificateOptions } from './verify-certificate.ts';
import { verifyEvidenceFile, type VerifyEvidenceOptions } from './verify-evidence.ts';
import { verifyEventFile, type VerifyEventOptions } from './verify-event.ts';
import { verifyGoldenFile, type VerifyGoldenOptions } from './verify-golden.ts';
import { verifyQuoteFiles, type VerifyQuoteOptions } from './verify-quote.ts';
import { verifyTokenFile, type VerifyTokenOptions } from './verify-token.ts';

interface JsonOption {
  readonly json?: boolean;
}

export function addVerifyCommands(program: Command, session: Session): void {
  const verify = program
    .command('verify')
    .description(
      'prove a quote, evidence behind a verdict, a certificate, a token, an event or a golden measurement, offline. ' +
        'Exit status 0: proved, 1: refused',
    );
  addQuote(verify, session);
  addEvidence(verify, session);
  addCertificate(verify, session);
  addToken(verify, session);
  addEvent(verify, session);
  addGolden(verify, session);
}

function addQuote(verify: Command, session: Session): void {
  const command = verify
    .command('quote')
    .summary('a quote, its key and nonce, and what the event log says about its PCRs')
    .description(
      'Prove a quote: the key may attest (restricted, fixed to its TPM), it signed these bytes, a TPM made them, they answer ' +
        'the nonce. With PCR values or an event log: which value every quoted PCR had, and how the log explains it. ' +
        'A bare PEM key says nothing about its attributes: the verdict is then `signature-only`.',
    )
    .requiredOption('--attest <file>', 'TPMS_ATTEST (tpm2_quote -m)')
    .requiredOption('--signature <file>', 'TPMT_SIGNATURE (tpm2_quote -s), or plain RSA or DER ECDSA bytes')
    .requiredOption('--public <file>', 'TPM2B_PUBLIC or TPMT_PUBLIC of the key (tpm2_createak -u), or PEM')
    .requiredOption('--nonce <hex>', 'qualifying data the quote must carry (tpm2_quote -q)', parseHexOption)
    .option('--pcrs <file>', 'PCR values (tpm2_quote -o), or JSON {"sha256":{"0":"hex"}}')
    .option('--event-log <file>', 'boot log of the same boot; without --pcrs the values come from its replay')
    .option('--ima-log <file>', 'IMA list of the same boot, for PCR 10; without it one beside the event log is used')
    .option('--userspace-log <file>', 'what the running system measured after that: tpm2-measure.log of systemd')
    .option('--revocations <file>', 'hold dbx against this list (text, DBXUpdate.bin, JSON) instead of the shipped one')
    .action((options: VerifyQuoteOptions & JsonOption) =>
      answer(session, options, () => verifyQuoteFiles(options, session.now())),
    );
  withExamples(
    withJson(command),
    'touchstone verify quote --attest q.msg --signature q.sig --public ak.pub --nonce 2f6c0a9d8e7b5c4d3f2e1a0b9c8d7e6f --pcrs q.pcrs',
    'touchstone verify quote --attest q.msg --signature q.sig --public ak.pub --nonce 2f6c0a9d8e7b5c4d3f2e1a0b9c8d7e6f --pcrs q.pcrs \\',
    '      --event-log binary_bios_measurements',
  );
}

function addEvidence(verify: Command, session: Session): void {
  const command = verify
    .command('evidence')
    .summary('everything behind one verdict, as `host export` wrote it')
    .description(
      'Appraise an evidence bundle again, without the server: that every part is as the server signed it, and that the evidence ' +
        'gives the verdict that the server gave. Says too what the audit log has of it, what has ended, and who was set aside. What the bundle says was trusted is the word of the server, unless you bring your own. ' +
        'Exit status 0: the same verdict, trusted or not; 1: another verdict, or a part that is not as signed.',
    )
    .argument('<file>', 'evidence bundle; - for stdin')
    .option('--at <date>', 'appraise as of another time: golden measurements and lists may have ended', parseDateOption)
    .option('--jwks <file>', ownKeysText)
    .option('--anchors <path>', 'your own trust anchors, a folder or a file, in the place of those of the bundle')
    .addOption(
      new Option('--scope <scope>', '`virtual` when your anchors are roots of software TPMs')
        .choices(['vendor', 'virtual'])
        .default('vendor'),
    )
    .option(
      '--signers <file...>',
      'your own keys of who approves golden measurements, PEM, each one operator',
      collectList,
    )
    .option('--quorum <n>', 'how many of them must have signed; as the server demanded unless told', parseCount)
    .addOption(new Option('--require <status>', 'refuse a verdict that is worse').choices(['affirming', 'warning']))
    .action((file: string, options: VerifyEvidenceOptions & JsonOption) =>
      answer(session, options, () => verifyEvidenceFile(file, options)),
    );
  withExamples(
    withJson(command),
    'touchstone verify evidence hv-17.rack3.evidence.tar',
    'touchstone verify evidence case-4711.tar --jwks jwks.json --anchors certs/ --signers alice.pem --signers bob.pem',
    'touchstone verify evidence case-4711.tar --at 2027-03-01',
  );
}

function addCertificate(verify: Command, session: Session): void {
  const command = verify
    .command('certificate')
    .summary('a certificate up to a trust anchor, at a date')
    .description('Prove the path from a certificate to one of your trust anchors, at a date you name.')
    .argument('<file>', 'certificate; further certificates in the file are taken as intermediates')
    .requiredOption('--anchors <path>', 'trust anchors: a folder (read whole) or a file')
    .requiredOption('--at <date>', 'date of the question, e.g. 2026-11-23', parseDateOption)
    .option('--intermediates <path>', 'more candidates for the path: a folder or a file')
    .option('--crls <path>', 'revocation lists: a folder or a file')
    .addOption(
      new Option(
        '--scope <scope>',
        '`virtual` when the anchors are roots of software TPMs: their makers are not registered',
      )
        .choices(['vendor', 'virtual'])
        .default('vendor'),
    )
    .addOption(
      new Option('--profile <name>', 'what the certificate must be fit for')
        .choices(['ek', 'ak', 'idevid', 'any'])
        .default('any'),
    )
    .action((file: string, options: VerifyCertificateOptions & JsonOption) =>
      answer(session, options, () => verifyCertificateFile(file, options)),
    );
  withExamples(
    withJson(command),
    'touchstone verify certificate ek.crt --anchors certs/ --at 2026-11-23 --profile ek',
    'touchstone verify certificate swtpm-ek.crt --anchors root.pem --intermediates issuer.pem --at 2026-11-23T12:00:00Z \\',
    '    --profile ek --scope virtual',
  );
}

function addToken(verify: Command, session: Session): void {
  const command = verify
    .command('token')
    .summary('an attestation result token')
    .description(
      'Prove an attestation result (EAR as JWT or CWT) or an admission decision with the public keys of the server that issued it. ' +
        'A decision needs --issuer, --audience and --host, and one that denies is refused. A verdict is proved whatever it says: --require refuses a bad one.',
    )
    .argument('<file>', 'token; - for stdin')
    .requiredOption('--jwks <file>', "the server's keys, from /.well-known/jwks.json")
    .option('--at <date>', 'date of the question; now unless told', parseDateOption)
    .option('--nonce <nonce>', 'nonce that the token must carry: hexadecimal digits as for `host token`, or a text')
    .option('--audience <text>', 'audience that the token must name')
    .option('--issuer <text>', 'issuer that the token must name')
    .option('--host <id>', 'host that the token must be about')
    .addOption(
      new Option('--require <status>', 'refuse a token that says worse than this').choices(['affirming', 'warning']),
    )
    .action((file: string, options: VerifyTokenOptions & JsonOption) =>
      answer(session, options, () => verifyTokenFile(file, options, session.now())),
    );
  withExamples(
    withJson(command),
    'curl -s https://touchstone.example/.well-known/jwks.json > jwks.json',
    'touchstone verify token verdict.jwt --jwks jwks.json',
  );
}

function addEvent(verify: Command, session: Session): void {
  const command = verify
    .command('event')
    .summary('the body of a webhook')
    .description('Prove that a server signed the body of a webhook, for your subscription and lately.')
    .argument('<file>', 'the body, byte for byte as it came; - for stdin')
    .requiredOption('--signature <text>', 'the header touchstone-signature')
    .requiredOption('--jwks <file>', "the server's keys, from /.well-known/jwks.json")
    .option('--subscription <id>', 'the subscription that it must have been signed for')
    .option('--at <date>', 'date of the question; now unless told', parseDateOption)
    .action((file: string, options: VerifyEventOptions & JsonOption) =>
      answer(session, options, () => verifyEventFile(file, options, session.now())),
    );
  withExamples(
    withJson(command),
    'touchstone verify event body.json --signature "$SIGNATURE" --jwks jwks.json --subscription sub_7Y1bL0Qm2cTtW3xS',
  );
}

function addGolden(verify: Command, session: Session): void {
  const command = verify
    .command('golden')
    .summary('that enough operators signed a golden measurement')
    .description('Prove that a quorum of distinct signers approved a golden measurement.')
    .argument('<file>', 'DSSE envelope')
    .requiredOption(
      '--signer <file...>',
      'public keys of authorised signers, PEM; each file is one operator',
      collectList,
    )
    .option('--quorum <n>', 'signatures by distinct operators that are needed', parseCount, 1)
    .option('--at <date>', 'date of the question; now unless told', parseDateOption)
    .action((file: string, options: VerifyGoldenOptions & JsonOption) =>
      answer(session, options, () => verifyGoldenFile(file, options, session.now())),
    );
  withExamples(
    withJson(command),
    'touchstone verify golden kernel.dsse.json --signer ada.pem --signer grace.pem --quorum 2',
  );
}
