import type { ErrorTable } from '../error-table.ts';

export const encodingErrors = {
  ENCODING_HEX_INVALID: {
    cause: 'A text that should be hexadecimal has an odd length or a character outside 0-9, a-f.',
    remedy: 'Send the bytes as lower-case hexadecimal, two characters per byte.',
  },
  ENCODING_BASE64_INVALID: {
    cause: 'A text that should be base64 (or base64url) has another character, wrong padding or unused bits that are not zero.',
    remedy: 'Encode the bytes again: RFC 4648 section 4 with padding, or section 5 without.',
  },
  ENCODING_UTF8_INVALID: {
    cause: 'Bytes that should be text are not valid UTF-8.',
    remedy: 'Send text as UTF-8.',
  },
} as const satisfies ErrorTable;
