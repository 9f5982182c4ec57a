// What vendors, makers and operators hand over as files, and what a TPM answers: CoRIM, revocation lists, updates of Secure
// Boot variables, signed images, certificate bundles, lists, policies.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TpmClient } from '../../src/agent/tpm/client.ts';
import { quote, readPublic } from '../../src/agent/tpm/key-commands.ts';
import { nvRead } from '../../src/agent/tpm/nv-commands.ts';
import { pcrRead } from '../../src/agent/tpm/pcr-commands.ts';
import { AgentError } from '../../src/agent/errors.ts';
import { readCabinet } from '../../src/cli/inputs/cabinet.ts';
import { CliError } from '../../src/cli/errors.ts';
import { parsePcrInput } from '../../src/cli/inputs/pcr-input.ts';
import { readPolicyDocument } from '../../src/cli/inputs/policy-document.ts';
import { readRegistrationList } from '../../src/cli/inputs/registration-list.ts';
import { readToken } from '../../src/cli/inputs/token-input.ts';
import {
  checkProfile,
  exportCorim,
  importCorim,
  parseComid,
  parseCorim,
  signCorim,
  verifyCorim,
} from '../../src/core/corim/index.ts';
import {
  concatBytes,
  decodeUtf8,
  encodeBase64url,
  encodeCbor,
  encodeDer,
  encodeUtf8,
} from '../../src/core/encoding/index.ts';
import { AttestationError } from '../../src/core/error.ts';
import { encodeGuid, encodeSignatureList, guids, parseRevocationList } from '../../src/core/event-log/index.ts';
import {
  changeVariables,
  createSecureBootVariables,
  predictBoot,
  readSignatureUpdate,
} from '../../src/core/prediction/index.ts';
import { parseTrustAnchors } from '../../src/core/x509/index.ts';
import { labGoldens } from '../core/appraisal/lab.ts';
import * as make from '../core/corim/material.ts';
import { makePe, makeShim, signPe, u16, u32 } from '../core/prediction/material.ts';
import { makeIntermediate, makeRoot } from '../support/pki.ts';
import { writeCabinet } from '../support/cabinet.ts';
import { vectorFiles } from '../support/vectors.ts';
import { labFile, tpmFiles } from './corpus.ts';
import { jsonTokens } from './targets-event-log.ts';
import type { FuzzTarget } from './target.ts';

const at = new Date('2026-11-25T12:00:00Z');

/** The result, or the code of a refusal: beside the core's, the CLI and the agent have errors of their own. */
function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof AttestationError || error instanceof CliError || error instanceof AgentError) return error.code;
  throw error;
}

const corims = (): readonly Uint8Array[] => {
  const klass = make.map({ 0: make.map({ 0: make.uuid(1) }) });
  const measured = make.measured(0, { 2: [make.digest(1)] });
  const profiles = [make.parsec, make.enactTrust];
  return [
    exportCorim(labGoldens('sb-on').map(({ statement }) => statement)),
    ...profiles.map((profile) => make.corim([make.reference(klass, measured)], { 3: profile })),
    ...vectorFiles('corim', '.cbor'),
  ];
};

const cborTokens = [501, 502, 505, 506, 37, 32, 560, 111].map((tag) => concatBytes(Uint8Array.of(0xd9), u16(tag).reverse())); // prettier-ignore

/** A reader of CoRIMs sees this; what a maker signed is what was signed. */
function signedCorim(): FuzzTarget {
  const maker = make.makeMaker('maker');
  const [payload = new Uint8Array()] = corims();
  const genuine = parseCorim(signCorim(payload, maker.signing, 'Maker'));
  return {
    name: 'corim-signed',
    seeds: [signCorim(payload, maker.signing, 'Maker')],
    tokens: cborTokens,
    run: (bytes) => {
      const corim = parseCorim(bytes);
      const signer = verifyCorim(corim, { keys: [maker.verification], at });
      assert.deepEqual(corim.comids, genuine.comids, 'a CoRIM that nobody signed was believed');
      return signer;
    },
  };
}

const hashes = encodeSignatureList({
  typeGuid: guids.certSha256,
  owner: guids.shimLock,
  signatures: [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)],
});
const head = concatBytes(new Uint8Array(16), u32(24 + 8), u16(0x0200), u16(0x0ef1), encodeGuid('4aafd29d-68df-49ee-8aa9-347d375665a7'), new Uint8Array(8)); // prettier-ignore
const certificateList = (der: Uint8Array): Uint8Array =>
  encodeSignatureList({ typeGuid: guids.certX509, owner: guids.shimLock, signatures: [der] });
const listTokens = [guids.certSha256, guids.certX509, guids.certX509Sha256].map(encodeGuid);

const shipped = new URL('../../src/cli/revocations/dbx-x64.txt', import.meta.url);
const published = `{"images":{"x64":[{"authenticodeHash":"${'AB'.repeat(32)}","dateOfAddition":"2023-05-09"}]},"certificates":[{}],"svns":[]}`;

/** Loaders under Secure Boot: their signatures are read, and who of db vouches for them. */
function signedImages(): FuzzTarget {
  const root = makeRoot();
  const issuing = makeIntermediate(root);
  const list = certificateList(root.der);
  const secureBoot = createSecureBootVariables({ pk: list, kek: list, db: list, dbx: hashes });
  const part = (name: string) => makePe([{ name: '.text', content: encodeUtf8(name) }]);
  const path = [issuing.der, root.der];
  const shim = signPe(makeShim(root.der, 'sbat,1,2025021800\nshim,4\n'), path);
  const grub = { configuration: 'menuentry x {\nlinux /vmlinuz\n}\n', prefix: '(hd0)', kernel: signPe(part('kernel'), path), initrds: [] }; // prettier-ignore
  const second = signPe(part('grub'), path);
  return {
    name: 'signed-image',
    seeds: [shim, second],
    tokens: ['.vendor_cert'.slice(0, 8), '.sbatlev', '/4\0\0', 'sbat,1,'].map(encodeUtf8),
    run: (bytes) => [
      attempt(() => predictBoot({ banks: ['sha256'], secureBoot, loaders: [bytes, second], grub })),
      predictBoot({ banks: ['sha256'], secureBoot, loaders: [shim, bytes], grub }),
    ],
  };
}

/** SignedData with nothing but certificates, as vendors export them. */
function bundle(): Uint8Array {
  const oid = (last: number) => encodeDer(0x06, Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, last));
  const root = makeRoot();
  const certificates = encodeDer(0xa0, root.der, makeIntermediate(root).der);
  const data = encodeDer(0x30, encodeDer(0x02, Uint8Array.of(1)), encodeDer(0x31), encodeDer(0x30, oid(1)), certificates, encodeDer(0x31)); // prettier-ignore
  return encodeDer(0x30, oid(2), encodeDer(0xa0, data));
}

/** A document as a file, for that is how it is read. */
function policyDocument(): FuzzTarget {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-fuzz-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'policy.yaml');
  const yaml =
    'id: lab\nversion: 1\nlayers: [firmware, boot-loader]\nrequireFacts:\n  secureBoot: enabled\n  dbx: shipped\n';
  return {
    name: 'policy-document',
    seeds: [encodeUtf8(yaml)],
    tokens: ['&a ', '*a', '<<: ', '!!binary ', '? ', '- ', '|\n ', '{', '}', '"', '__proto__: '].map(encodeUtf8),
    run: (bytes) => {
      writeFileSync(file, bytes);
      return attempt(() => readPolicyDocument(file, 'lab'));
    },
  };
}

/** The same answer to each command. */
async function askTpm(response: Uint8Array): Promise<unknown> {
  const transport = { transmit: () => Promise.resolve(Uint8Array.from(response)), close: () => Promise.resolve() };
  const tpm = new TpmClient(transport, { sleep: () => Promise.resolve() });
  const selections = [{ bank: 'sha256' as const, pcrs: [0, 1, 7] }];
  const answers = [
    pcrRead(tpm, selections),
    nvRead(tpm, 0x01c00002),
    readPublic(tpm, 0x81010001),
    quote(tpm, 0x81010002, new Uint8Array(20), selections),
  ];
  return Promise.all(answers.map((answer) => answer.catch(codeOf)));
}

const response = (body: Uint8Array, tag = 0x8001): Uint8Array =>
  concatBytes(u16(tag).reverse(), u32(10 + body.length).reverse(), new Uint8Array(4), body);

export const suppliedTargets: Readonly<Record<string, () => FuzzTarget>> = {
  corim: () => ({
    name: 'corim',
    seeds: corims(),
    tokens: cborTokens,
    run: (bytes) => {
      const corim = parseCorim(bytes);
      return [corim, attempt(() => checkProfile(corim)), attempt(() => importCorim(corim, at))];
    },
  }),
  'corim-signed': signedCorim,
  comid: () => ({
    name: 'comid',
    seeds: [encodeCbor(make.comid({ triples: { 0: [make.reference(make.map({ 0: make.vendorClass }), make.measured(0, { 2: [make.digest(1)] }))] } })), ...vectorFiles('corim', '.cbor')], // prettier-ignore
    tokens: cborTokens,
    run: parseComid,
  }),
  'revocation-list': () => ({
    name: 'revocation-list',
    seeds: [
      encodeUtf8(readFileSync(shipped, 'utf8').split('\n').slice(0, 40).join('\n')),
      encodeUtf8(`${'ab'.repeat(32)} 2023-05-09\n`),
      encodeUtf8(published),
      hashes,
      concatBytes(Uint8Array.of(7, 0, 0, 0), hashes),
      concatBytes(head, hashes),
    ],
    tokens: [...jsonTokens, ...listTokens],
    run: parseRevocationList,
  }),
  'signature-update': () => ({
    name: 'signature-update',
    seeds: [hashes, concatBytes(head, hashes), certificateList(makeRoot().der)],
    tokens: listTokens,
    run: (bytes) => {
      const value = readSignatureUpdate(bytes);
      const state = createSecureBootVariables({ pk: hashes, kek: hashes, db: hashes, dbx: hashes });
      const twice = [1, 2].map(() => ({ name: 'dbx', kind: 'append', value }) as const);
      const [once, again] = [changeVariables(state, twice.slice(1)), changeVariables(state, twice)];
      assert.deepEqual(again, once, 'what is there already was added again');
      return once;
    },
  }),
  'signed-image': signedImages,
  'certificate-pkcs7': () => ({
    name: 'certificate-pkcs7',
    seeds: [bundle()],
    run: (bytes) => parseTrustAnchors(bytes, 'vendor'),
  }),
  cabinet: () => ({
    name: 'cabinet',
    seeds: (['none', 'mszip'] as const).map((compression) => writeCabinet({ 'a.crt': encodeUtf8('the first'), 'b.crt': new Uint8Array(2000) }, { compression })), // prettier-ignore
    run: (bytes) => attempt(() => readCabinet(bytes)),
  }),
  'registration-list': () => ({
    name: 'registration-list',
    seeds: [encodeUtf8(`# TPMs\n${'ab'.repeat(32)},rack 4,hv-07\r\n${'cd'.repeat(32)},rack 5\n`)],
    tokens: [',', '\n', '#', '\r\n', 'ab'.repeat(32)].map(encodeUtf8),
    run: (bytes) => attempt(() => readRegistrationList(decodeUtf8(bytes), 'list')),
  }),
  'pcr-input': () => ({
    name: 'pcr-input',
    seeds: [labFile('boot/sb-on/pcrs.json'), labFile('boot/sb-on/quote/quote_ecc.pcrs')],
    tokens: jsonTokens,
    run: (bytes) => attempt(() => parsePcrInput(bytes)),
  }),
  'token-input': () => ({
    name: 'token-input',
    seeds: [encodeUtf8(`${encodeBase64url(encodeUtf8('{"alg":"ES256","typ":"application/eat+jwt"}'))}.e30.AA`)],
    tokens: ['.', 'eyJ', '=', '-'].map(encodeUtf8),
    run: (bytes) => attempt(() => readToken(bytes)),
  }),
  'policy-document': policyDocument,
  'tpm-response': () => ({
    name: 'tpm-response',
    seeds: [
      response(concatBytes(u32(7), u32(1).reverse(), u16(11).reverse(), Uint8Array.of(3, 0x83, 0, 0), u32(3).reverse(), ...[0, 1, 2].flatMap(() => [u16(32).reverse(), new Uint8Array(32)]))), // prettier-ignore
      response(concatBytes(u16(14).reverse(), u32(0x01c00002).reverse(), u16(11).reverse(), u32(0).reverse(), u16(0), u16(16).reverse())), // prettier-ignore
      response(concatBytes(u32(4).reverse(), u16(2).reverse(), u16(0x1234)), 0x8002),
      ...tpmFiles('.pub').map((area) => response(area)),
    ],
    tokens: [Uint8Array.of(0x80, 0x02), Uint8Array.of(0x80, 0x01), new Uint8Array(4), Uint8Array.of(0, 0, 9, 0x22)],
    run: askTpm,
  }),
};
