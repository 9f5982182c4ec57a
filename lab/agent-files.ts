// Our agent as it would be installed: the compiled sources and the packages they load, laid out below a folder.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const project = fileURLToPath(new URL('../', import.meta.url));

/** Packages that only rooms of the server load: one of them is compiled for the machine that installed it. */
const serverOnly = new Set(['better-sqlite3', 'express', 'helmet', 'pino']);

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Lays out `dist/`, `node_modules/` and `package.json` below `folder`. Always from the sources as they are now, so that
 * no build of yesterday is tested. */
export function layOutAgent(folder: string): void {
  mkdirSync(folder, { recursive: true });
  cpSync(join(project, 'package.json'), join(folder, 'package.json'));
  compile(join(project, 'src'), join(folder, 'dist'));
  for (const name of packagesBelow(Object.keys(readManifest(project).dependencies ?? {}))) {
    const place = join('node_modules', name);
    cpSync(join(project, place), join(folder, place), { recursive: true, dereference: true });
  }
}

/** File by file and without type checks, which `npm run check` does: the output is that of the build. */
function compile(source: string, output: string): void {
  const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
  const configuration = ts.getParsedCommandLineOfConfigFile(
    join(project, 'tsconfig.build.json'),
    {},
    {
      ...ts.sys,
      readFile: read,
      onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
        throw new TypeError(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
      },
    },
  );
  const compilerOptions = { ...configuration?.options, module: ts.ModuleKind.ESNext, sourceMap: false };
  for (const path of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts')) continue;
    const { outputText } = ts.transpileModule(readFileSync(join(source, path), 'utf8'), {
      compilerOptions,
      fileName: join(source, path),
    });
    const target = join(output, path.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
  cpSync(source, output, { recursive: true, filter: (path) => !path.endsWith('.ts') });
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
