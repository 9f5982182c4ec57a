// The encodings underneath everything, boot artefacts, policies, and whole appraisals.
import assert from 'node:assert/strict';
import {
  bytesEqual,
  decodeBase64,
  decodeUtf8,
  encodeCbor,
  encodeDer,
  encodeUtf8,
  parseCbor,
  parseCoseSign1,
  parseDsseEnvelope,
  parseJsonStrict,
  parsePem,
  readDer,
} from '../../src/core/encoding/index.ts';
import { judgeCondition, parseCondition } from '../../src/core/appraisal/conditions/condition.ts';
import { appraise, parsePolicy } from '../../src/core/appraisal/index.ts';
import { readFacts } from '../../src/core/event-log/index.ts';
import { authenticodeDigest, parsePortableExecutable, predictBoot } from '../../src/core/prediction/index.ts';
import { bootLayers, labEvidence, labGoldens, labPolicy, labTrust } from '../core/appraisal/lab.ts';
import { verifyLab } from '../core/event-log/logs.ts';
import { makePe, signPe } from '../core/prediction/material.ts';
import { makeRoot } from '../support/pki.ts';
import { vectorFiles } from '../support/vectors.ts';
import { labFile, tpmFiles } from './corpus.ts';
import { joinInputs, splitInputs } from './frame.ts';
import { jsonTokens } from './targets-event-log.ts';
import type { FuzzTarget } from './target.ts';

const policyText = JSON.stringify({ id: 'lab', version: 1, layers: bootLayers, verdictSeconds: 300, bank: 'sha256', requireFacts: { secureBoot: 'enabled' }, conditions: [{ name: 'c', expression: 'size(dbx) > 1 && kernelCommandLine.all(w, !w.startsWith("kvm."))', description: 'd', remedy: 'r' }] }); // prettier-ignore
const conditionSeeds = [
  'secureBoot == "enabled" && sbatDate >= 2025021800 || !(sbatGenerations["shim"] < 4)',
  'kernelCommandLine.all(w, !w.startsWith("kvm.") && w in ["a", "b"]) ? size(dbx) > 371 : dbx[0] == "x"',
  'versionAtLeast(kernelRelease, "6.8") && signatureDatabases["db"].exists(d, d + "x" != "") && hardening.iommu != "off"',
];
const celWords = ['initArguments', 'authorities', '.all(w, ', '.map(v, ', '.filter(v, ', '.exists_one(v, ', ' in ', ' && ', ' || ', '!', '? ', ': ', '[0]', '(', ')', 'size(', '.matches(', '1u', '0x7fffffffffffffff', '-', '%', '1.5', "b'x'", 'r"\\"', 'null', '{"a": 1}', '[', ']', '"', "'", '//']; // prettier-ignore
const labFacts = readFacts(verifyLab('sb-on'));
const grubWords = ['set a=b\n', 'linux /vmlinuz quiet\n', 'initrd /initrd\n', "menuentry 'x' {\n", '}\n', '$prefix', '${a}', '"', "'", '\\\n', '#', ';', 'if', 'configfile', 'search --fs-uuid --set=root 1\n']; // prettier-ignore
const grubSeed = `set timeout=0\nset default=0\nmenuentry 'lab' {\n  search --no-floppy --set=root --file /boot/vmlinuz\n  linux /boot/vmlinuz quiet "a b"\n  initrd /boot/initrd.gz\n}\n`; // prettier-ignore

const section = (name: string, text: string) => ({ name, content: encodeUtf8(text) });
const plain = (): Uint8Array => makePe([section('.text', 'loader'), section('.averylongname', 'x')]);
const unified = (): Uint8Array =>
  makePe([section('.linux', 'kernel'), section('.osrel', 'ID=x\n'), section('.cmdline', 'quiet'), section('.initrd', 'i'), section('.uname', '6.1'), section('.sbat', 'sbat,1\n'), section('.sdmagic', '#### LoaderInfo: systemd-stub 255.4 ####')]); // prettier-ignore

/** A plan that holds whatever the images in it are. */
const plan = { banks: ['sha256' as const], loaders: [plain(), plain()], grub: { configuration: grubSeed, prefix: '(hd0,gpt1)/EFI/debian', kernel: plain(), initrds: [encodeUtf8('initrd')] } }; // prettier-ignore

function readImage(bytes: Uint8Array): unknown {
  const image = parsePortableExecutable(bytes);
  return [image.sections, authenticodeDigest(image, 'sha256'), predictBoot({ ...plan, loaders: [bytes] })];
}

/** Without the compiled programs of its conditions: two readings give two functions. */
function readPolicy(bytes: Uint8Array): object {
  const { conditions, ...policy } = parsePolicy(parseJsonStrict(bytes));
  return {
    ...policy,
    conditions: conditions.map(({ condition: { expression, reads }, ...row }) => ({ ...row, expression, reads })),
  };
}

/** Whatever a host shows beside its quote, it is judged; what was refused is never trusted for it. */
function appraisal(name: string, run: string, other: string): FuzzTarget {
  const at = new Date('2026-11-25T12:00:00Z');
  const [evidence, policy, goldens] = [labEvidence(run), labPolicy(), labGoldens(other)];
  const trust = labTrust(run, goldens);
  const judge = (eventLog: Uint8Array, userspaceLog: Uint8Array) =>
    appraise({ ...evidence, eventLog, ...(userspaceLog.length > 0 ? { userspaceLog } : {}) }, trust, policy, at);
  const truth = judge(evidence.eventLog ?? new Uint8Array(), new Uint8Array());
  return {
    name,
    seeds: [joinInputs(evidence.eventLog ?? new Uint8Array(), new Uint8Array())],
    run: (bytes) => {
      const verdict = judge(...splitInputs(bytes));
      assert.ok(truth.status === 'affirming' || verdict.status !== 'affirming', 'a refused host became trusted');
      return verdict;
    },
  };
}

export const otherTargets: Readonly<Record<string, () => FuzzTarget>> = {
  json: () => ({ name: 'json', seeds: [encodeUtf8(policyText), encodeUtf8('[[1,-0.5e3,"\\u00e9\\n"],{}]')], tokens: jsonTokens, run: (bytes) => parseJsonStrict(bytes) }), // prettier-ignore
  cbor: () => ({
    name: 'cbor',
    seeds: [encodeCbor(new Map([[1, [1, 'a', Uint8Array.of(1), true, -5, new Map([['k', 2n ** 60n]])]]])), ...vectorFiles('ear', '.cbor')], // prettier-ignore
    run: (bytes) => {
      const value = parseCbor(bytes);
      return [value, parseCbor(encodeCbor(value))];
    },
  }),
  cose: () => ({ name: 'cose', seeds: [encodeCbor([encodeCbor(new Map([[1, -7]])), new Map(), encodeUtf8('payload'), new Uint8Array(64)])], run: (bytes) => parseCoseSign1(bytes) }), // prettier-ignore
  der: () => ({
    name: 'der',
    seeds: tpmFiles('.crt').slice(0, 1),
    run: (bytes) => {
      const node = readDer(bytes);
      assert.ok(bytesEqual(encodeDer(node.tag, node.contents), bytes), 'two spellings of one structure');
      return node;
    },
  }),
  pem: () => ({ name: 'pem', seeds: tpmFiles('cert.pem'), tokens: ['-----BEGIN ', '-----END ', '\r\n', '=', ' '].map(encodeUtf8), run: (bytes) => parsePem(decodeUtf8(bytes)) }), // prettier-ignore
  dsse: () => ({ name: 'dsse', seeds: [labFile('../../../golden-measurements/lab-sb-on/kernel.dsse.json')], tokens: jsonTokens, run: parseDsseEnvelope }), // prettier-ignore
  base64: () => ({ name: 'base64', seeds: [encodeUtf8('AAECAw=='), encodeUtf8('/+8=')], run: (bytes) => decodeBase64(decodeUtf8(bytes)) }), // prettier-ignore
  policy: () => ({ name: 'policy', seeds: [encodeUtf8(policyText)], tokens: jsonTokens, run: readPolicy }), // prettier-ignore
  condition: () => ({
    name: 'condition',
    seeds: conditionSeeds.map(encodeUtf8),
    tokens: celWords.map(encodeUtf8),
    run: (bytes) => {
      const condition = parseCondition(decodeUtf8(bytes), 'condition');
      return [condition.expression, condition.reads, judgeCondition(condition, labFacts)];
    },
  }),
  pe: () => ({ name: 'pe', seeds: [plain(), unified(), signPe(plain(), [makeRoot().der]), signPe(unified(), [makeRoot().der])], tokens: ['MZ', 'PE\0\0', '.linux\0\0', '.sbat\0\0\0', '/4'].map(encodeUtf8), run: readImage }), // prettier-ignore
  'unified-kernel': () => ({ name: 'unified-kernel', seeds: [unified()], tokens: ['.cmdline', '.linux\0\0', '.osrel\0\0'].map(encodeUtf8), run: (bytes) => predictBoot({ banks: ['sha256'], loaders: [plain()], unifiedKernel: bytes, phases: ['enter-initrd'] }) }), // prettier-ignore
  'grub-script': () => ({
    name: 'grub-script',
    seeds: [encodeUtf8(grubSeed)],
    tokens: grubWords.map(encodeUtf8),
    run: (bytes) => predictBoot({ ...plan, grub: { ...plan.grub, configuration: decodeUtf8(bytes) } }),
  }),
  appraisal: () => appraisal('appraisal', 'sb-on', 'sb-on'),
  'appraisal-refused': () => appraisal('appraisal-refused', 'cfg-tampered', 'sb-on'),
};
