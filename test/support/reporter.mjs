// Mocha reporter: mocha's own `spec`, and at the very end the one line that a gate reads: `N passed, N failed, N skipped`.
import process from 'node:process';
import Mocha from 'mocha';

export default class GateReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    let hasEnded = false;
    runner.once('end', () => (hasEnded = true));
    process.on('exit', () => {
      const { passes = 0, failures = 0, pending = 0 } = this.stats;
      // The runner waits for each of its processes to end, and ends itself without a word, as if all were well, where one of
      // them died when it had nothing to run.
      if (!hasEnded) process.exitCode = 1;
      const lost = hasEnded
        ? ''
        : '\nA process of tests died with nothing to run: what failed is told above, and not again.\n\n';
      process.stdout.write(`${lost}${passes} passed, ${failures + (hasEnded ? 0 : 1)} failed, ${pending} skipped\n`);
    });
  }
}
