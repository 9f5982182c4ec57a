// Failures of bytes and values that are not in their form.
import type { ErrorTable } from '../error-table.ts';

export const encodingErrors = {
  ENCODING_HEX_INVALID: {
    cause: 'A text that should be hexadecimal has an odd length or a character outside 0-9, a-f.',
    remedy: 'Send the bytes as lower-case hexadecimal, two characters per byte.',
  },
  ENCODING_BASE64_INVALID: {
    cause:
      'A text that should be base64 (or base64url) has another character, wrong padding or unused bits that are not zero.',
    remedy: 'Encode the bytes again: RFC 4648 section 4 with padding, or section 5 without.',
  },
  ENCODING_UTF8_INVALID: {
    cause: 'Bytes that should be text are not valid UTF-8.',
    remedy: 'Send text as UTF-8.',
  },
  ENCODING_JSON_INVALID: {
    cause:
      'A text is not JSON, is followed by something else, or holds a number or a text that JSON cannot carry safely.',
    remedy: 'Write the document with a JSON library; the message names the offset where reading stopped.',
  },
  ENCODING_JSON_DUPLICATE_KEY: {
    cause: 'An object names one key twice, so two readers would understand it differently.',
    remedy: 'Name each key once.',
  },
  ENCODING_JSON_TOO_DEEP: {
    cause: 'Arrays and objects are nested deeper than any document of this server.',
    remedy: 'Check that the right file was sent; its nesting exceeds the bound named in the message.',
  },
  ENCODING_JSON_LIMIT: {
    cause: 'A document has more values than anything that is read there.',
    remedy: 'Check that the right file was sent; send long lists in several requests.',
  },
  ENCODING_JSON_NOT_CANONICAL: {
    cause: 'A value has no canonical JSON form here: a fraction, a number beyond 2^53 or a text with half a character.',
    remedy: 'Use whole numbers below 2^53 and well-formed text; write larger numbers as text.',
  },
  ENCODING_CBOR_TRUNCATED: {
    cause: 'CBOR data ends inside an item, or an item announces more than follows.',
    remedy: 'Send the whole document; check that nothing cut it on the way.',
  },
  ENCODING_CBOR_TRAILING: {
    cause: 'Bytes follow the end of a CBOR item.',
    remedy: 'Send one CBOR item and nothing after it.',
  },
  ENCODING_CBOR_FORBIDDEN: {
    cause:
      'CBOR data uses what has more than one reading: an indefinite length, a length or integer longer than needed, a float, an unassigned simple value, a byte order mark, or a map key that is neither text nor integer.',
    remedy: 'Encode with the deterministic rules of RFC 8949 section 4.2.1.',
  },
  ENCODING_CBOR_DUPLICATE_KEY: {
    cause: 'A CBOR map names one key twice, so two readers would understand it differently.',
    remedy: 'Name each key once.',
  },
  ENCODING_CBOR_TAG: {
    cause: 'CBOR data carries a tag that this document may not contain.',
    remedy: 'Remove the tag, or send the document to where its kind is expected.',
  },
  ENCODING_CBOR_LIMIT: {
    cause: 'CBOR data is nested too deeply or holds too many items.',
    remedy: 'Check that the right file was sent; the message names the bound.',
  },
  ENCODING_COSE_INVALID: {
    cause:
      'A COSE_Sign1 structure does not have its four parts, repeats a header in both maps, or its headers have the wrong types.',
    remedy: 'Sign again with a COSE library (RFC 9052 section 4.2).',
  },
  ENCODING_DSSE_INVALID: {
    cause:
      'A document is not a DSSE envelope: payloadType, payload or signatures are missing, empty or of the wrong type.',
    remedy: 'Create the envelope with `touchstone golden sign`, or another DSSE tool.',
  },
  ENCODING_DER_TRUNCATED: {
    cause: 'A DER element announces more bytes than follow.',
    remedy: 'Send the whole element; check that nothing cut it on the way.',
  },
  ENCODING_DER_TRAILING: {
    cause: 'Bytes follow the end of a DER element.',
    remedy: 'Cut the padding that some TPM memories add after a certificate.',
  },
  ENCODING_DER_INVALID: {
    cause: 'An ASN.1 element is not DER: indefinite or overlong length, or a tag of the multi-byte form.',
    remedy: 'Encode the element as DER, not BER.',
  },
  ENCODING_DER_LIMIT: {
    cause: 'DER data is nested too deeply or holds too many elements.',
    remedy: 'Check that the right file was sent; the message names the bound.',
  },
  ENCODING_PEM_INVALID: {
    cause: 'A PEM block has no end line, another label at its end, or a body that is not base64.',
    remedy: 'Export the file again as PEM.',
  },
} as const satisfies ErrorTable;
