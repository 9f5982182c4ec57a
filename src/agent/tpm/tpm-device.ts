// A machine with a TPM, as the agent sees it: endorsement key and certificate, attestation key, quotes, logs.
import { readFile } from 'node:fs/promises';
import { bytesEqual } from '../../core/encoding/index.ts';
import {
  akTemplate,
  ekTemplates,
  hierarchyHandles,
  parseAttest,
  pcrDigestOf,
  type ClaimedPcrs,
  type EkTemplate,
  type PcrSelection,
  type PublicArea,
} from '../../core/tpm/index.ts';
import { hashOfName } from '../../core/tpm/index.ts';
import type { AttestingDevice, DeviceQuote, EndorsementCertificates } from '../attesting-device.ts';
import { AgentError } from '../errors.ts';
import { TpmClient } from './client.ts';
import * as commands from './commands.ts';
import { openTransport } from './transport.ts';

export interface TpmDeviceOptions {
  /** `/dev/tpmrm0`, `tcp:HOST:PORT` or `unix:PATH`. */
  readonly address: string;
  /** The firmware's log. */
  readonly eventLogPath?: string | undefined;
  /** The kernel's IMA list. */
  readonly imaLogPath?: string | undefined;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Template of the attestation key; tests give a bad one. */
  readonly akTemplate?: PublicArea | undefined;
}

const defaultEventLog = '/sys/kernel/security/tpm0/binary_bios_measurements';
const defaultImaLog = '/sys/kernel/security/ima/binary_runtime_measurements';

/** EKs whose credentials we can activate: their policy is PolicySecret(endorsement). RSA first, as makers ship. */
const usableEks: readonly EkTemplate[] = ekTemplates.filter(({ id }) => id === 'L-1' || id === 'L-2');
/** Certificates of the chain up to the maker's root, where the maker stored them. [TCG-EK §2.2.1.5.2] */
const chainIndices = Array.from({ length: 8 }, (_, index) => 0x01c00100 + index);
/** Reads of PCRs and a quote are several commands; something may extend between them. */
const quoteAttempts = 5;

/** Opens the TPM and starts it when no firmware has (a fresh software TPM). The caller closes the device.
 * @throws AgentError AGENT_TPM_* */
export async function openTpmDevice(options: TpmDeviceOptions): Promise<TpmDevice> {
  const client = new TpmClient(await openTransport(options.address), { sleep: options.sleep });
  try {
    if (!options.address.startsWith('/')) await commands.startup(client);
    return new TpmDevice(client, options);
  } catch (error) {
    await client.close();
    throw error;
  }
}

export class TpmDevice implements AttestingDevice {
  readonly kind = 'tpm';
  readonly #client: TpmClient;
  readonly #options: TpmDeviceOptions;
  #ek: Promise<commands.LoadedKey> | undefined;
  #ak: Promise<commands.LoadedKey> | undefined;
  #template: Promise<EkTemplate> | undefined;

  constructor(client: TpmClient, options: TpmDeviceOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** The TPM itself, for what only tests and the demo do (extend PCRs). */
  get client(): TpmClient {
    return this.#client;
  }

  async ekCertificates(): Promise<EndorsementCertificates> {
    const template = await this.#ekTemplate();
    const certificate = await commands.nvRead(this.#client, template.certificateIndex);
    const chain: Uint8Array[] = [];
    for (const index of chainIndices) {
      const part = await commands.nvRead(this.#client, index);
      if (part === undefined) break;
      chain.push(part);
    }
    return { certificate, chain };
  }

  async ekPublic(): Promise<Uint8Array> {
    return (await this.#loadEk()).publicArea;
  }

  async akPublic(): Promise<Uint8Array> {
    return (await this.#loadAk()).publicArea;
  }

  async activate(credentialBlob: Uint8Array, encryptedSecret: Uint8Array): Promise<Uint8Array> {
    const ek = (await this.#loadEk()).handle;
    const ak = (await this.#loadAk()).handle;
    return commands.activateCredential(this.#client, { ak, ek }, credentialBlob, encryptedSecret);
  }

  /** Quotes, and reads PCRs until what was read is what was signed.
   * @throws AgentError AGENT_PCRS_UNSTEADY when something keeps extending */
  async quote(qualifyingData: Uint8Array, selections: readonly PcrSelection[]): Promise<DeviceQuote> {
    const { handle } = await this.#loadAk();
    for (let attempt = 0; attempt < quoteAttempts; attempt += 1) {
      const read = await commands.pcrRead(this.#client, selections);
      const { attest, signature } = await commands.quote(this.#client, handle, qualifyingData, selections);
      const pcrs = signedValues(attest, read);
      if (pcrs !== undefined) return { attest, signature, pcrs };
      await this.#options.sleep(50 * (attempt + 1));
    }
    throw new AgentError('AGENT_PCRS_UNSTEADY', 'PCRs changed between reading and quoting, again and again');
  }

  eventLog(): Promise<Uint8Array | undefined> {
    return readLog(this.#options.eventLogPath ?? defaultEventLog);
  }

  imaLog(): Promise<Uint8Array | undefined> {
    return readLog(this.#options.imaLogPath ?? defaultImaLog);
  }

  /** Flushes the keys it loaded (a software TPM has no resource manager to do it) and closes the TPM. */
  async close(): Promise<void> {
    for (const loading of [this.#ek, this.#ak]) {
      const key = await loading?.catch(() => undefined);
      if (key !== undefined) await commands.flushContext(this.#client, key.handle).catch(() => undefined);
    }
    await this.#client.close();
  }

  #loadEk(): Promise<commands.LoadedKey> {
    this.#ek ??= this.#ekTemplate().then(({ area }) =>
      commands.createPrimary(this.#client, hierarchyHandles.endorsement, area),
    );
    return this.#ek;
  }

  /** A primary of the endorsement hierarchy: the TPM derives the same key from its seed at every start, so there is
   * nothing to keep on disk and nothing to lose. */
  #loadAk(): Promise<commands.LoadedKey> {
    const template = this.#options.akTemplate ?? akTemplate('ecc');
    this.#ak ??= commands.createPrimary(this.#client, hierarchyHandles.endorsement, template);
    return this.#ak;
  }

  /** The first usable EK that the maker certified; without any certificate, the RSA one. */
  #ekTemplate(): Promise<EkTemplate> {
    this.#template ??= this.#findEkTemplate();
    return this.#template;
  }

  async #findEkTemplate(): Promise<EkTemplate> {
    for (const template of usableEks) {
      if ((await commands.nvSize(this.#client, template.certificateIndex)) !== undefined) return template;
    }
    const [first] = usableEks;
    if (first === undefined) throw new TypeError('there is no EK template');
    return first;
  }
}

/** The values of exactly the PCRs that were signed, if they hash to the signed digest. */
function signedValues(attest: Uint8Array, read: ClaimedPcrs): ClaimedPcrs | undefined {
  const claim = parseAttest(attest);
  if (claim.type !== 'quote') return undefined;
  const values = new Map(
    claim.selections.map(({ bank, pcrs }) => {
      const ofBank = read.get(bank);
      return [bank, new Map([...(ofBank ?? [])].filter(([pcr]) => pcrs.includes(pcr)))] as const;
    }),
  );
  const alg = hashOfName(claim.qualifiedSigner) ?? 'sha256';
  const digest = pcrDigestOf(claim.selections, values, alg);
  return digest !== undefined && bytesEqual(digest, claim.pcrDigest) ? values : undefined;
}

async function readLog(path: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new AgentError('AGENT_LOG_UNREADABLE', `${path} cannot be read`, { cause: error });
  }
}
