// Types and lint in one process: what the rules ask of types is answered by the compiler that has just looked at all of them. Apart,
// each of the two works them out for itself, which is a minute of a processor.
import { ESLint } from 'eslint';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** What is wrong with the sources of a folder with a tsconfig.json and an eslint.config.mjs, for people; empty where nothing is. A
 * warning is a failure too.
 * @throws TypeError when the settings cannot be read, or name no file */
export async function findMistakes(folder) {
  const host = { getCanonicalFileName: (name) => name, getCurrentDirectory: () => folder, getNewLine: () => '\n' };
  const { fileNames, options, errors } = readSettings(join(folder, 'tsconfig.json'), folder);
  if (errors.length > 0) throw new TypeError(ts.formatDiagnostics(errors, host));
  const program = ts.createProgram(fileNames, options);
  const mistakes = ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), host);
  return mistakes + (await lint(folder, program));
}

function readSettings(path, folder) {
  const { config, error } = ts.readConfigFile(path, ts.sys.readFile);
  if (error !== undefined) return { fileNames: [], options: {}, errors: [error] };
  return ts.parseJsonConfigFileContent(config, ts.sys, folder, undefined, path);
}

async function lint(folder, program) {
  const parserOptions = { projectService: false, programs: [program] };
  const eslint = new ESLint({
    cwd: folder,
    overrideConfig: [{ files: ['**/*.ts'], languageOptions: { parserOptions } }],
  });
  const results = await eslint.lintFiles(['.']);
  const { format } = await eslint.loadFormatter('stylish');
  return results.some(({ messages }) => messages.length > 0) ? format(results) : '';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mistakes = await findMistakes(process.cwd());
  process.stdout.write(mistakes);
  process.exitCode = mistakes === '' ? 0 : 1;
}
