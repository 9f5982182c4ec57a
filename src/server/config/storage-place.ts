// The address of a PostgreSQL database, and what is refused in it.
export interface PostgresConfig {
  /** `postgres://user@host:port/database`, with `sslmode` and `host` where it says so. */
  readonly url: string;
  /** Absolute. */
  readonly passwordFile: string | undefined;
  /** Absolute. PEM. */
  readonly caFile: string | undefined;
  /** What the server shows of itself, where the database asks for it. Absolute. PEM. Both or none. */
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  readonly connections: number;
}

export interface StoragePlace {
  /** A name, an address, or the directory of a socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly database: string;
  /** Whether TLS is demanded, and the server's certificate with its name. There is no TLS that is not verified. */
  readonly isVerified: boolean;
}

/** Where a URL leads to. Over a network TLS is verified; on this machine only where `sslmode=verify-full` says so. */
export function storagePlaceOf(url: string): StoragePlace {
  const { hostname, port, username, pathname, searchParams } = new URL(url);
  const host = searchParams.get('host') ?? decodeURIComponent(hostname).replace(/^\[(.*)\]$/, '$1');
  return {
    host,
    port: port === '' ? 5432 : Number(port),
    user: username === '' ? undefined : decodeURIComponent(username),
    database: decodeURIComponent(pathname.slice(1)),
    isVerified: searchParams.get('sslmode') === 'verify-full' || !isOnThisMachine(host),
  };
}

/** What is well formed and still refused. */
export function findUnsafeStorage(
  storage: string,
  { certFile, keyFile }: Partial<Pick<PostgresConfig, 'certFile' | 'keyFile'>> = {},
): string[] {
  if (storage === 'sqlite') return [];
  if (!URL.canParse(storage)) return ['storage: this is no URL'];
  const { password, searchParams } = new URL(storage);
  const { host, database, isVerified } = storagePlaceOf(storage);
  const mistakes: string[] = [];
  if (password !== '') mistakes.push('storage: the password belongs into a file of its own, see postgres.passwordFile');
  if (host === '') mistakes.push('storage: the URL names no host');
  if (database === '') mistakes.push('storage: the URL names no database');
  const mode = searchParams.get('sslmode') ?? 'verify-full';
  if (mode !== 'verify-full' && (mode !== 'disable' || isVerified)) {
    mistakes.push('storage: sslmode is verify-full, or disable where the database is on this machine');
  }
  if ((certFile === undefined) !== (keyFile === undefined)) {
    mistakes.push('postgres: certFile and keyFile go together');
  }
  if (certFile !== undefined && !isVerified) {
    mistakes.push('postgres.certFile: without TLS no certificate is shown; add sslmode=verify-full to storage');
  }
  for (const name of searchParams.keys()) {
    if (name !== 'sslmode' && name !== 'host') mistakes.push(`storage: unknown parameter ${name}`);
  }
  return mistakes;
}

function isOnThisMachine(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
