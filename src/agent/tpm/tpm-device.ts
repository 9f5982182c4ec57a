// A machine with a TPM, as the agent sees it: endorsement key and certificate, attestation key, quotes, logs.
import { bytesEqual, decodeUtf8 } from '../../core/encoding/index.ts';
import {
  akTemplate,
  hierarchyHandles,
  parseAttest,
  pcrDigestOf,
  type ClaimedPcrs,
  type EkTemplate,
  type PcrSelection,
  type PublicArea,
} from '../../core/tpm/index.ts';
import type { AttestingDevice, DeviceQuote, EndorsementCertificates, IdentityDevice } from '../attesting-device.ts';
import { AgentError } from '../errors.ts';
import { noLog, readLog, readLogAt, readUserspaceLog } from '../read-log.ts';
import { TpmClient } from './client.ts';
import { ekPolicyOf, findEkTemplate, loadEk, readEkChain } from './endorsement-key.ts';
import { findIdentityKey } from './identity-key.ts';
import {
  activateCredential,
  certify,
  createPrimary,
  getTime,
  quote,
  type LoadedKey,
  type Statement,
} from './key-commands.ts';
import { nvRead } from './nv-commands.ts';
import { pcrRead } from './pcr-commands.ts';
import { flushContext, readHandles, startup } from './state-commands.ts';
import { openTransport } from './transport.ts';

export interface TpmDeviceOptions {
  /** `/dev/tpmrm0`, `tcp:HOST:PORT` or `unix:PATH`. */
  readonly address: string;
  /** The firmware's log. Of this and the next two: that of the kernel or of systemd unless told, `none` for none at all. */
  readonly eventLogPath?: string | undefined;
  /** The kernel's IMA list. */
  readonly imaLogPath?: string | undefined;
  /** systemd's log of what it measured. */
  readonly userspaceLogPath?: string | undefined;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Template of the attestation key; tests give a bad one. */
  readonly akTemplate?: PublicArea | undefined;
}

const defaultEventLog = '/sys/kernel/security/tpm0/binary_bios_measurements';
const defaultImaLog = '/sys/kernel/security/ima/binary_runtime_measurements';
const defaultUserspaceLog = '/run/log/systemd/tpm2-measure.log';

/** [LINUX Documentation/admin-guide/sysctl/kernel.rst, random] */
const bootIdPath = '/proc/sys/kernel/random/boot_id';

/** Reads of PCRs and a quote are several commands; something may extend between them. */
const quoteAttempts = 5;
const transientObjects = 0x80000000;
const loadedSessions = 0x02000000;

/** Opens the TPM and starts it when no firmware has (a fresh software TPM). The caller closes the device.
 * @throws AgentError AGENT_TPM_* */
export async function openTpmDevice(options: TpmDeviceOptions): Promise<TpmDevice> {
  const client = new TpmClient(await openTransport(options.address), { sleep: options.sleep });
  try {
    if (!options.address.startsWith('/')) await prepareSoftwareTpm(client);
    return new TpmDevice(client, options);
  } catch (error) {
    await client.close();
    throw error;
  }
}

export class TpmDevice implements AttestingDevice, IdentityDevice {
  readonly #client: TpmClient;
  readonly #options: TpmDeviceOptions;
  readonly #ek = new Kept<LoadedKey>();
  readonly #ak = new Kept<LoadedKey>();
  readonly #template = new Kept<EkTemplate>();

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
    const certificate = await nvRead(this.#client, template.certificateIndex);
    return { certificate, chain: await readEkChain(this.#client) };
  }

  async ekPublic(): Promise<Uint8Array> {
    return (await this.#loadEk()).publicArea;
  }

  async akPublic(): Promise<Uint8Array> {
    return (await this.#loadAk()).publicArea;
  }

  async activate(credentialBlob: Uint8Array, encryptedSecret: Uint8Array): Promise<Uint8Array> {
    const template = await this.#ekTemplate();
    const { handle } = await this.#loadEk();
    const ek = { handle, policy: ekPolicyOf(template), nameAlg: template.area.nameAlg };
    const ak = (await this.#loadAk()).handle;
    return activateCredential(this.#client, { ak, ek, credentialBlob, encryptedSecret });
  }

  /** Quotes, and reads PCRs until what was read is what was signed.
   * @throws AgentError AGENT_PCRS_UNSTEADY when something keeps extending */
  async quote(qualifyingData: Uint8Array, selections: readonly PcrSelection[]): Promise<DeviceQuote> {
    const { handle } = await this.#loadAk();
    for (let attempt = 0; attempt < quoteAttempts; attempt += 1) {
      const read = await pcrRead(this.#client, selections);
      const { attest, signature } = await quote(this.#client, handle, qualifyingData, selections);
      const pcrs = signedValues(attest, read);
      if (pcrs !== undefined) return { attest, signature, pcrs };
      await this.#options.sleep(50 * (attempt + 1));
    }
    throw new AgentError('AGENT_PCRS_UNSTEADY', 'PCRs changed between reading and quoting, again and again');
  }

  async getTime(qualifyingData: Uint8Array): Promise<Statement> {
    return getTime(this.#client, (await this.#loadAk()).handle, qualifyingData);
  }

  async identityPublic(spki: Uint8Array): Promise<Uint8Array> {
    return (await findIdentityKey(this.#client, spki)).publicArea;
  }

  async certifyAk(spki: Uint8Array, qualifyingData: Uint8Array): Promise<Statement> {
    const key = (await findIdentityKey(this.#client, spki)).handle;
    return certify(this.#client, { object: (await this.#loadAk()).handle, key }, qualifyingData);
  }

  eventLog(): Promise<Uint8Array | undefined> {
    return readLogAt(this.#options.eventLogPath, defaultEventLog);
  }

  imaLog(): Promise<Uint8Array | undefined> {
    return readLogAt(this.#options.imaLogPath, defaultImaLog);
  }

  /** A software TPM starts again without the kernel, so there the kernel's word means nothing. */
  async bootId(): Promise<string | undefined> {
    if (!this.#options.address.startsWith('/')) return undefined;
    const text = await readLog(bootIdPath);
    return text && decodeUtf8(text).trim();
  }

  /** Wherever it lies it is absent until systemd has measured something. */
  async userspaceLog(): Promise<Uint8Array | undefined> {
    const path = this.#options.userspaceLogPath ?? defaultUserspaceLog;
    return path === noLog ? undefined : readUserspaceLog(path, this.#options.sleep);
  }

  /** Flushes the keys it loaded (a software TPM has no resource manager to do it) and closes the TPM. */
  async close(): Promise<void> {
    for (const kept of [this.#ek, this.#ak]) {
      const key = await kept.take();
      if (key !== undefined && isTransient(key)) await flushContext(this.#client, key.handle).catch(() => undefined);
    }
    await this.#client.close();
  }

  #loadEk(): Promise<LoadedKey> {
    return this.#ek.get(async () => loadEk(this.#client, await this.#ekTemplate()));
  }

  /** A primary of the endorsement hierarchy: the TPM derives the same key from its seed at every start, so there is
   * nothing to keep on disk and nothing to lose. */
  #loadAk(): Promise<LoadedKey> {
    const template = this.#options.akTemplate ?? akTemplate('ecc');
    return this.#ak.get(() => createPrimary(this.#client, hierarchyHandles.endorsement, template));
  }

  #ekTemplate(): Promise<EkTemplate> {
    return this.#template.get(() => findEkTemplate(this.#client));
  }
}

/** What the TPM made once; made anew where that failed: one that was busy, or garbled an answer, may have it the next time. */
class Kept<T> {
  #made: Promise<T> | undefined;

  get(make: () => Promise<T>): Promise<T> {
    this.#made ??= make().catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }

  /** Undefined where there is none. */
  async take(): Promise<T | undefined> {
    const made = this.#made;
    this.#made = undefined;
    return made?.catch(() => undefined);
  }
}

/** No firmware started it and no resource manager tidies up behind a client that was killed: it has three slots. */
async function prepareSoftwareTpm(client: TpmClient): Promise<void> {
  await startup(client);
  for (const first of [transientObjects, loadedSessions]) {
    for (const handle of await readHandles(client, first)) await flushContext(client, handle);
  }
}

/** The values of exactly the PCRs that were signed, if they hash to the signed digest: by SHA-256, as the AK signs. */
function signedValues(attest: Uint8Array, read: ClaimedPcrs): ClaimedPcrs | undefined {
  const claim = parseAttest(attest);
  if (claim.type !== 'quote') return undefined;
  const values = new Map(
    claim.selections.map(({ bank, pcrs }) => {
      const ofBank = read.get(bank);
      return [bank, new Map([...(ofBank ?? [])].filter(([pcr]) => pcrs.includes(pcr)))] as const;
    }),
  );
  const digest = pcrDigestOf(claim.selections, values, 'sha256');
  return digest !== undefined && bytesEqual(digest, claim.pcrDigest) ? values : undefined;
}

function isTransient({ handle }: LoadedKey): boolean {
  return handle >>> 24 === 0x80;
}
