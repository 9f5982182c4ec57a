// The product, as tests start it in processes of their own: its build where that is one of the sources as they are now, and else
// the sources themselves. Through the loader of TypeScript every start costs one or two seconds more of a processor.
import childProcess, { type ForkOptions } from 'node:child_process';
import cluster from 'node:cluster';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, sep } from 'node:path';

const root = join(import.meta.dirname, '../..');
const [built, sources] = [join(root, 'dist'), join(root, 'src')];
const isBuilt = isBuildOf(built, sources, join(root, 'tsconfig.json'), join(root, 'tsconfig.build.json'));

/** Folder of the build, where it is one of the sources as they are now. */
export const build: string | undefined = isBuilt ? built : undefined;

/** What Node is told before a program: nothing where it is built. */
export const loader: readonly string[] = isBuilt ? [] : [`--import=${join(root, 'node_modules/tsx/dist/loader.mjs')}`];

/** The arguments of Node that start `touchstone`. */
export const touchstone: readonly string[] = [...loader, programFile('cli/main')];

/** A module of the product, as a process without a loader of its own can import it. */
export function programFile(module: string): string {
  return isBuilt ? join(built, `${module}.js`) : join(sources, `${module}.ts`);
}

/** From now on, a module of the sources that a server in this very process forks (a walk over the fleet, the key in a token, a
 * worker) is that of the build, where there is one; without it nothing changes. Returns what ends that. */
export function forkTheBuild(): () => void {
  const { fork } = childProcess;
  const setupPrimary = cluster.setupPrimary.bind(cluster);
  const set = (forking: typeof fork, setting: typeof setupPrimary): void => {
    childProcess.fork = forking;
    cluster.setupPrimary = setting;
    syncBuiltinESMExports();
  };
  if (build !== undefined)
    set(
      ((module: string, ...rest: [ForkOptions]) => {
        const built = builtOf(module);
        if (built === undefined || Array.isArray(rest[0])) return fork(module, ...rest);
        return fork(built, { ...rest[0], execArgv: [] });
      }) as typeof fork,
      (settings) => {
        const built = builtOf(settings?.exec ?? '');
        setupPrimary(built === undefined ? settings : { ...settings, exec: built, execArgv: [] });
      },
    );
  return () => set(fork, setupPrimary);
}

/** What the build has of a module of the sources. */
function builtOf(module: string): string | undefined {
  if (!module.startsWith(sources + sep) || !module.endsWith('.ts')) return undefined;
  return programFile(module.slice(sources.length + 1, -'.ts'.length));
}

/** Whether `build` has every file of `sources`, none of them older than its source or than `settings`. */
export function isBuildOf(build: string, sources: string, ...settings: readonly string[]): boolean {
  const newest = Math.max(0, ...settings.map(changedMs));
  return readdirSync(sources, { recursive: true, encoding: 'utf8' }).every((path) => {
    const [source, target] = [join(sources, path), join(build, path.replace(/\.ts$/, '.js'))];
    if (statSync(source).isDirectory()) return true;
    return existsSync(target) && changedMs(target) >= Math.max(newest, changedMs(source));
  });
}

function changedMs(path: string): number {
  return statSync(path).mtimeMs;
}
