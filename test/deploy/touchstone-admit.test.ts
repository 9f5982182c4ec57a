// The shell client of the hooks: it allows by exit status 0, and every way to fail is a no.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { trustedWorld } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { listenOnLoopback, type Loopback } from '../support/loopback.ts';

const client = fileURLToPath(new URL('../../deploy/hypervisor/touchstone-admit', import.meta.url));

describe('touchstone-admit', () => {
  let folder: string;
  let server: TestServer;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'td admit '));
    server = await startTestServer();
    await trustedWorld(server);
    writeFileSync(join(folder, 'token'), `${await server.token('orchestrator')}\n`);
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Ran {
    readonly status: number;
    readonly stderr: string;
  }
  const admit = (settings: Readonly<Record<string, string>> = {}, args: readonly string[] = []): Promise<Ran> => {
    const conf = join(folder, 'admission.conf');
    const all = {
      TOUCHSTONE_SERVER: server.url,
      TOUCHSTONE_HOST: 'hv-1',
      TOUCHSTONE_TOKEN_FILE: join(folder, 'token'),
      ...settings,
    };
    writeFileSync(
      conf,
      Object.entries(all)
        .map(([name, value]) => `${name}='${value}'\n`)
        .join(''),
    );
    return new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], TOUCHSTONE_ADMISSION_CONF: conf };
      const child = execFile('/bin/sh', [client, ...args], { env }, (_error, stdout, stderr) => {
        assert.equal(stdout, '', 'libvirt takes what a hook prints for the guest’s XML');
        resolve({ status: child.exitCode ?? -1, stderr });
      });
    });
  };
  const expectDenied = async (ran: Promise<Ran>, words: RegExp): Promise<void> => {
    const { status, stderr } = await ran;
    assert.match(stderr, words);
    assert.equal(status, 1);
  };

  it('allows on a trusted host, whatever the name of the workload', async () => {
    for (const args of [[], ['web'], ['a "b" \\ c\nd'], ['$(exit 3)'], ['ünïcode']])
      assert.deepEqual(await admit({}, args), { status: 0, stderr: '' }, args[0]);
  });

  it('takes the authority of the server by the name that it has everywhere, and by the one it had here', async () => {
    for (const name of ['TOUCHSTONE_CA', 'TOUCHSTONE_CA_FILE'])
      await expectDenied(
        admit({ TOUCHSTONE_SERVER: server.url.replace('http:', 'https:'), [name]: '/nowhere/ca.pem' }),
        /\/nowhere\/ca\.pem/,
      );
  });

  it('denies for each reason of the server, and says it', async () => {
    await expectDenied(
      admit({ TOUCHSTONE_HOST: 'nobody' }),
      /^touchstone denies: HOST_UNKNOWN: the host is not enrolled/,
    );
    await expectDenied(admit({ TOUCHSTONE_TENANT: 'red "x"' }), /TENANT_MISMATCH/);
    server.advance(30);
    assert.equal((await admit({ TOUCHSTONE_MAX_AGE_SECONDS: '31' })).status, 0);
    await expectDenied(admit({ TOUCHSTONE_MAX_AGE_SECONDS: '30' }), /VERDICT_TOO_OLD/);
  });

  it('denies when it is not set up', async () => {
    await expectDenied(admit({ TOUCHSTONE_SERVER: '' }), /TOUCHSTONE_SERVER is not set/);
    for (const clear of [
      'http://attest.invalid:8443',
      'http://127.0.0.1.invalid',
      'http://localhostile:1',
      'attest.invalid',
    ])
      await expectDenied(admit({ TOUCHSTONE_SERVER: clear }), /TOUCHSTONE_SERVER .* needs https/);
    await expectDenied(admit({ TOUCHSTONE_HOST: '' }), /TOUCHSTONE_HOST/);
    for (const seconds of ['0', '00', 'x', '5s', '-1'])
      await expectDenied(admit({ TOUCHSTONE_TIMEOUT_SECONDS: seconds }), /TOUCHSTONE_TIMEOUT_SECONDS/);
    await expectDenied(admit({ TOUCHSTONE_HOST: 'hv-1", "x": "' }), /TOUCHSTONE_HOST/);
    await expectDenied(admit({ TOUCHSTONE_MAX_AGE_SECONDS: '1e9' }), /not a number/);
    await expectDenied(admit({ TOUCHSTONE_TOKEN_FILE: join(folder, 'none') }), /token .* cannot be read/);
    writeFileSync(join(folder, 'two'), 'one\nheader = "x: y"\n');
    await expectDenied(admit({ TOUCHSTONE_TOKEN_FILE: join(folder, 'two') }), /does not hold one token/);
  });

  it('denies a token that the server does not know, and shows its answer', async () => {
    writeFileSync(join(folder, 'wrong'), 'nonsense');
    await expectDenied(admit({ TOUCHSTONE_TOKEN_FILE: join(folder, 'wrong') }), /the server answered 401: .*AUTH_/s);
  });

  it('asks for one argument, and teaches', async () => {
    for (const args of [['--help'], ['a', 'b']]) {
      const { status, stderr } = await admit({}, args);
      assert.equal(status, 2);
      assert.match(stderr, /touchstone-admit \[WORKLOAD\]/);
    }
  });

  describe('against what is no Touchstone server', () => {
    let other: Loopback | undefined;
    const answering = async (listener: RequestListener): Promise<{ readonly TOUCHSTONE_SERVER: string }> => {
      other = await listenOnLoopback(createServer(listener));
      return { TOUCHSTONE_SERVER: other.url };
    };
    afterEach(() => other?.close());

    it('denies when nobody listens', async () => {
      await expectDenied(admit({ TOUCHSTONE_SERVER: 'http://127.0.0.1:1' }), /the server could not be asked/);
    });

    it('denies what is not exactly an allow', async () => {
      const answers = [
        [200, ''],
        [200, 'allowed'],
        [200, 'hello\nallow\n200'],
        [500, 'allow\n'],
        [201, 'allow\n'],
      ] as const;
      for (const [status, text] of answers) {
        const where = await answering((_request, response) => response.writeHead(status).end(text));
        await expectDenied(admit(where), /^touchstone denies: (what answered is not|the server answered)/);
        await other?.close();
      }
    });

    it('follows no redirection', async () => {
      const where = await answering((request, response) => {
        if (request.url === '/allow') response.end('allow\n');
        else response.writeHead(307, { location: '/allow' }).end();
      });
      await expectDenied(admit(where), /the server answered 307/);
    });

    it('denies after its time, and shows the token to nobody meanwhile', async () => {
      const secret = readFileSync(join(folder, 'token'), 'utf8').trim();
      let seen: readonly string[] = [];
      const where = await answering((request) => {
        assert.equal(request.headers.authorization, `Bearer ${secret}`);
        seen = commandLines();
      });
      await expectDenied(admit({ ...where, TOUCHSTONE_TIMEOUT_SECONDS: '1' }), /could not be asked/);
      assert.ok(seen.some((line) => line.includes('curl') && line.includes('/v1/admission/decisions')));
      assert.ok(!seen.some((line) => line.includes(secret)));
    });
  });
});

/** What every user of this system sees of its processes. */
function commandLines(): readonly string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.flatMap((id) => {
    try {
      return [readFileSync(`/proc/${id}/cmdline`, 'utf8')];
    } catch {
      return [];
    }
  });
}
