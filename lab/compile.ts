// Compiles sources for a guest, where there is no build of them as they are now, and what a test starts beside a build.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** File by file and without type checks, which `npm run check` does: the output is that of the build.
 * @param project folder with the compiler's settings
 * @param source folder of sources */
export function compile(project: string, source: string, output: string): void {
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
