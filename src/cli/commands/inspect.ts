// `touchstone inspect`: what a file says. Works offline, proves nothing: `verify` does that.
import type { Command } from 'commander';
import { collectList, withExamples, withJson } from '../command-line.ts';
import { answer, type Session } from '../session.ts';
import { inspectCertificate } from './inspect-certificate.ts';
import { inspectEventLog } from './inspect-event-log.ts';
import { inspectGolden } from './inspect-golden.ts';
import { inspectQuote } from './inspect-quote.ts';
import { inspectToken } from './inspect-token.ts';

interface EventLogOptions {
  readonly json?: boolean;
  readonly bank?: string;
  readonly pcr?: readonly string[];
  readonly diff?: string;
  readonly revocations?: string;
  readonly userspaceLog?: string;
}

interface QuoteOptions {
  readonly json?: boolean;
  readonly signature?: string;
  readonly public?: string;
  readonly pcrs?: string;
}

interface JsonOption {
  readonly json?: boolean;
}

export function addInspectCommands(program: Command, session: Session): void {
  const inspect = program
    .command('inspect')
    .description('show what a file says, offline. Shown is not proved: `touchstone verify` proves');
  addEventLog(inspect, session);
  addQuote(inspect, session);
  addCertificate(inspect, session);
  addGolden(inspect, session);
  addToken(inspect, session);
}

function addEventLog(inspect: Command, session: Session): void {
  const command = inspect
    .command('event-log')
    .summary('a boot log as a timeline by PCR')
    .description(
      'Show a boot log as a timeline by PCR, decoded. Events marked `bound` have data that their digest covers; what is ' +
        'marked `untrusted` is text that anybody could have written beside the digest.',
    )
    .argument('<file>', 'TCG log (binary_bios_measurements), SHA-1 log, or canonical event log; - for stdin')
    .option('--bank <name>', 'bank to show digests and replay of: sha1, sha256, sha384, sha512')
    .option('--pcr <list>', 'show these PCRs only, e.g. 4,7,8', collectList)
    .option('--diff <other>', 'show what changed from FILE to OTHER, in words')
    .option('--userspace-log <file>', 'what the running system measured after that: tpm2-measure.log of systemd')
    .option('--revocations <file>', 'hold dbx against this list (text, DBXUpdate.bin, JSON) instead of the shipped one')
    .action((file: string, options: EventLogOptions) =>
      answer(session, options, () => inspectEventLog(file, options, session.now())),
    );
  withExamples(
    withJson(command),
    'touchstone inspect event-log /sys/kernel/security/tpm0/binary_bios_measurements',
    'touchstone inspect event-log boot.log --pcr 7,8',
    'touchstone inspect event-log yesterday.log --diff today.log',
    'touchstone inspect event-log boot.log --userspace-log /run/log/systemd/tpm2-measure.log',
  );
}

function addQuote(inspect: Command, session: Session): void {
  const command = inspect
    .command('quote')
    .summary('an attestation statement of a TPM')
    .description('Show an attestation statement of a TPM (quote, certification, creation...) and what came with it.')
    .argument('<file>', 'TPMS_ATTEST or TPM2B_ATTEST, as `tpm2_quote -m` writes it')
    .option('--signature <file>', 'TPMT_SIGNATURE, as `tpm2_quote -s` writes it')
    .option('--public <file>', 'public area of the key (tpm2_createak -u), or its PEM')
    .option('--pcrs <file>', 'PCR values, as `tpm2_quote -o` writes them, or JSON')
    .action((file: string, options: QuoteOptions) => answer(session, options, () => inspectQuote(file, options)));
  withExamples(
    withJson(command),
    'touchstone inspect quote q.msg',
    'touchstone inspect quote q.msg --signature q.sig --public ak.pub --pcrs q.pcrs',
  );
}

function addCertificate(inspect: Command, session: Session): void {
  const command = inspect
    .command('certificate')
    .summary('certificates: EK, AK, CA, platform')
    .description(
      'Show certificates: PEM, DER, PKCS#7, or the padded contents of a TPM NV index. Platform certificates: DER.',
    )
    .argument('<file>', 'certificate or bundle')
    .action((file: string, options: JsonOption) => answer(session, options, () => inspectCertificate(file)));
  withExamples(
    withJson(command),
    'touchstone inspect certificate ek.crt',
    'touchstone inspect certificate certs/amd.pem',
  );
}

function addGolden(inspect: Command, session: Session): void {
  const command = inspect
    .command('golden')
    .summary('a golden measurement, signed or not')
    .description('Show a golden measurement: a DSSE envelope, or the bare in-toto statement before it is signed.')
    .argument('<file>', 'envelope or statement (JSON)')
    .action((file: string, options: JsonOption) => answer(session, options, () => inspectGolden(file)));
  withExamples(withJson(command), 'touchstone inspect golden kernel.dsse.json');
}

function addToken(inspect: Command, session: Session): void {
  const command = inspect
    .command('token')
    .summary('an attestation result token')
    .description('Show an attestation result (EAR as JWT, CWT or bare claims) without checking its signature.')
    .argument('<file>', 'token; - for stdin')
    .action((file: string, options: JsonOption) => answer(session, options, () => inspectToken(file)));
  withExamples(withJson(command), 'touchstone inspect token verdict.jwt');
}
