// Mocha reporter: mocha's own `spec`, and at the very end the one line that a gate reads: `N passed, N failed, N skipped`.
import Mocha from 'mocha';

export default class GateReporter extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const { passes = 0, failures = 0, pending = 0 } = this.stats;
      process.on('exit', () => {
        process.stdout.write(`${passes} passed, ${failures} failed, ${pending} skipped\n`);
      });
    });
  }
}
