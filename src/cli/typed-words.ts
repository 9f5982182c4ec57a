// What the contract refuses of a request, in the words of who typed it: it names fields, and people know options and arguments.
import type { Command } from 'commander';
import type { Refusal } from './report.ts';

const refused = /^(path|query|body)\.([\w.-]+): (.*)$/s;

/** Where a command that changes a policy asks first what the policy would do: the document lies deeper in that request. */
const withinQuestion = /^policies\.0\.policy\./;

/** Of a field that no option stands for, as in a document that a file holds, its place within that. */
export function inTypedWords(refusal: Refusal, command: Command | undefined): Refusal {
  const [, part, field, problem] = (refusal.code === 'REQUEST_INVALID' && refused.exec(refusal.message)) || [];
  if (field === undefined || problem === undefined) return refusal;
  const typed = findOption(command, field) ?? (part === 'path' ? findArgument(command, field) : undefined);
  return {
    ...refusal,
    message: `${typed ?? field.replace(withinQuestion, '')}: ${problem}`,
    remedy: 'Correct what the message names. --help shows the options, openapi.yaml each field.',
  };
}

/** Fields that say their unit, which an option takes with its value. */
const inSeconds: Readonly<Record<string, readonly string[]>> = {
  expiresInSeconds: ['expiresIn', 'for'],
  maxAgeSeconds: ['maxAge'],
  signsInSeconds: ['signsIn'],
};

/** An option may be given several times for a field of the plural; of a document that it names, the place within that stays. */
function findOption(command: Command | undefined, field: string): string | undefined {
  const parts = field.split('.');
  for (const [index, part] of parts.entries()) {
    const names = [part, part.replace(/s$/, ''), part.replace(/ies$/, 'y'), ...(inSeconds[part] ?? [])];
    const long = command?.options.find((option) => names.includes(option.attributeName()))?.long;
    if (long === undefined) continue;
    const within = parts.slice(index + 1).join('.');
    return /^\d*$/.test(within) ? long : `${long} (${within})`;
  }
  return undefined;
}

function findArgument(command: Command | undefined, field: string): string | undefined {
  const names = (command?.registeredArguments ?? []).map((argument) => argument.name());
  const found = names.length === 1 ? names[0] : names.find((name) => field.startsWith(name));
  return found === undefined ? undefined : `<${found}>`;
}
