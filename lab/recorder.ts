// What a run leaves behind for tests: the evidence that agents sent, what the server said to it, and what was approved then.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { JsonAnswerOf, WireVerdict } from '../src/api/index.ts';
import { decodeBase64, encodeHex, encodeUtf8 } from '../src/core/encoding/index.ts';
import { documentIdOf, parseGoldenStatement } from '../src/core/golden/index.ts';
import type { Scenario } from './scenario.ts';

export type StoredEvidence = JsonAnswerOf<'getEvidence'>;

export interface Recorder {
  /** What comes next belongs to this scenario. */
  begin(scenario: Scenario): void;
  approved(statement: Uint8Array): void;
  attested(verdict: WireVerdict, evidence: StoredEvidence): void;
  /** Replaces in the folder what was taken of scenarios before, but for those that stay. */
  write(folder: string, readme: string, stays: (scenario: string) => boolean): void;
}

interface Attestation {
  readonly scenario: Scenario;
  readonly verdict: WireVerdict;
  readonly evidence: StoredEvidence;
  /** The verdict rests on what ran. */
  readonly ran: boolean;
  /** Ids of the golden measurements in force, of the layers that the verdict rests on. */
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
    approved: (statement) => void statements.set(documentIdOf(statement), statement),
    attested: (verdict, evidence) => {
      if (current === undefined) throw new TypeError('no scenario has begun');
      const ran = saysWhatRan(current, verdict);
      const goldens = [...statements].filter(([, bytes]) => ran || !isRuntime(bytes)).map(([id]) => id);
      attestations.push({ scenario: current, verdict, evidence, ran, goldens });
    },
    write: (folder, readme, stays) => {
      for (const name of ['boots', 'goldens']) mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, 'README.md'), readme);
      for (const boot of readdirSync(join(folder, 'boots')))
        if (!stays(boot.replace(/-\d+$/, ''))) rmSync(join(folder, 'boots', boot), { recursive: true });
      for (const [id, bytes] of statements) writeFileSync(join(folder, 'goldens', `${fileName(id)}.json`), bytes);
      const numbers = new Map<string, number>();
      for (const attestation of attestations) {
        const { name } = attestation.scenario;
        const number = (numbers.get(name) ?? 0) + 1;
        numbers.set(name, number);
        writeAttestation(join(folder, 'boots', `${name}-${number}`), attestation);
      }
      dropUnusedGoldens(folder);
    },
  };
}

/** A hundred kilobytes of what ran, and as many of what may run: kept where the verdict rests on it. */
function saysWhatRan({ about }: Scenario, { findings }: WireVerdict): boolean {
  return about === 'what ran' || findings.some(({ layer }) => layer === 'runtime');
}

function isRuntime(statement: Uint8Array): boolean {
  return parseGoldenStatement(statement).layer === 'runtime';
}

function dropUnusedGoldens(folder: string): void {
  const verdicts = readdirSync(join(folder, 'boots')).map((boot) =>
    readFileSync(join(folder, 'boots', boot, 'verdict.json'), 'utf8'),
  );
  const used = new Set(verdicts.flatMap((text) => (JSON.parse(text) as { goldens: readonly string[] }).goldens));
  for (const file of readdirSync(join(folder, 'goldens')))
    if (!used.has(basename(file, '.json'))) rmSync(join(folder, 'goldens', file));
}

/** The id without its algorithm. */
function fileName(goldenId: string): string {
  return goldenId.slice(goldenId.indexOf(':') + 1);
}

function writeAttestation(folder: string, { verdict, evidence, ran, goldens }: Attestation): void {
  const { akPublic, attest, signature, qualifyingData, pcrs, eventLog, imaLog } = evidence;
  mkdirSync(join(folder, 'quote'), { recursive: true });
  const files: Readonly<Record<string, Uint8Array | undefined>> = {
    'quote/ak_ecc.pub': decodeBase64(akPublic),
    'quote/quote_ecc.msg': decodeBase64(attest),
    'quote/quote_ecc.sig': decodeBase64(signature),
    'quote/nonce.hex': encodeUtf8(`${encodeHex(decodeBase64(qualifyingData))}\n`),
    'pcrs.json': encodeJson(pcrs),
    binary_bios_measurements: eventLog === undefined ? undefined : decodeBase64(eventLog),
    ima_binary_runtime_measurements: imaLog === undefined || !ran ? undefined : decodeBase64(imaLog),
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
