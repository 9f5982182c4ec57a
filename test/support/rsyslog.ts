// Debian's syslog daemon on loopback, over TLS, which writes what it understood of each message as a line of JSON.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { createTlsFiles } from './tls-files.ts';
import { untilListening } from './until-listening.ts';

export interface RsyslogLine {
  readonly pri: string;
  readonly time: string;
  readonly hostname: string;
  readonly application: string;
  readonly msgid: string;
  readonly data: string;
  readonly msg: string;
}

export interface Rsyslog {
  readonly port: number;
  /** That of `localhost`, which signs itself. */
  readonly certFile: string;
  lines(): readonly RsyslogLine[];
  stop(): Promise<void>;
}

const program = ['/usr/sbin/rsyslogd', '/sbin/rsyslogd'].find((path) => existsSync(path)) ?? 'rsyslogd';
const properties = ['pri', 'hostname', 'msgid', 'msg'] as const;

export async function startRsyslog(): Promise<Rsyslog> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-rsyslog-'));
  const { certFile, keyFile } = createTlsFiles(folder, 'localhost');
  const [port, out] = [await freePort(), join(folder, 'out')];
  const property = (outname: string, name: string) => `property(outname="${outname}" name="${name}" format="jsonf")`;
  const files = `defaultNetstreamDriverCAFile="${certFile}" defaultNetstreamDriverCertFile="${certFile}" defaultNetstreamDriverKeyFile="${keyFile}"`;
  const settings = `
    global(workDirectory="${folder}" maxMessageSize="64k" parser.escapeControlCharactersOnReceive="off" ${files})
    module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1" streamDriver.authMode="anon")
    input(type="imtcp" port="${port}" address="127.0.0.1")
    template(name="parsed" type="list" option.jsonf="on") {
      ${properties.map((name) => property(name, name)).join('\n')}
      property(outname="time" name="timestamp" dateFormat="rfc3339" format="jsonf")
      ${property('application', 'app-name')}
      ${property('data', 'structured-data')}
    }
    action(type="omfile" file="${out}" template="parsed")
  `;
  writeFileSync(join(folder, 'rsyslog.conf'), settings);
  const child = spawn(program, ['-n', '-f', join(folder, 'rsyslog.conf'), '-i', join(folder, 'pid')], {
    stdio: 'ignore',
  });
  const exit = once(child, 'exit');
  await untilListening(port);
  return {
    port,
    certFile,
    lines: () =>
      (existsSync(out) ? readFileSync(out, 'utf8') : '')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as RsyslogLine),
    stop: async () => {
      child.kill('SIGTERM');
      await exit;
      rmSync(folder, { recursive: true });
    },
  };
}
