// What holds around every test, whatever its file.
import { relative } from 'node:path';
import process from 'node:process';
import { watchOver } from './watch-over.mjs';

/** Longer than any test may take by the timer of the runner. */
const secondsWithoutLife = 600;

// The process that only gathers what others found runs no test.
const say = process.env['MOCHA_WORKER_ID'] === undefined ? () => undefined : watchOver(secondsWithoutLife);

export const mochaHooks = {
  beforeEach() {
    const { file, fullTitle } = this.currentTest;
    say(`${relative(process.cwd(), file)}: ${fullTitle.call(this.currentTest)}`);
  },
};
