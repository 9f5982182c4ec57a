// Every setting with its default and its bounds.
const seconds = (initial: number, maximum: number) => ({ type: 'integer', minimum: 1, maximum, default: initial });
const section = (properties: Readonly<Record<string, object>>) => ({
  type: 'object',
  additionalProperties: false,
  default: {},
  properties,
});

export const configSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['serverId'],
  properties: {
    serverId: { type: 'string', pattern: '^[a-zA-Z0-9][a-zA-Z0-9.:/_-]{0,254}$' },
    listen: section({
      host: { type: 'string', minLength: 1, maxLength: 255, default: '127.0.0.1' },
      port: { type: 'integer', minimum: 0, maximum: 65535, default: 8443 },
    }),
    tls: {
      type: 'object',
      additionalProperties: false,
      required: ['certFile', 'keyFile'],
      properties: { certFile: { type: 'string', minLength: 1 }, keyFile: { type: 'string', minLength: 1 } },
    },
    auth: section({
      clients: {
        type: 'array',
        maxItems: 10000,
        default: [],
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['name', 'role', 'spkiSha256'],
          properties: {
            name: { type: 'string', minLength: 1, maxLength: 128 },
            role: { type: 'string', enum: ['host', 'orchestrator', 'operator', 'auditor', 'joiner'] },
            spkiSha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
            host: { type: 'string', pattern: '^[a-z0-9][a-z0-9.-]{0,62}$' },
          },
        },
      },
    }),
    enrolment: section({
      mode: { type: 'string', enum: ['token', 'open'], default: 'token' },
      allowUnverifiedEk: { type: 'boolean', default: false },
      activationSeconds: seconds(300, 3600),
      maxPending: { type: 'integer', minimum: 1, maximum: 1000000, default: 10000 },
      akCertificateDays: { type: 'integer', minimum: 1, maximum: 3650, default: 30 },
    }),
    attestation: section({
      challengeSeconds: seconds(120, 300),
      keepEvidence: { type: 'integer', minimum: 1, maximum: 10000, default: 10 },
    }),
    admission: section({ decisionSeconds: seconds(60, 3600) }),
    goldenQuorum: { type: 'integer', minimum: 1, maximum: 16, default: 2 },
    allowSingleOperator: { type: 'boolean', default: false },
    limits: section({
      bodyBytes: { type: 'integer', minimum: 65536, maximum: 16777216, default: 3145728 },
      evidenceBytes: { type: 'integer', minimum: 65536, maximum: 67108864, default: 33554432 },
      headersSeconds: seconds(10, 60),
      requestSeconds: seconds(60, 600),
    }),
    log: section({
      level: { type: 'string', enum: ['debug', 'info', 'warn', 'error', 'silent'], default: 'info' },
    }),
  },
} as const;
