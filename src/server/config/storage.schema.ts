// Where the server keeps what it knows: in its data directory, or in PostgreSQL.
import { section } from './schema-parts.ts';

const file = (description: string) => ({ type: 'string', minLength: 1, maxLength: 4096, description }) as const;

export const storageSettings = {
  storage: {
    type: 'string',
    pattern: '^(?:sqlite|postgres(?:ql)?://[!-~]{1,2000})$',
    default: 'sqlite',
    description:
      '`sqlite`: in the data directory, for one server. `postgres://user@host:port/database`: in PostgreSQL, which several servers share. See docs/postgresql.md.',
  },
  postgres: section('How PostgreSQL is reached, where `storage` names it.', {
    passwordFile: file(
      'The password in a file of its own, mode 0600, read for each connection. Relative to the data directory. Without it `PGPASSWORD` of the environment counts.',
    ),
    caFile: file(
      "Certificates that the database's is verified with instead of the system's, PEM. Relative to the data directory.",
    ),
    certFile: file(
      'The certificate that the server shows to a database that asks for one (`clientcert=verify-full`), PEM. Relative to the data directory.',
    ),
    keyFile: file('The private key of `certFile`, mode 0600. Relative to the data directory.'),
    connections: {
      type: 'integer',
      minimum: 2,
      maximum: 200,
      default: 10,
      description: 'How many connections this server makes at most, beside one that listens.',
    },
  }),
} as const;
