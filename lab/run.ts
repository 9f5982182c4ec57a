// Tells scenarios one after another, on one machine at a time, and says how each went.
import { LabError } from './lab-error.ts';
import type { Lab } from './lab.ts';
import type { Recorder } from './recorder.ts';
import type { Outcome, Scenario } from './scenario.ts';

export interface ScenarioRecord extends Partial<Outcome> {
  readonly name: string;
  readonly title: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly failure?: string;
}

/** Prints the title of each scenario when it begins, and how it ended when it has. */
export async function runScenarios(
  lab: Lab,
  chosen: readonly Scenario[],
  { recorder, print }: { readonly recorder: Recorder; readonly print: (text: string) => void },
): Promise<readonly ScenarioRecord[]> {
  const records: ScenarioRecord[] = [];
  for (const scenario of chosen) {
    print(`${scenario.name.padEnd(20)}${scenario.title} … `);
    recorder.begin(scenario);
    const record = await runScenario(lab, scenario);
    print(`${record.ok ? formatSuccess(record) : formatFailure(record)}\n`);
    records.push(record);
  }
  return records;
}

async function runScenario(lab: Lab, scenario: Scenario): Promise<ScenarioRecord> {
  const { name, title } = scenario;
  const began = Date.now();
  const seconds = (): number => Math.round((Date.now() - began) / 1000);
  try {
    const outcome = await scenario.run(lab);
    return { name, title, ok: true, seconds: seconds(), ...outcome };
  } catch (error) {
    return { name, title, ok: false, seconds: seconds(), failure: describeFailure(error) };
  }
}

function formatSuccess({ seconds, status, codes = [] }: ScenarioRecord): string {
  return `ok, ${seconds} s: ${[status, ...codes].join(' ')}`;
}

function formatFailure({ seconds, failure = '' }: ScenarioRecord): string {
  return `FAILED, ${seconds} s\n${failure}`;
}

/** With the stack where it is not a message to the person at the keyboard. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncause: ${describeFailure(error.cause)}`;
  return `${error instanceof LabError ? error.message : (error.stack ?? error.message)}${cause}`;
}
