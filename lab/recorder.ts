// What a run leaves behind for tests: the evidence that agents sent, what the server said to it, and what was approved then.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonAnswerOf, WireVerdict } from '../src/api/index.ts';
import { decodeBase64, encodeHex, encodeUtf8 } from '../src/core/encoding/index.ts';
import { goldenIdOf } from '../src/core/golden/index.ts';
import type { Scenario } from './scenario.ts';

export type StoredEvidence = JsonAnswerOf<'getEvidence'>;

export interface Recorder {
  /** What comes next belongs to this scenario. */
  begin(scenario: Scenario): void;
  approved(statement: Uint8Array): void;
  attested(verdict: WireVerdict, evidence: StoredEvidence): void;
  /** Replaces the folder. */
  write(folder: string, readme: string): void;
}

interface Attestation {
  readonly scenario: Scenario;
  readonly verdict: WireVerdict;
  readonly evidence: StoredEvidence;
  /** Ids of the golden measurements in force. */
  readonly goldens: readonly string[];
}

export function createRecorder(): Recorder {
  const statements = new Map<string, Uint8Array>();
  const attestations: Attestation[] = [];
  let current: Scenario | undefined;
  return {
    begin: (scenario) => {
      current = scenario;
    },
    approved: (statement) => void statements.set(goldenIdOf(statement), statement),
    attested: (verdict, evidence) => {
      if (current === undefined) throw new TypeError('no scenario has begun');
      attestations.push({ scenario: current, verdict, evidence, goldens: [...statements.keys()] });
    },
    write: (folder, readme) => {
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(join(folder, 'goldens'), { recursive: true });
      writeFileSync(join(folder, 'README.md'), readme);
      for (const [id, bytes] of statements) writeFileSync(join(folder, 'goldens', `${fileName(id)}.json`), bytes);
      const numbers = new Map<string, number>();
      for (const attestation of attestations) {
        const { name } = attestation.scenario;
        const number = (numbers.get(name) ?? 0) + 1;
        numbers.set(name, number);
        writeAttestation(join(folder, 'boots', `${name}-${number}`), attestation);
      }
    },
  };
}

/** The id without its algorithm. */
function fileName(goldenId: string): string {
  return goldenId.slice(goldenId.indexOf(':') + 1);
}

function writeAttestation(folder: string, { scenario, verdict, evidence, goldens }: Attestation): void {
  const { akPublic, attest, signature, qualifyingData, pcrs, eventLog, imaLog } = evidence;
  mkdirSync(join(folder, 'quote'), { recursive: true });
  const files: Readonly<Record<string, Uint8Array | undefined>> = {
    'quote/ak_ecc.pub': decodeBase64(akPublic),
    'quote/quote_ecc.msg': decodeBase64(attest),
    'quote/quote_ecc.sig': decodeBase64(signature),
    'quote/nonce.hex': encodeUtf8(`${encodeHex(decodeBase64(qualifyingData))}\n`),
    'pcrs.json': encodeJson(pcrs),
    binary_bios_measurements: eventLog === undefined ? undefined : decodeBase64(eventLog),
    // A hundred kilobytes each: kept where it is what the story is about.
    ima_binary_runtime_measurements:
      scenario.about === 'boot' || imaLog === undefined ? undefined : decodeBase64(imaLog),
    'verdict.json': encodeJson({ ...summary(verdict), goldens: goldens.map(fileName) }),
  };
  for (const [name, bytes] of Object.entries(files)) if (bytes !== undefined) writeFileSync(join(folder, name), bytes);
}

function summary({ host, status, findings, layers, boot, issuedAt }: WireVerdict) {
  const codes = findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  return { host, status, codes: [...new Set(codes)].sort(), layers: Object.keys(layers).sort(), boot, issuedAt };
}

function encodeJson(value: unknown): Uint8Array {
  return encodeUtf8(`${JSON.stringify(value, undefined, 2)}\n`);
}
