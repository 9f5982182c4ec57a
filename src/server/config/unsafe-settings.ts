// Settings that are well formed and still refused: alone, or beside each other.
import type { AuthorityConfig, ServerConfig } from './config.ts';

/** Before paths are resolved: `storage` is as the file says it. */
export type WrittenSettings = Omit<ServerConfig, 'dataDirectory' | 'tls' | 'storage'> &
  Partial<Pick<ServerConfig, 'tls'>> & { readonly storage: string };

/** One line each. */
export function findUnsafe(settings: WrittenSettings): string[] {
  const mistakes: string[] = [];
  if (settings.workers > 1 && settings.storage === 'sqlite') {
    mistakes.push(
      'workers: SQLite has one writer, for which several processes would only wait; set workers to 1, or storage to a PostgreSQL ' +
        '(`touchstone storage migrate` moves there what you have)',
    );
  }
  mistakes.push(...findUnsafeAddresses(settings));
  if (settings.tls === undefined && settings.auth.clients.length > 0) {
    mistakes.push('auth.clients: client certificates need tls');
  }
  if (settings.goldenQuorum < 2 && !settings.allowSingleOperator) {
    mistakes.push('goldenQuorum: 1 lets one operator approve alone; if you want that, set allowSingleOperator: true');
  }
  const { certificateFile, keyFile } = settings.events.syslog;
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    mistakes.push('events.syslog: certificateFile and keyFile go together');
  }
  mistakes.push(...findUnsafeAuthorities(settings.attestationCa), ...findUnsafeRetention(settings));
  for (const { name, role, host } of settings.auth.clients) {
    if ((role === 'host') !== (host !== undefined))
      mistakes.push(`auth.clients: ${name}: role host and host go together`);
  }
  return mistakes;
}

function findUnsafeAddresses({
  listen,
  admission,
  tls,
}: Pick<ServerConfig, 'listen' | 'admission'> & Partial<Pick<ServerConfig, 'tls'>>): string[] {
  const addresses = [
    ['listen.host', listen],
    ['admission.listen.host', admission.listen],
  ] as const;
  const unsafe = addresses
    .filter(([, address]) => tls === undefined && address !== undefined && !isLoopback(address.host))
    .map(([at]) => `${at}: without tls the server listens on loopback addresses only (127.0.0.1, ::1, localhost)`);
  // Whether two hosts are one address only the system knows.
  const isShared = listen.port !== 0 && listen.port === admission.listen?.port;
  return isShared ? [...unsafe, 'admission.listen.port: another one than listen.port'] : unsafe;
}

/** What a hold rests on must not be swept while it may be needed. */
function findUnsafeRetention({ lockout, retention }: Pick<ServerConfig, 'lockout' | 'retention'>): string[] {
  const needed = lockout.windowSeconds + lockout.holdSeconds;
  if (lockout.sharePercent === undefined || retention.historyDays * 86_400 >= needed) return [];
  const days = Math.ceil(needed / 86_400);
  return [
    `retention.historyDays: at least ${days}, which is what lockout.windowSeconds and lockout.holdSeconds need together`,
  ];
}

function findUnsafeAuthorities(ca: ServerConfig['attestationCa']): string[] {
  const mistakes = [ca, ...ca.others].flatMap(({ pkcs11 }, index) => {
    const place = index === 0 ? 'attestationCa' : `attestationCa.others[${index - 1}]`;
    if (pkcs11 === undefined) return [];
    const { tokenLabel, tokenSerial, keyLabel, keyId } = pkcs11;
    return [
      ...((tokenLabel ?? tokenSerial) ? [] : [`${place}.pkcs11: name the token by tokenLabel, tokenSerial or both`]),
      ...((keyLabel ?? keyId) ? [] : [`${place}.pkcs11: name the key by keyLabel, keyId or both`]),
    ];
  });
  ca.others.forEach((other: Partial<AuthorityConfig>, index) => {
    if ((other.keyFile === undefined) === (other.pkcs11 === undefined)) {
      mistakes.push(`attestationCa.others[${index}]: has keyFile or pkcs11, and not both`);
    }
    if (other.pkcs11 !== undefined && other.certificateFile === undefined) {
      mistakes.push(`attestationCa.others[${index}]: pkcs11 needs certificateFile`);
    }
  });
  if (ca.others.length > 0 && ca.crlUrl !== undefined && !ca.crlUrl.includes('{authority}')) {
    mistakes.push('attestationCa.crlUrl: each key has a list of its own, so the URL needs {authority} in it');
  }
  return mistakes;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
