// Files of platform certificates: attribute certificates, and certificates of their issuers, in DER or PEM.
import { parsePem } from '../core/encoding/index.ts';
import { isAttributeCertificate, parseAttributeCertificate } from '../core/x509/index.ts';
import { readCertificates } from './commands/inspect-certificate.ts';
import { CliError } from './errors.ts';
import { readInput } from './files.ts';

/** DER of what the file holds, in order.
 * @throws CliError CLI_FILE_*, CLI_INPUT_UNRECOGNISED; MalformedError X509_*, ENCODING_PEM_INVALID */
export function readPlatformFile(file: string): readonly Uint8Array[] {
  const bytes = readInput(file);
  const isPem = bytes[0] === 0x2d;
  const blocks = isPem ? parsePem(new TextDecoder('latin1').decode(bytes)).map((block) => block.bytes) : [bytes];
  if (blocks.length === 0) throw new CliError('CLI_INPUT_UNRECOGNISED', `${file} holds no certificate`);
  return blocks.flatMap((block) =>
    isAttributeCertificate(block)
      ? [parseAttributeCertificate(block).der]
      : readCertificates(block).map((certificate) => certificate.der),
  );
}
