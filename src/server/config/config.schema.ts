// Every setting with its default, its bounds and what it means. docs/configuration.md is written from here.
import { attestationCaSchema } from './attestation-ca.schema.ts';
import { eventsSchema } from './events.schema.ts';
import { breakGlassSchema } from './break-glass.schema.ts';
import { lockoutSchema } from './lockout.schema.ts';
import { retentionSchema } from './retention.schema.ts';
import { seconds, section } from './schema-parts.ts';
import { storageSettings } from './storage.schema.ts';

const label = (initial: string, description: string) => ({
  type: 'string',
  pattern: '^[a-zA-Z0-9][a-zA-Z0-9._/-]{0,127}$',
  default: initial,
  description,
});

const condition = (description: string) => ({ type: 'string', minLength: 1, maxLength: 256, description }) as const;

export const configSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['serverId'],
  properties: {
    serverId: {
      type: 'string',
      pattern: '^[a-zA-Z0-9][a-zA-Z0-9.:/_-]{0,254}$',
      description: 'The name the server signs and challenges under. Changing it ends every open challenge.',
    },
    listen: section('Where the server listens. Without `tls` only loopback addresses are accepted.', {
      host: { type: 'string', minLength: 1, maxLength: 255, default: '127.0.0.1', description: 'Address to bind.' },
      port: {
        type: 'integer',
        minimum: 0,
        maximum: 65535,
        default: 8443,
        description: 'Port; 0 takes any that is free.',
      },
    }),
    workers: {
      type: 'integer',
      minimum: 1,
      maximum: 64,
      default: 1,
      description:
        'How many processes serve, behind one socket: one for each core of the machine. More than one needs PostgreSQL. What is said of limits, connections and memories holds for each of them. See docs/workers.md.',
    },
    tls: {
      type: 'object',
      additionalProperties: false,
      required: ['certFile', 'keyFile'],
      description: 'Certificate chain and key in PEM. Paths are relative to the data directory.',
      properties: {
        certFile: { type: 'string', minLength: 1, description: 'The certificate and its intermediates.' },
        keyFile: { type: 'string', minLength: 1, description: 'Its private key, mode 0600.' },
      },
    },
    ...storageSettings,
    auth: section('Callers beside those with API tokens.', {
      clients: {
        type: 'array',
        maxItems: 10000,
        default: [],
        description: 'Client certificates by the SHA-256 of their SubjectPublicKeyInfo, each with a role.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['name', 'role', 'spkiSha256'],
          properties: {
            name: {
              type: 'string',
              minLength: 1,
              maxLength: 128,
              description: 'What the audit log calls it.',
            },
            role: {
              type: 'string',
              enum: ['host', 'orchestrator', 'operator', 'auditor', 'joiner', 'monitor'],
              description: 'What it may ask: docs/api.md.',
            },
            spkiSha256: {
              type: 'string',
              pattern: '^[0-9a-f]{64}$',
              description:
                'The SHA-256 of its SubjectPublicKeyInfo: `openssl x509 -in client.pem -noout -pubkey | openssl pkey -pubin -outform der | sha256sum`. Who signed the certificate does not matter.',
            },
            host: {
              type: 'string',
              pattern: '^[a-z0-9][a-z0-9.-]{0,62}$',
              description: 'With role `host`, and only then: which host it is.',
            },
          },
        },
      },
    }),
    enrolment: section('How hosts become known.', {
      mode: {
        type: 'string',
        enum: ['token', 'open'],
        default: 'token',
        description: 'Whether a host needs a join token. `open` is for trials.',
      },
      allowUnverifiedEk: {
        type: 'boolean',
        default: false,
        description:
          'Whether a TPM may enrol whose certificate is missing or leads to no trust anchor. Such a host never gets an affirming hardware claim.',
      },
      deviceIdentity: {
        type: 'string',
        enum: ['off', 'accepted', 'required'],
        default: 'off',
        description:
          'Whether an initial attestation key (IAK), certified by the maker of the machine, vouches for a TPM: never, also, or for every host that enrols. With `accepted` a TPM that has a certified EK and a certified IAK can become two hosts; with `required` it cannot.',
      },
      activationSeconds: seconds(300, 3600, 'How long a host has to return the sealed secret.'),
      maxPending: {
        type: 'integer',
        minimum: 1,
        maximum: 1000000,
        default: 10000,
        description:
          'How many enrolments may wait for their secret at once. Who comes without a join token has half of the places.',
      },
      mostInAnHour: {
        type: 'integer',
        minimum: 1,
        maximum: 100000,
        default: 60,
        description:
          'How often one TPM may be enrolled within an hour. Each time revokes the certificate that its host had and is told in the audit log. Counted by each process, from its start.',
      },
      approval: {
        type: 'string',
        enum: ['none', 'queue'],
        default: 'none',
        description:
          'Whether an operator looks at each TPM. `queue`: a host whose TPM nobody registered before waits, proved and not trusted, until an operator approves it. `none`: a join token is enough.',
      },
      queuePlaces: {
        type: 'integer',
        minimum: 1,
        maximum: 100000,
        default: 1000,
        description:
          'How many TPMs may wait for approval at once. Who comes without a join token has half of the places; nobody who waits is pushed out.',
      },
      queueHours: {
        type: 'integer',
        minimum: 1,
        maximum: 8760,
        default: 168,
        description: 'How long a TPM waits, how long an approval can be used, and how long a rejection is remembered.',
      },
      rules: {
        type: 'array',
        maxItems: 100,
        default: [],
        description:
          'Rules that approve TPMs by what is known of them, or deny them; a denial wins. docs/enrolment.md has the conditions.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['name', 'effect', 'when'],
          properties: {
            name: {
              type: 'string',
              minLength: 1,
              maxLength: 128,
              pattern: '^[^\\p{C}]+$',
              description: 'What the audit log calls it.',
            },
            effect: { type: 'string', enum: ['approve', 'deny'], description: 'What it does with a TPM.' },
            when: {
              type: 'object',
              additionalProperties: false,
              minProperties: 1,
              description: 'All of these must hold. `*` stands for any text.',
              properties: {
                endorser: condition('The trust anchor that vouches, by its name.'),
                ekIssuer: condition('The issuer in the EK certificate.'),
                tpmManufacturer: condition('The maker of the TPM.'),
                tpmModel: condition('Its model.'),
                inventoryLabel: condition('The label under which an operator registered the EK.'),
                joinToken: condition('The join token, by its name.'),
                hostName: condition('The name that the host asks for.'),
              },
            },
          },
        },
      },
    }),
    attestationCa: attestationCaSchema,
    attestation: section('How hosts attest.', {
      challengeSeconds: seconds(120, 300, 'How long a challenge can be answered.'),
      nextChallengeSeconds: {
        type: 'integer',
        minimum: 0,
        maximum: 86_400,
        default: 3600,
        description:
          'How long a challenge can be answered at most that came with the answer to an attestation. 0: none comes, and hosts ask for each.',
      },
      keepEvidence: {
        type: 'integer',
        minimum: 1,
        maximum: 10000,
        default: 10,
        description: 'How many verdicts, with their evidence, are kept of each host.',
      },
      rememberedBoots: {
        type: 'integer',
        minimum: 0,
        maximum: 1000000,
        default: 4096,
        description:
          'How many boots (logs and PCR values together), and as many lists of IMA, are remembered in memory, about 9 kB each: hosts that booted alike, and the same host again, are appraised without reading their logs once more. 0 remembers none.',
      },
      rememberedLogs: {
        type: 'integer',
        minimum: 0,
        maximum: 100000,
        default: 256,
        description:
          'How many logs of up to 256 kB are kept in memory, as they are and as the database keeps them, so that hosts that do not send the log they sent before are appraised without reading it from the database. 0 keeps none.',
      },
      rememberedHosts: {
        type: 'integer',
        minimum: 0,
        maximum: 1000000,
        default: 10000,
        description:
          'Of how many hosts key, last quote, certificates, record, token and verdict are remembered in memory, about 30 kB each: none is read or verified again until it changes; over PostgreSQL record, token and verdict serve attestations alone, which the database confirms. A new quote always is verified; dates, anchors and CRLs are judged anew. 0: none.',
      },
    }),
    tokens: section('What verdicts look like as tokens, where a relying party does not say.', {
      generation: {
        type: 'string',
        enum: ['veraison-2023', 'draft-2025', 'draft-2026'],
        default: 'veraison-2023',
        description:
          'Which generation of EAR they follow: `veraison-2023` is what Veraison and its relatives read, the others follow the IETF draft.',
      },
    }),
    admission: section('How orchestrators are answered.', {
      listen: {
        type: 'object',
        additionalProperties: false,
        required: ['port'],
        description:
          'An address of its own for admission, with a process of its own that only reads: its answers do not wait for attestations. Off unless told. See docs/workers.md.',
        properties: {
          host: { type: 'string', minLength: 1, maxLength: 255, default: '127.0.0.1', description: 'Address to bind.' },
          port: {
            type: 'integer',
            minimum: 0,
            maximum: 65535,
            description: 'Port, another than that of the main address; 0 takes any that is free.',
          },
          realtime: {
            type: 'boolean',
            default: false,
            description:
              'Real-time scheduling for that process, so that it does not wait for a core either. Wants `LimitRTPRIO=1`, as the unit has it, and two cores or more. Without the right to it the server says so and starts.',
          },
        },
      },
      decisionSeconds: seconds(60, 3600, 'How long a decision may be relied on, at most.'),
      outageSeconds: {
        type: 'integer',
        minimum: 0,
        maximum: 300,
        default: 30,
        description:
          'How long hosts are admitted from memory while PostgreSQL is away, counted from the last moment at which nothing had changed. A revocation or quarantine is missed no longer than that. 0: never.',
      },
      rememberedHosts: {
        type: 'integer',
        minimum: 0,
        maximum: 1000000,
        default: 10000,
        description: 'Of how many hosts, asked about last, the verdict is remembered for that, about 8 kB each.',
      },
      zoneLabel: label('zone', 'The label of a host that says in which zone it is.'),
      tenantLabel: label('tenant', 'The label of a host that sets it apart for one tenant.'),
    }),
    revocation: section(
      'Revocation lists of the authorities that vouch for TPMs. Nothing is fetched unless a host is named.',
      {
        fetchHosts: {
          type: 'array',
          maxItems: 100,
          default: [],
          description:
            'Hosts that lists may be fetched from, with the port where it is not the usual one. Lists are fetched from where an operator said, never from where a certificate points.',
          items: { type: 'string', pattern: '^[a-z0-9.-]+(?::[0-9]{1,5})?$' },
        },
        refreshSeconds: seconds(3600, 604800, 'How often lists with an address are fetched again.'),
      },
    ),
    intermediates: section(
      'Authorities between TPMs and trust anchors that hosts need not send. Nothing is fetched unless a host is named.',
      {
        fetchHosts: {
          type: 'array',
          maxItems: 100,
          default: [],
          description:
            'Hosts that intermediates may be fetched from, with the port where it is not the usual one. They are fetched from where an operator said, never from where a certificate points.',
          items: { type: 'string', pattern: '^[a-z0-9.-]+(?::[0-9]{1,5})?$' },
        },
        refreshSeconds: seconds(86400, 2592000, 'How often each address is asked again.'),
        maximum: {
          type: 'integer',
          minimum: 1,
          maximum: 10000,
          default: 512,
          description: 'How many are stored. Those past their end make room.',
        },
      },
    ),
    events: eventsSchema,
    retention: retentionSchema,
    lockout: lockoutSchema,
    breakGlass: breakGlassSchema,
    kubernetes: section('How clusters are answered: the webhook and the scheduler extender.', {
      prefix: {
        type: 'string',
        pattern: '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$',
        default: 'touchstone',
        description: 'What stands before the slash of the annotations by which pods demand more.',
      },
      namespaces: {
        type: 'array',
        maxItems: 10000,
        default: [],
        description:
          'What pods of a namespace demand of their node, whatever they say themselves; `*` is every namespace not named.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['name'],
          properties: {
            name: {
              type: 'string',
              pattern: '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?|\\*)$',
              description: 'The namespace, or `*`.',
            },
            minimumStatus: {
              type: 'string',
              enum: ['affirming', 'warning'],
              description: '`warning` accepts a node with warnings, too. `affirming` unless told.',
            },
            maxAgeSeconds: {
              type: 'integer',
              minimum: 1,
              maximum: 999999999,
              description: 'How old the evidence may be.',
            },
            requireLabels: {
              type: 'object',
              maxProperties: 64,
              additionalProperties: { type: 'string', maxLength: 256 },
              description: 'Labels that the host must have, each with its value.',
            },
            zone: { type: 'string', minLength: 1, maxLength: 256, description: 'The zone of the host.' },
            tenant: {
              type: 'string',
              minLength: 1,
              maxLength: 256,
              description: 'For whom it may be set apart. A host of another tenant is denied.',
            },
            confidentialComputing: {
              type: 'boolean',
              description: 'Whether the host must be able to run confidential guests.',
            },
            refuseHeld: {
              type: 'boolean',
              description:
                'Whether a status that lockout protection holds, or that rests on a break-glass statement, is denied.',
            },
          },
        },
      },
    }),
    goldenQuorum: {
      type: 'integer',
      minimum: 1,
      maximum: 16,
      default: 2,
      description: 'How many distinct operators must sign a golden measurement.',
    },
    allowSingleOperator: {
      type: 'boolean',
      default: false,
      description: 'Permits `goldenQuorum: 1`. For trials: one operator then approves alone.',
    },
    lockSigners: {
      type: 'boolean',
      default: false,
      description:
        'Refuses new signers. Set it once every signer is known: then no operator token can bring about a quorum of its own.',
    },
    limits: section('Bounds for what strangers send.', {
      bodyBytes: {
        type: 'integer',
        minimum: 65536,
        maximum: 16777216,
        default: 3145728,
        description:
          'Largest request body, evidence excepted. Of bodies that are still coming, 32 of this size are kept in memory at once for those without a right of their own, and as many for all others.',
      },
      evidenceBytes: {
        type: 'integer',
        minimum: 65536,
        maximum: 67108864,
        default: 33554432,
        description: 'Largest body of an attestation.',
      },
      hostRequests: {
        type: 'integer',
        minimum: 2,
        maximum: 10000,
        default: 64,
        description:
          'How many requests of hosts are worked on at once. Beyond that hosts are told when to come back (503, Retry-After).',
      },
      connections: {
        type: 'integer',
        minimum: 16,
        maximum: 1000000,
        default: 8192,
        description:
          'How many connections there may be, about 70 kB of memory each over TLS. Beyond that the idle ones are closed, and whoever dials meanwhile has to dial again, unless most of those that asked nothing yet come from one other address (of IPv6: network): one of these gives way.',
      },
      headersSeconds: seconds(
        10,
        60,
        'How long a client has for its TLS handshake, once that has begun, and again for its headers.',
      ),
      requestSeconds: seconds(60, 600, 'How long a client has for a whole request.'),
      stallSeconds: seconds(
        30,
        60,
        'How long a client may take nothing of an answer. Of a large one it has to take 128 KiB in that time, over and over. Of all answers that are not taken yet 256 MiB are kept in memory: beyond that, connections of the caller for whom most is kept are cut, first those where nothing was taken for longest.',
      ),
    }),
    log: section(
      'The log: JSON lines on standard error. Nothing waits for whoever reads them: what is not taken is lost beyond 1 MiB, and counted.',
      {
        level: {
          type: 'string',
          enum: ['debug', 'info', 'warn', 'error', 'silent'],
          default: 'info',
          description: 'The least important kind of line that is written.',
        },
      },
    ),
  },
} as const;
