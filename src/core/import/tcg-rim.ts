// A TCG RIM as golden statements: its support file is the log of a good boot, split into layers as every log is. [TCG-RIM]
import { equalInConstantTime, hash } from '../crypto/index.ts';
import { printable } from '../encoding/index.ts';
import { VerificationError } from '../error.ts';
import { parseEventLog } from '../event-log/index.ts';
import { describeLog, expectationDigest, goldenBanks, type GoldenStatement } from '../golden/index.ts';
import { parseBaseRim, verifyBaseRim, type BaseRim, type SupportFile } from '../rim/index.ts';
import type { SignerTrust } from '../x509/index.ts';
import type { ImportedContent } from './import-golden.ts';
import { withoutList } from './without-list.ts';

/**
 * @throws MalformedError RIM_XML_INVALID, RIM_INVALID, EVENT_LOG_*
 * @throws VerificationError RIM_*, X509_*, IMPORT_SUPPORT_UNUSED
 */
export function importRim(
  document: Uint8Array,
  support: readonly Uint8Array[],
  trust: SignerTrust | undefined,
): ImportedContent {
  const verified = trust && verifyBaseRim(document, trust);
  const { rim, signer } = verified ?? { rim: parseBaseRim(document), signer: undefined };
  const [log, ...others] = pairSupport(rim, support);
  if (log === undefined || others.length > 0) {
    throw new VerificationError(
      'RIM_UNSUPPORTED',
      `it names ${rim.support.length} support files, where one log is read`,
    );
  }
  const { statements, leftOut } = describeSupportLog(log, rim);
  const notes = [
    ...(rim.linkHash === undefined ? [] : ['the manifest is linked to another, which was not looked at']),
    ...(verified?.isIndented === true ? ['white space: the manifest was indented after it was signed'] : []),
  ];
  return { statements, signer: signer?.name, leftOut: [...leftOut, ...notes], unchecked: withoutList(signer) };
}

/** Every file that the manifest names, and no other, in its order. */
function pairSupport(rim: BaseRim, files: readonly Uint8Array[]): readonly Uint8Array[] {
  const paired = rim.support.map((named) => {
    const file = files.find((bytes) => isFile(named, bytes));
    if (file === undefined) throw new VerificationError('RIM_SUPPORT_MISSING', `no file given is ${named.name}`);
    return file;
  });
  if (files.some((file) => !paired.includes(file))) {
    throw new VerificationError('IMPORT_SUPPORT_UNUSED', 'a support file is not one that the manifest names');
  }
  return paired;
}

/** All digests and the size agree. */
function isFile({ digests, size }: SupportFile, bytes: Uint8Array): boolean {
  if (size !== undefined && size !== bytes.length) return false;
  return digests.every(({ alg, value }) => equalInConstantTime(hash(alg, bytes), value));
}

interface SupportLog {
  readonly statements: readonly GoldenStatement[];
  readonly leftOut: readonly string[];
}

function describeSupportLog(bytes: Uint8Array, rim: BaseRim): SupportLog {
  const log = parseEventLog(bytes);
  const banks = goldenBanks.filter((bank) => log.banks.includes(bank));
  if (banks.length === 0) throw new VerificationError('RIM_LOG_USELESS', 'its event log has no SHA-256 digests');
  const { layers, unplaced } = describeLog(log, banks);
  if (layers.length === 0) throw new VerificationError('RIM_LOG_USELESS', 'its event log tells of no layer');
  const statements = layers.map(({ layer, events }): GoldenStatement => {
    const expectation = { layer, events, pcrs: [] };
    const subject = { name: printable(`${rim.name} (${rim.tagId})`, 512), sha256: expectationDigest(expectation) };
    return { ...expectation, subjects: [subject] };
  });
  return { statements, leftOut: unplaced.map((pcr) => `PCR ${pcr}: its events tell of no layer`) };
}
