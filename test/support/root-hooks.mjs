// What holds around every test, whatever its file.
import { relative } from 'node:path';
import process from 'node:process';
import { watchOver } from './watch-over.mjs';

/** Longer than what tests wait for without an event loop, and longer than any test takes. */
const limits = { secondsStill: 900, secondsWithoutTest: 1500 };

// The process that only gathers what others found runs no test.
const say = process.env['MOCHA_WORKER_ID'] === undefined ? () => undefined : watchOver(limits);

export const mochaHooks = {
  beforeEach() {
    const { file, fullTitle } = this.currentTest;
    say(`${relative(process.cwd(), file)}: ${fullTitle.call(this.currentTest)}`);
  },
};
