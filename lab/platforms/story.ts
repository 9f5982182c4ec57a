// A story told in steps, each of which holds what was seen to what must be. The first that fails ends it: later ones rest on it.
import process from 'node:process';

export interface Step {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  /** What was seen; of a failure, why. */
  readonly seen: string;
}

export interface Story {
  /** @param act returns what was seen, in a few words */
  readonly step: (name: string, act: () => Promise<string>) => Promise<void>;
}

/** Tells a story and returns the exit status. With `--json` one document on stdout. */
export async function tellStory(tell: (story: Story, print: (text: string) => void) => Promise<void>): Promise<number> {
  const json = process.argv.includes('--json');
  const print = (text: string): void => void (json ? process.stderr : process.stdout).write(text);
  const steps: Step[] = [];
  let failure: string | undefined;
  const step: Story['step'] = async (name, act) => {
    const startedAt = performance.now();
    const note = (ok: boolean, seen: string): void => {
      const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
      steps.push({ name, ok, seconds, seen });
      print(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n       ${seen}\n`);
    };
    try {
      note(true, await act());
    } catch (error) {
      note(false, error instanceof Error ? error.message : String(error));
      throw error;
    }
  };
  try {
    await tell({ step }, print);
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    print(`\n${failure}\n`);
  }
  const failed = failure === undefined ? 0 : 1;
  const passed = steps.filter(({ ok }) => ok).length;
  if (json)
    process.stdout.write(`${JSON.stringify({ ok: failed === 0, passed, failed, steps, failure }, undefined, 2)}\n`);
  print(`${passed} passed, ${failed} failed, 0 skipped\n`);
  return failed;
}
