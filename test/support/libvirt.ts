// A libvirt of our own: a mount namespace in which /etc, /run, /usr/local/bin and all that libvirt writes lie in a folder.
// Nothing of this system is touched, and nothing is left but the folder.
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Libvirt {
  /** Runs a shell script inside, in a folder. */
  shell(script: string, workingFolder: string): Promise<Ran>;
  virsh(...args: readonly string[]): Promise<Ran>;
  /** Kills and starts libvirtd; its guests run on. */
  restart(): Promise<void>;
  /** Ends guests and libvirtd. */
  close(): Promise<void>;
}

/** No SELinux or AppArmor, users, control groups or namespaces, and no virtlogd: a test has none of them to give. */
const settings = `
user = "root"
group = "root"
security_driver = "none"
stdio_handler = "file"
cgroup_controllers = []
namespaces = []
remember_owner = 0
`;

const mounts = `
set -e
cp -a /etc/. "$1/etc" 2>/dev/null || true
# The package that makes this user would also start libvirt's services.
grep -q '^libvirt-qemu:' "$1/etc/passwd" || echo 'libvirt-qemu:x:64055:64055::/:/bin/false' >> "$1/etc/passwd"
grep -q '^libvirt-qemu:' "$1/etc/group" || echo 'libvirt-qemu:x:64055:' >> "$1/etc/group"
grep -q '^kvm:' "$1/etc/group" || echo 'kvm:x:64056:' >> "$1/etc/group"
mkdir -p "$1/etc/libvirt/hooks" && cp "$1/qemu.conf" "$1/etc/libvirt/qemu.conf"
for place in /etc /run /usr/local/bin /var/lib /var/log /var/cache; do mount --bind "$1$place" "$place"; done
mkdir -p /run/libvirt
echo ready
exec cat
`;

/** Why there can be none here, if so: it needs root, namespaces and libvirt's own programs. */
export function whyNoLibvirt(): string | undefined {
  if (process.getuid?.() !== 0) return 'this test makes a mount namespace, which needs root';
  if (spawnSync('unshare', ['--mount', '--propagation', 'private', 'true']).status !== 0)
    return 'no mount namespace can be made here';
  return existsSync('/usr/sbin/libvirtd') ? undefined : 'libvirt is not installed';
}

/** @param folder short: sockets lie below it */
export async function startLibvirt(folder: string): Promise<Libvirt> {
  for (const place of ['etc', 'run', 'usr/local/bin', 'var/lib', 'var/log', 'var/cache'])
    mkdirSync(join(folder, place), { recursive: true });
  writeFileSync(join(folder, 'qemu.conf'), settings);
  const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', mounts, 'sh', folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  const inside = ['--target', String(holder.pid), '--mount', '--'];
  const run = (...command: readonly string[]): Promise<Ran> => runInside([...inside, ...command]);
  const virsh = (...args: readonly string[]): Promise<Ran> => run('virsh', '--connect', 'qemu:///system', ...args);
  const logFile = join(folder, 'libvirtd.out');
  let daemon: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const log = openSync(logFile, 'a');
    const child = spawn('nsenter', [...inside, 'libvirtd'], { stdio: ['ignore', log, log] });
    closeSync(log);
    const killAtExit = (): void => void child.kill('SIGKILL');
    process.once('exit', killAtExit);
    child.once('exit', () => process.off('exit', killAtExit));
    daemon = child;
    for (let tries = 0; (await virsh('version')).status !== 0; tries += 1) {
      if (tries === 100) throw new Error(`libvirtd does not come up:\n${readFileSync(logFile, 'utf8').slice(-2000)}`);
      await sleep(100);
    }
  };
  const stop = async (): Promise<void> => {
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await ended;
  };
  await start();
  return {
    shell: (script, workingFolder) => run('sh', '-ec', `cd "$1"\n${script}`, 'sh', workingFolder),
    virsh,
    restart: async () => {
      await stop();
      await start();
    },
    close: async () => {
      for (const guest of (await virsh('list', '--name')).stdout.split('\n').filter(Boolean))
        await virsh('destroy', guest);
      await stop();
      const ended = once(holder, 'exit');
      holder.stdin.end();
      await ended;
    },
  };
}

/** Never synchronously: what runs inside may ask a server of this process. */
function runInside(command: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile('nsenter', [...command], { timeout: 60_000 }, (_error, stdout, stderr) => {
      resolve({ status: child.exitCode ?? -1, stdout, stderr });
    });
  });
}
