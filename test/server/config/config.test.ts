import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { checkConfig, configSchema, parseConfig, ServerError } from '../../../src/server/index.ts';

describe('the configuration', () => {
  const refuse = (text: string): string => {
    try {
      parseConfig(text, '/data');
    } catch (error) {
      assert.ok(error instanceof ServerError);
      assert.equal(error.code, 'CONFIG_INVALID');
      return error.message;
    }
    return assert.fail(`accepted: ${text}`);
  };

  it('has safe defaults: loopback, join tokens, verified TPMs, two operators', () => {
    const config = parseConfig('serverId: attest.example', '/data');
    assert.equal(config.listen.host, '127.0.0.1');
    assert.deepEqual([config.enrolment.mode, config.enrolment.allowUnverifiedEk], ['token', false]);
    assert.deepEqual([config.goldenQuorum, config.allowSingleOperator], [2, false]);
    assert.deepEqual(config.auth.clients, []);
  });

  it('has a schema that is one: what reads a configuration takes it as it is', () => {
    const rules = new Ajv2020({ strict: true, strictRequired: false });
    assert.equal(rules.validateSchema(configSchema, true), true);
    assert.throws(() => rules.validateSchema({ maxLength: 'four' }, true), /schema is invalid/);
  });

  it('reports every mistake at once, and refuses unknown settings', () => {
    const message = refuse(
      'serverId: a\nlisten: { port: 99999 }\nquorum: 1\nenrolment: { mode: free, allowAll: true }',
    );
    for (const part of ['listen.port', 'unknown setting "quorum"', 'enrolment.mode', 'unknown setting "allowAll"']) {
      assert.ok(message.includes(part), `${part} is not in: ${message}`);
    }
  });

  it('refuses to sweep what a hold of lockout protection may need, and keeps certificates for as long as a CRL names them', () => {
    const lockout = 'lockout: { sharePercent: 20, windowSeconds: 86400, holdSeconds: 3600 }';
    const of = (days: number) => `serverId: s\n${lockout}\nretention: { historyDays: ${days} }`;
    assert.match(
      refuse(of(1)),
      /^retention\.historyDays: at least 2, which is what lockout\.windowSeconds and lockout\.holdSeconds need/m,
    );
    assert.equal(parseConfig(of(2), '/nowhere').retention.historyDays, 2);
    assert.match(refuse('serverId: s\nretention: { expiredHours: 23 }'), /retention\.expiredHours/);
  });

  it('refuses an empty file, a file that is no mapping, and YAML with a key twice', () => {
    assert.match(refuse(''), /serverId/);
    assert.match(refuse('[]'), /must be object/);
    assert.equal(refuse('serverId: a\nserverId: b'), 'Map keys must be unique at line 2, column 1');
    assert.match(refuse('serverId: "'), /./);
  });

  it('listens beyond loopback only with TLS', () => {
    assert.match(refuse('serverId: a\nlisten: { host: 0.0.0.0 }'), /loopback/);
    assert.match(refuse('serverId: a\nlisten: { host: "::" }'), /loopback/);
    assert.match(refuse('serverId: a\nlisten: { host: 127.0.0.1.example.com }'), /loopback/);
    const config = checkConfig(
      { serverId: 'a', listen: { host: '0.0.0.0' }, tls: { certFile: 'a.crt', keyFile: '/b.key' } },
      '/data',
    );
    assert.deepEqual(config.tls, { certFile: '/data/a.crt', keyFile: '/b.key' });
    for (const host of ['::1', 'localhost', '127.8.8.8']) parseConfig(`serverId: a\nlisten: { host: "${host}" }`, '/d');
  });

  it('gives admission an address of its own where one is named: another port, and beyond loopback only with TLS', () => {
    assert.equal(parseConfig('serverId: a', '/d').admission.listen, undefined);
    const { admission, workers } = parseConfig('serverId: a\nadmission: { listen: { port: 8444 } }', '/d');
    assert.deepEqual([admission.listen, workers], [{ host: '127.0.0.1', port: 8444, realtime: false }, 1]);
    assert.match(refuse('serverId: a\nadmission: { listen: {} }'), /admission.listen.*port/);
    assert.match(refuse('serverId: a\nadmission: { listen: { port: 8443 } }'), /admission.listen.port: another one/);
    assert.match(
      refuse('serverId: a\nadmission: { listen: { host: 0.0.0.0, port: 1 } }'),
      /admission.listen.host.*tls/,
    );
    assert.match(refuse('serverId: a\nworkers: 2\nadmission: { listen: { port: 1 } }'), /workers: SQLite/);
  });

  it('lets one operator approve alone only by the named setting', () => {
    assert.match(refuse('serverId: a\ngoldenQuorum: 1'), /allowSingleOperator/);
    assert.match(refuse('serverId: a\ngoldenQuorum: 0\nallowSingleOperator: true'), /goldenQuorum/);
    assert.equal(parseConfig('serverId: a\ngoldenQuorum: 1\nallowSingleOperator: true', '/d').goldenQuorum, 1);
  });

  it('wants a host for the role host, and TLS for client certificates', () => {
    const spkiSha256 = 'a'.repeat(64);
    const tls = { certFile: 'a', keyFile: 'b' };
    const clients = [{ name: 'x', role: 'host', spkiSha256 }];
    assert.throws(() => checkConfig({ serverId: 'a', tls, auth: { clients } }, '/d'), /host go together/);
    assert.throws(
      () => checkConfig({ serverId: 'a', auth: { clients: [{ name: 'x', role: 'auditor', spkiSha256 }] } }, '/d'),
      /need tls/,
    );
  });

  it('leaves the object it was given alone', () => {
    const given = { serverId: 'a' };
    checkConfig(given, '/d');
    assert.deepEqual(given, { serverId: 'a' });
  });
});
