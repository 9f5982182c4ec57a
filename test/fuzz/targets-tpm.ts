// What a TPM writes: statements, keys, signatures, and the quote that must never be believed once a bit is changed.
import assert from 'node:assert/strict';
import { bytesEqual } from '../../src/core/encoding/index.ts';
import {
  encodeAttest,
  encodePublic,
  encodeSignature,
  nameOf,
  observeStatement,
  parseAnyPublic,
  parseAttest,
  parsePcrFile,
  parseSignature,
  unwrapTpm2bAttest,
  verifyAttestationKey,
  verifyPcrs,
  verifyQuote,
} from '../../src/core/tpm/index.ts';
import { labEvidence, labKey, labNonce } from '../core/appraisal/lab.ts';
import { capture, capturedQuotes } from '../core/tpm/captures.ts';
import { vectorMembers } from '../support/vectors.ts';
import { labFiles, tpmFiles } from './corpus.ts';
import { joinInputs, splitInputs } from './frame.ts';
import type { FuzzTarget } from './target.ts';

const words = [0xff544347, 0x8018ff54, 0x80178014, 0x000b0003, 0x0014000b, 0x0018000b, 0x0010001a, 0x00010001];
const tokens = words.map((word) => Uint8Array.from([24, 16, 8, 0], (shift) => (word >>> shift) & 0xff));

function readQuote(): FuzzTarget {
  const genuine = labEvidence('sb-on');
  const [key, qualifyingData] = [labKey(), labNonce('sb-on')];
  return {
    name: 'quote',
    seeds: [joinInputs(genuine.attest, genuine.signature), ...capturedQuotes.map(({ attest, signature }) => joinInputs(attest, signature))], // prettier-ignore
    tokens,
    run: (bytes) => {
      const [attest, signature] = splitInputs(bytes);
      const quote = verifyQuote({ attest, signature, key, qualifyingData });
      assert.ok(bytesEqual(attest, genuine.attest), 'a statement that nobody signed was believed');
      return verifyPcrs(quote, genuine.pcrs);
    },
  };
}

/** What is read and written again is what was read: no second spelling is accepted. */
function again(bytes: Uint8Array, written: Uint8Array): void {
  assert.ok(bytesEqual(bytes, written), 'two spellings of one structure');
}

export const tpmTargets: Readonly<Record<string, () => FuzzTarget>> = {
  'tpm-attest': () => ({
    name: 'tpm-attest',
    seeds: [...capturedQuotes.map(({ attest }) => attest), ...labFiles('quote/quote_rsa.msg').slice(0, 2), ...vectorMembers('attest_b64')], // prettier-ignore
    tokens,
    run: (bytes) => {
      const attest = unwrapTpm2bAttest(bytes);
      const claim = parseAttest(attest);
      again(attest, encodeAttest(claim));
      return claim;
    },
  }),
  'tpm-public': () => ({
    name: 'tpm-public',
    seeds: [...tpmFiles('.pub'), ...vectorMembers('tpmt_public_b64'), ...vectorMembers('certified_public_b64')],
    tokens,
    run: (bytes) => {
      const area = parseAnyPublic(bytes);
      again(area.bytes, encodePublic(area));
      return [nameOf(area), verifyAttestationKey(area.bytes).name];
    },
  }),
  'tpm-signature': () => ({
    name: 'tpm-signature',
    seeds: [...capturedQuotes.map(({ signature }) => signature), ...vectorMembers('signature_b64')],
    tokens,
    run: (bytes) => {
      const signature = parseSignature(bytes);
      again(bytes, encodeSignature(signature));
      return signature;
    },
  }),
  'pcr-file': () => ({
    name: 'pcr-file',
    seeds: [capture('tpm-quote/quote_ecc.pcrs'), capture('boot/sb-on/quote/quote_ecc.pcrs')],
    tokens,
    run: parsePcrFile,
  }),
  quote: readQuote,
  'quote-observation': () => ({
    name: 'quote-observation',
    seeds: capturedQuotes.map(({ attest, signature }) => joinInputs(attest, signature)),
    tokens,
    run: (bytes) => {
      const [attest, signature] = splitInputs(bytes);
      const publicKey = labKey().public.publicKey;
      return observeStatement({ attest, signature, signatureEncoding: { kind: 'tpmt' }, publicKey, qualifyingData: labNonce('sb-on'), pcrs: undefined }); // prettier-ignore
    },
  }),
};
