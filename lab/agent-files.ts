// Our agent as it would be installed: the compiled sources and the packages they load, laid out below a folder.
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../test/support/program.ts';

const project = fileURLToPath(new URL('../', import.meta.url));

/** Packages that only rooms of the server load: one of them is compiled for the machine that installed it. */
const serverOnly = new Set(['better-sqlite3', 'express', 'helmet', 'pino']);

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Lays out `dist/`, `node_modules/` and `package.json` below `folder`. Always of the sources as they are now: what was built of
 * them, and where nothing was, they are compiled for the guest. */
export async function layOutAgent(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  cpSync(join(project, 'package.json'), join(folder, 'package.json'));
  const program = join(folder, 'dist');
  if (build === undefined) (await import('./compile.ts')).compile(project, join(project, 'src'), program);
  else cpSync(build, program, { recursive: true, filter: (path) => !path.endsWith('.js.map') });
  for (const name of packagesBelow(Object.keys(readManifest(project).dependencies ?? {}))) {
    const place = join('node_modules', name);
    cpSync(join(project, place), join(folder, place), { recursive: true, dereference: true });
  }
}

function packagesBelow(names: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name) || serverOnly.has(name) || !existsSync(join(project, 'node_modules', name))) return;
    found.add(name);
    Object.keys(readManifest(join(project, 'node_modules', name)).dependencies ?? {}).forEach(visit);
  };
  names.forEach(visit);
  return found;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}
