// A real kube-apiserver and its etcd. Nobody packages the first, so it is built from Debian's own source package of Kubernetes with
// Debian's Go: fetched by apt, which checks the archive's signature, unpacked into the cache, and never installed.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, fetchPackage } from '../guest-packages.ts';
import { LabError } from '../lab-error.ts';
import { runProgram } from '../program.ts';

export interface ClusterPrograms {
  readonly apiServer: string;
  readonly etcd: string;
}

const goPackages = ['golang-1.19-go', 'golang-1.19-src'];
/** Two cores, idle: about seven minutes. */
const buildMs = 3 * 3600_000;

/** @throws LabError */
export async function findClusterPrograms(print: (text: string) => void): Promise<ClusterPrograms> {
  const etcd = join(await fetchPackage('etcd-server'), 'usr/bin/etcd');
  const given = process.env['TOUCHSTONE_KUBE_APISERVER'];
  const apiServer = given ?? join(cacheFolder(), 'kube-apiserver');
  if (!existsSync(apiServer)) {
    if (given !== undefined) throw new LabError(`TOUCHSTONE_KUBE_APISERVER names ${given}, which does not exist.`);
    print('building kube-apiserver from its source; once, about ten minutes …\n');
    await build(apiServer);
  }
  return { apiServer, etcd };
}

async function build(target: string): Promise<void> {
  mkdirSync(cacheFolder(), { recursive: true });
  const work = mkdtempSync(join(cacheFolder(), 'build-'));
  try {
    const go = await mergeGo(work);
    const source = await fetchSource(work);
    // Kubernetes' own generators look for it below its import path.
    mkdirSync(join(source, '.go/src/k8s.io'), { recursive: true });
    symlinkSync('../../..', join(source, '.go/src/k8s.io/kubernetes'));
    const settings = [
      `GOROOT=${go}`,
      `GOPATH=${join(source, '.go')}`,
      `GOCACHE=${join(work, 'cache')}`,
      `HOME=${work}`,
      `PATH=${join(go, 'bin')}:${process.env['PATH'] ?? ''}`,
      'GO111MODULE=off',
      'CGO_ENABLED=0',
      'GOFLAGS=-p=2',
      'GOMAXPROCS=2',
    ];
    const make = ['nice', '-n', '15', 'make', 'WHAT=cmd/kube-apiserver'];
    await runProgram('env', [...settings, ...make], { cwd: source, timeoutMs: buildMs });
    renameSync(join(source, '_output/local/bin/linux/amd64/kube-apiserver'), target);
  } finally {
    // Go makes what it caches read-only, and root may remove it all the same.
    rmSync(work, { recursive: true, force: true });
  }
}

/** Debian keeps sources and compiler in two packages that are one tree. */
async function mergeGo(work: string): Promise<string> {
  const tree = join(work, 'go');
  mkdirSync(tree);
  for (const name of goPackages) await runProgram('cp', ['-a', `${await fetchPackage(name)}/.`, tree]);
  return join(tree, 'usr/lib/go-1.19');
}

/** Source packages are fetched from where the machine's packages come from, with lists of their own: the machine's stay as they are. */
async function fetchSource(work: string): Promise<string> {
  const policy = await runProgram('apt-cache', ['policy', 'etcd-server']);
  const [, mirror, suite] = /\d+ (https?:\/\/\S+) (\w+)\/main /.exec(policy) ?? [];
  if (mirror === undefined || suite === undefined)
    throw new LabError(`apt does not say where etcd-server comes from: ${policy}`);
  for (const folder of ['lists/partial', 'archives/partial', 'parts'])
    mkdirSync(join(work, 'apt', folder), { recursive: true });
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  writeFileSync(join(work, 'apt/sources.list'), `deb-src [signed-by=${keyring}] ${mirror} ${suite} main\n`);
  const options = [
    `Dir::Etc::sourcelist=${join(work, 'apt/sources.list')}`,
    `Dir::Etc::sourceparts=${join(work, 'apt/parts')}`,
    `Dir::State::Lists=${join(work, 'apt/lists')}`,
    `Dir::Cache=${join(work, 'apt')}`,
  ].flatMap((option) => ['-o', option]);
  await runProgram('apt-get', [...options, '-qq', 'update'], { cwd: work, timeoutMs: 600_000 });
  await runProgram('apt-get', [...options, '-qq', 'source', 'kubernetes'], { cwd: work, timeoutMs: 600_000 });
  const folder = readdirSync(work, { withFileTypes: true }).find(
    (one) => one.isDirectory() && one.name.startsWith('kubernetes-'),
  );
  if (folder === undefined) throw new LabError('apt-get source left no folder of Kubernetes');
  return join(work, folder.name);
}
