import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toJson } from '../../../src/cli/json.ts';
import { exportCorim, signCorim } from '../../../src/core/corim/index.ts';
import { createCoseSign1, jwkOf } from '../../../src/core/crypto/index.ts';
import { encodeCbor, encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { parseEventLog, replayEventLog } from '../../../src/core/event-log/index.ts';
import { createEarJwt, encodeEarJson } from '../../../src/core/verdict/index.ts';
import { labGoldens } from '../../core/appraisal/lab.ts';
import * as make from '../../core/corim/material.ts';
import { createKeyPair } from '../../core/crypto/test-keys.ts';
import { createEar } from '../../core/verdict/verdicts.ts';

export interface Case {
  readonly file: string;
  readonly kind: string;
  readonly expect: Readonly<Record<string, unknown>>;
}

const lab = 'test/fixtures/lab';
const read = (file: string) => readFileSync(join(lab, file));

/** A folder of vectors made of our own captures. */
export async function makeVectors(folder: string): Promise<Case[]> {
  cpSync(join(lab, 'boot/uki/binary_bios_measurements'), join(folder, 'uki.bin'));
  cpSync(join(lab, 'tpm-quote/ek-rsa2048.crt'), join(folder, 'ek.der'));
  for (const name of ['issuercert', 'swtpm-localca-rootca-cert'])
    cpSync(join(lab, `tpm-quote/${name}.pem`), join(folder, `${name}.pem`));
  cpSync(join(lab, 'boot/ima-evil/ima_binary_runtime_measurements'), join(folder, 'ima.bin'));
  const log = parseEventLog(new Uint8Array(read('boot/uki/binary_bios_measurements')));
  const replayed = Object.fromEntries(log.banks.map((bank) => [bank, toJson(replayEventLog(log, bank))]));
  writeFileSync(join(folder, 'uki.pcrs.json'), JSON.stringify({ replayed }));
  writeFileSync(join(folder, 'quote.json'), JSON.stringify(quoteBundle()));
  const pcr10 = JSON.parse(read('boot/ima-evil/pcrs.json').toString()) as Record<string, Record<string, string>>;
  const pair = createKeyPair('ES256', 'verifier');
  const ear = createEar();
  writeFileSync(join(folder, 'ear.json'), encodeEarJson(ear));
  writeFileSync(join(folder, 'ear.jwt'), await createEarJwt(ear, pair.signing));
  mkdirSync(join(folder, 'ear/keys'), { recursive: true });
  writeFileSync(join(folder, 'ear/keys/verifier.jwk'), JSON.stringify(jwkOf(pair.verification)));
  writeCorims(folder);
  return [
    { file: 'uki.bin', kind: 'eventlog', expect: { parse: 'ok', pcrs_file: 'uki.pcrs.json' } },
    {
      file: 'quote.json',
      kind: 'quote',
      expect: { verdict: 'accept', signature_valid: true, nonce_matches: true, pcr_digest_matches: true },
    },
    {
      file: 'ek.der',
      kind: 'certs',
      expect: {
        serial_hex: '08',
        ca: false,
        tpm_manufacturer: 'id:00001014',
        chain: ['issuercert.pem', 'swtpm-localca-rootca-cert.pem'],
        chain_complete_to_root: true,
      },
    },
    {
      file: 'ima.bin',
      kind: 'ima',
      expect: { parse: 'ok', replay: { '10': { sha1: pcr10['sha1']?.['10'], sha256: pcr10['sha256']?.['10'] } } },
    },
    {
      file: 'ear.json',
      kind: 'ear',
      expect: { valid: true, profile: ear.profile, status: { TPM: 'affirming' } },
    },
    { file: 'ear.jwt', kind: 'ear', expect: { verdict: 'accept', key: 'ear/keys/verifier.jwk' } },
    { file: 'ear/keys/verifier.jwk', kind: 'support', expect: {} },
    { file: 'signed.corim', kind: 'corim', expect: { parse: 'ok', signature_valid: true, key: 'maker.jwk' } }, // prettier-ignore
    { file: 'parsec.corim', kind: 'corim', expect: { parse: 'ok', profile_validation: 'ok' } },
    { file: 'sign1.json', kind: 'corim', expect: { should_verify: true } },
    { file: 'something.bin', kind: 'snp', expect: { verdict: 'accept' } },
    { file: 'key.jwk', kind: 'support', expect: {} },
  ];
}

/** A boot as a signed CoRIM, a CoRIM of a profile, and a bare signature with something both sides know. */
function writeCorims(folder: string): void {
  const maker = createKeyPair('ES256', 'maker');
  const corim = exportCorim(labGoldens('sb-on').map(({ statement }) => statement));
  writeFileSync(join(folder, 'signed.corim'), signCorim(corim, maker.signing, 'Maker'));
  writeFileSync(join(folder, 'maker.jwk'), JSON.stringify({ ...jwkOf(maker.verification), use: 'enc' }));
  const klass = make.map({ 0: make.map({ 0: make.uuid(1) }) });
  const measured = make.measured(0, { 2: [make.digest(1)] });
  writeFileSync(join(folder, 'parsec.corim'), make.corim([make.reference(klass, measured)], { 3: make.parsec }));
  const { kty, crv, x, y } = jwkOf(maker.verification);
  const sign1 = encodeHex(encodeCbor(createCoseSign1(encodeUtf8('content'), maker.signing)));
  const document = { key: { kty, crv, x, y }, alg: 'ES256', cose_sign1_hex: sign1, external_hex: '' };
  writeFileSync(join(folder, 'sign1.json'), JSON.stringify(document));
}

function quoteBundle() {
  const pcrs = JSON.parse(read('boot/sb-on/pcrs.json').toString()) as Record<string, Record<string, string>>;
  const values = Object.entries(pcrs['sha256'] ?? {}).filter(([pcr]) => Number(pcr) <= 15);
  return {
    attest_b64: read('boot/sb-on/quote/quote_ecc.msg').toString('base64'),
    signature_b64: read('boot/sb-on/quote/quote_ecc.sig').toString('base64'),
    signature_encoding: 'TPMT_SIGNATURE',
    ak: { spki_pem: read('tpm-quote/ak_ecc.pem').toString() },
    expected_qualifying_data_hex: read('boot/sb-on/quote/nonce.hex').toString().trim(),
    pcrs: { sha256: Object.fromEntries(values) },
  };
}
