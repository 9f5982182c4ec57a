// What the patterns of openapi.yaml and of the configuration want, in words: nobody should have to read a regular expression.
// A test holds that each pattern is here, and that its example fits.

export interface PatternRow {
  /** Completes "must be". */
  readonly words: string;
  readonly example: string;
}

export const patterns: Readonly<Record<string, PatternRow>> = {
  '^[^=,]+=[^,]*(,[^=,]+=[^,]*)*$': { words: 'labels, separated by commas', example: 'rack=3,site=fra' },
  '^[A-Za-z0-9_-]{11,86}$': { words: '8 to 64 bytes in base64url', example: 'q83vEjRWeJA' },
  '^[A-Za-z0-9_-]{43}$': {
    words: 'the id of a key, 32 bytes in base64url',
    example: 'UNhY4JhezH9gQYqvDMWrWH9CwlcKiECVqejMrND2VFw',
  },
  '^[a-z0-9][a-z0-9.-]{0,62}$': {
    words: 'at most 63 small letters, digits, dots and hyphens, with a letter or digit first',
    example: 'hv-17.rack3',
  },
  '^[a-z0-9][a-z0-9._-]{0,62}$': {
    words: 'at most 63 small letters, digits, dots, hyphens and underscores, with a letter or digit first',
    example: 'boot_loaders-2026',
  },
  '^enr_[A-Za-z0-9_-]{22}$': { words: 'the id of an enrolment', example: 'enr_AbCdEfGhIjKlMnOpQrStUv' },
  '^chl_[A-Za-z0-9_-]{22}$': { words: 'the id of a challenge', example: 'chl_AbCdEfGhIjKlMnOpQrStUv' },
  '^tok_[A-Za-z0-9_-]{16}$': {
    words: 'the id of a token, as `touchstone token list` shows it',
    example: 'tok_AbCdEfGhIjKlMnOp',
  },
  '^pnd_[A-Za-z0-9_-]{16}$': {
    words: 'the id of a waiting host, as `touchstone host pending` shows it',
    example: 'pnd_AbCdEfGhIjKlMnOp',
  },
  '^qua_[A-Za-z0-9_-]{16}$': {
    words: 'the id of a quarantine, as `touchstone quarantine list` shows it',
    example: 'qua_AbCdEfGhIjKlMnOp',
  },
  '^sub_[A-Za-z0-9_-]{16}$': {
    words: 'the id of a subscription, as `touchstone subscription list` shows it',
    example: 'sub_AbCdEfGhIjKlMnOp',
  },
  '^sha256:[0-9a-f]{64}$': {
    words: '`sha256:` and 64 hexadecimal digits in small letters',
    example: `sha256:${'4f1d'.repeat(16)}`,
  },
  '^sha(1|256|384|512):[0-9a-f]{40,128}$': {
    words:
      'the bank of a digest (`sha1`, `sha256`, `sha384`, `sha512`), a colon, and the digest as hexadecimal digits in small letters',
    example: `sha256:${'4f1d'.repeat(16)}`,
  },
  '^[0-9a-f]{64}$': { words: '64 hexadecimal digits in small letters', example: '4f1d'.repeat(16) },
  '^[0-9a-f]{8,64}$': { words: '8 to 64 hexadecimal digits in small letters', example: '3f2a9c41' },
  '^([0-9a-f]{2})+$': { words: 'hexadecimal digits in small letters, two for each byte', example: '4f1d' },
  '^([0-9a-f]{2}){1,64}$': {
    words: '1 to 64 bytes as hexadecimal digits in small letters, two for each',
    example: '4f1d9c02',
  },
  '^(?:[0-9a-f]{2}){20,64}$': {
    words: 'a digest of 20 to 64 bytes as hexadecimal digits in small letters',
    example: '4f1d'.repeat(16),
  },
  '^(?:[0-9a-f]{2}){22,66}$': {
    words: 'the name of a TPM key: 22 to 66 bytes as hexadecimal digits in small letters',
    example: `000b${'4f1d'.repeat(16)}`,
  },
  '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$': {
    words: 'a UUID in small letters',
    example: '5f1c1e6e-3b0a-4c3e-9d57-0a8e2f6b7c11',
  },
  '^(?:[0-9]|1[0-9]|2[0-3])$': { words: 'the number of a PCR, 0 to 23', example: '7' },
  '^[0-9]{1,20}$': { words: 'a whole number', example: '1000' },
  '^[0-9]{10}$': { words: 'a date of SBAT: year, month, day and a number of two digits', example: '2026022400' },
  '^CVE-[0-9]{4}-[0-9]{4,10}$': { words: 'the id of a CVE', example: 'CVE-2023-40547' },
  '^[^\\p{C}]+$': { words: 'text without control or invisible characters', example: 'a name' },
  '^[^\\s\\p{C}]+$': { words: 'text without spaces, control or invisible characters', example: 'iommu=on' },
  '^(?:[^\\p{C}]|\\r?\\n)+$': {
    words: 'text over one or several lines, without control or invisible characters',
    example: 'boot.secureBoot == true',
  },
  '^[A-Za-z0-9+/]+={0,2}$': { words: 'base64', example: 'dG91Y2hzdG9uZQ==' },
  '^[A-Za-z0-9+/]*={0,2}$': { words: 'base64', example: 'dG91Y2hzdG9uZQ==' },
  '^[A-Za-z0-9+/_-]+={0,2}$': { words: 'base64 or base64url', example: 'dG91Y2hzdG9uZQ==' },
  '^[a-zA-Z0-9][a-zA-Z0-9._/-]{0,127}$': {
    words: 'at most 128 letters, digits, dots, hyphens, underscores and slashes, with a letter or digit first',
    example: 'topology/rack',
  },
  '^[a-zA-Z0-9][a-zA-Z0-9.:/_-]{0,254}$': {
    words: 'at most 255 letters, digits, dots, colons, hyphens, underscores and slashes, with a letter or digit first',
    example: 'https://attest.example',
  },
  '^[A-Za-z0-9._-]{1,64}$': { words: 'the name of a component of SBAT', example: 'grub.debian' },
  '^(https?|syslog\\+(tls|tcp|udp))://[!-~]+$': {
    words: 'an address that begins with https, http, syslog+tls, syslog+tcp or syslog+udp',
    example: 'https://events.example/touchstone',
  },
  '^https?://[!-~]{1,500}$': { words: 'an address that begins with https or http', example: 'https://ca.example/crl' },
  '^/': { words: 'an absolute path', example: '/usr/lib/softhsm/libsofthsm2.so' },
  '^[a-z0-9.-]+(?::[0-9]{1,5})?$': {
    words: 'the name of a host in small letters, perhaps with a port',
    example: 'events.example:8443',
  },
  '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$': { words: 'the name of a host in small letters', example: 'attest.example' },
  '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?|\\*)$': {
    words: 'a name in small letters, or `*` for all',
    example: 'kube-system',
  },
  '^syslog\\+(tls|tcp|udp)://(\\[[0-9a-f:.]+\\]|[a-z0-9.-]+):[0-9]{1,5}$': {
    words: 'an address of syslog with its port',
    example: 'syslog+tls://siem.example:6514',
  },
  '^(?:sqlite|postgres(?:ql)?://[!-~]{1,2000})$': {
    words: '`sqlite`, or an address of PostgreSQL',
    example: 'postgres://touchstone@db.example/touchstone',
  },
};

/** Completes the sentence whose subject is the value: `must be the id of a CVE, such as CVE-2023-40547`. */
export function describePattern(pattern: string): string {
  const row = Object.hasOwn(patterns, pattern) ? patterns[pattern] : undefined;
  return row === undefined ? 'is not written as it must be' : `must be ${row.words}, such as ${row.example}`;
}

/** The same of a named format: times, addresses. */
export function describeFormat(format: string): string {
  return format === 'date-time'
    ? 'must be a time in RFC 3339, such as 2026-11-23T10:00:00Z'
    : `must be of the format ${format}`;
}
