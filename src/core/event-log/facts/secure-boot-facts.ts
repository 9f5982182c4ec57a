// Secure Boot as PCR 7 has it. [TCG-PFP §3.3.4.8]
//
// Types are not authenticated, and an operating system can extend PCR 7 after the firmware. So only what stands before
// the separator counts, the separator is told by its digest, and every event before it must be understood: one that is not
// may be a variable under a false label (go-attestation, docs/event-log-disclosure.md).
import { encodeUtf8 } from '../../encoding/index.ts';
import { attempt } from '../attempt.ts';
import type { Authority, BootFacts, Fact, SecureBootState, SignatureDatabaseName } from './facts.ts';
import type { DecodedVariable, SignatureDatabase } from '../events/decoded-event.ts';
import { guids } from '../uefi/guid.ts';
import type { MarkedEvent, RegisterEvents, Registers } from './register-events.ts';
import { parseSignatureDatabase, readAuthoritySignature } from '../uefi/signature-list.ts';
import { containsBytes, isAsciiText } from '../events/text.ts';

export type SecureBootFacts = Pick<BootFacts, 'secureBoot' | 'debugMode' | 'dmaProtection'>;

/** What the databases and authorities of Secure Boot say: hundreds of hashes, and certificates. */
export type SignatureFacts = Pick<
  BootFacts,
  'secureBootMode' | 'signatureDatabases' | 'testKeys' | 'authorities' | 'unreadSecureBootEvents'
>;

interface Measured {
  readonly index: number;
  readonly variable: DecodedVariable;
  readonly byFirmware: boolean;
}

export function readSecureBootFacts(registers: Registers): SecureBootFacts {
  const register = registers(7);
  return {
    secureBoot: isWhole(register) ? readState(readVariables(register)) : { value: 'unknown', event: undefined },
    ...readWarnings(register),
  };
}

export function readSignatureFacts(registers: Registers): SignatureFacts {
  const register = registers(7);
  const measured = readVariables(register);
  const understood = isWhole(register);
  const signatureDatabases = understood ? readDatabases(measured) : {};
  const secureBootMode = understood ? readMode(measured, signatureDatabases) : undefined;
  const testKeys = readTestKeys(signatureDatabases);
  return {
    signatureDatabases,
    ...(testKeys ? { testKeys } : {}),
    ...(secureBootMode ? { secureBootMode } : {}),
    authorities: readAuthorities(measured),
    unreadSecureBootEvents: readUnread(register),
  };
}

function isWhole({ separator, firmware }: RegisterEvents): boolean {
  return separator !== undefined && firmware.every(isUnderstood);
}

/** A text is understood, whatever it says: no variable is one. */
function isUnderstood({ mark, boundVariable, event }: MarkedEvent): boolean {
  if (warnings.has(mark) || boundVariable !== undefined) return true;
  return event.boundContent !== undefined && isAsciiText(event.boundContent);
}

const warnings: ReadonlySet<MarkedEvent['mark']> = new Set([
  'debug-mode',
  'dma-protection-disabled',
  'thunderbolt-open',
]);

function readVariables({ all, firmware }: RegisterEvents): readonly Measured[] {
  const measured: Measured[] = [];
  for (const [position, { event, boundVariable, coveredVariable }] of all.entries()) {
    const byFirmware = position < firmware.length;
    const variable = byFirmware ? boundVariable : coveredVariable;
    if (variable !== undefined) measured.push({ index: event.index, variable, byFirmware });
  }
  return measured;
}

function isSecureBoot({ variable }: Measured): boolean {
  return variable.guid === guids.globalVariable && variable.name === 'SecureBoot';
}

/** The value of the one SecureBoot variable that firmware measured. What an operating system measures later under that name says nothing,
 * and a log can hide it. An empty value is neither on nor off: firmware in setup mode writes it, and some that is not. */
function readState(measured: readonly Measured[]): Fact<SecureBootState> {
  const all = measured.filter(isSecureBoot);
  const [found, ...more] = all.filter(({ byFirmware }) => byFirmware);
  if (found === undefined || more.length > 0 || found.variable.data.length !== 1) {
    return { value: 'unknown', event: found?.index ?? all[0]?.index };
  }
  const [value] = found.variable.data;
  return { value: value === 1 ? 'enabled' : value === 0 ? 'disabled' : 'unknown', event: found.index };
}

const databases: Readonly<Record<SignatureDatabaseName, string>> = {
  PK: guids.globalVariable,
  KEK: guids.globalVariable,
  db: guids.imageSecurityDatabase,
  dbx: guids.imageSecurityDatabase,
  dbt: guids.imageSecurityDatabase,
  dbr: guids.imageSecurityDatabase,
};

/** A database that was measured once, as signature lists. Two of one name, or lists that lie, leave it unknown. [PEERS T16] */
function readDatabases(measured: readonly Measured[]): BootFacts['signatureDatabases'] {
  const found: Partial<Record<SignatureDatabaseName, Fact<SignatureDatabase>>> = {};
  for (const name of Object.keys(databases) as SignatureDatabaseName[]) {
    const lists = measured
      .filter(({ variable, byFirmware }) => byFirmware && variable.name === name && variable.guid === databases[name])
      .filter(({ variable }) => readAuthoritySignature(variable.data) === undefined);
    const [only, ...more] = lists;
    const value = only && more.length === 0 ? readDatabase(only.variable.data) : undefined;
    if (only && value) found[name] = { value, event: only.index };
  }
  return found;
}

function readDatabase(value: Uint8Array): SignatureDatabase | undefined {
  return attempt(() => parseSignatureDatabase(value));
}

/** [UEFI §32.3] */
function readMode(measured: readonly Measured[], { PK }: BootFacts['signatureDatabases']): BootFacts['secureBootMode'] {
  if (PK?.value.entries.length === 0) return { value: 'setup', event: PK.event };
  const flags = measured.filter(({ variable, byFirmware }) => byFirmware && variable.guid === guids.globalVariable);
  const flagOf = (name: string): Measured | undefined => flags.find(({ variable }) => variable.name === name);
  const [audit, deployed] = [flagOf('AuditMode'), flagOf('DeployedMode')];
  if (audit?.variable.data[0] === 1) return { value: 'audit', event: audit.index };
  if (deployed === undefined) return undefined;
  return { value: deployed.variable.data[0] === 1 ? 'deployed' : 'user', event: deployed.index };
}

/** What AMI and others write in the subject of the keys they send to board makers as examples. The text is sought in the
 * DER bytes: no certificate has to be readable for it. */
const testKeyTexts = ['DO NOT TRUST', 'DO NOT SHIP'].map(encodeUtf8);

function readTestKeys(signatureDatabases: BootFacts['signatureDatabases']): BootFacts['testKeys'] {
  const { PK, KEK, db } = signatureDatabases;
  if (!PK || !KEK || !db) return undefined;
  return Object.entries(signatureDatabases).flatMap(([name, { value, event }]) =>
    value.entries
      .filter(({ type, data }) => type === 'x509' && testKeyTexts.some((text) => containsBytes(data, text)))
      .map(({ sha256 }) => ({ value: { database: name as SignatureDatabaseName, sha256 }, event })),
  );
}

/** Variables of PCR 7 that hold one signature, or that shim measured: what let an image run. An operating system could
 * have added some; a golden measurement of this layer says whether they are the expected ones. */
function readAuthorities(measured: readonly Measured[]): readonly Fact<Authority>[] {
  return measured.filter(isNoLevel).flatMap(({ variable, index }) => {
    const signature = readAuthoritySignature(variable.data);
    return signature ? [{ value: { source: variable.name, signature }, event: index }] : [];
  });
}

/** False for the variables of shim that hold a text or a switch: a text of 48 bytes would be read as the owner and the hash of an image. */
function isNoLevel({ variable }: Measured): boolean {
  return variable.guid !== guids.shimLock || !/^(?:SbatLevel|MokSBState|MokListTrusted)$/.test(variable.name);
}

/** An event is read where its digest is a known constant, or the digest covers a variable or a text: then nothing in it is hidden. */
function readUnread({ all }: RegisterEvents): readonly number[] {
  const isRead = ({ mark, coveredVariable, event: { boundContent } }: MarkedEvent): boolean =>
    mark !== undefined || coveredVariable !== undefined || (boundContent !== undefined && isAsciiText(boundContent));
  return all.filter((event) => !isRead(event)).map(({ event }) => event.index);
}

function readWarnings({ all, separator }: RegisterEvents): Pick<BootFacts, 'debugMode' | 'dmaProtection'> {
  const find = (mark: MarkedEvent['mark']): number | undefined => all.find((item) => item.mark === mark)?.event.index;
  const isKnown = separator !== undefined;
  const debug = find('debug-mode');
  return {
    debugMode: { value: debug !== undefined ? true : isKnown ? false : 'unknown', event: debug },
    dmaProtection: readDmaProtection(find('dma-protection-disabled'), find('thunderbolt-open'), isKnown),
  };
}

function readDmaProtection(
  disabled: number | undefined,
  open: number | undefined,
  isKnown: boolean,
): BootFacts['dmaProtection'] {
  if (disabled !== undefined) return { value: 'disabled', event: disabled };
  if (open !== undefined) return { value: 'thunderbolt-open', event: open };
  return { value: isKnown ? 'not-reported' : 'unknown', event: undefined };
}
