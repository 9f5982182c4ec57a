import assert from 'node:assert/strict';
import { Command } from 'commander';
import { inTypedWords } from '../../src/cli/typed-words.ts';

describe('what the contract refuses of a request, in the words of who typed it', () => {
  const say = (command: Command | undefined, message: string, code = 'REQUEST_INVALID') =>
    inTypedWords({ code, message, remedy: 'Compare the request with openapi.yaml.' }, command);
  const capture = new Command('capture')
    .argument('<host>')
    .option('--layer <layer>', 'may be given several times')
    .option('--max-flips <hosts>');

  it('names the option that stands for the field, also where several of it make a list', () => {
    assert.equal(say(capture, 'body.layers.0: must be one of kernel').message, '--layer: must be one of kernel');
    assert.equal(say(capture, 'query.maxFlips: must be >= 0').message, '--max-flips: must be >= 0');
    assert.match(say(capture, 'query.maxFlips: must be >= 0').remedy ?? '', /--help/);
  });

  it('names the option that takes a time, where the field counts seconds', () => {
    const say = (option: string, message: string) =>
      inTypedWords({ code: 'REQUEST_INVALID', message }, new Command('x').option(`${option} <time>`)).message;
    assert.equal(say('--for', 'body.expiresInSeconds: must be <= 9'), '--for: must be <= 9');
    assert.equal(say('--expires-in', 'body.expiresInSeconds: must be <= 9'), '--expires-in: must be <= 9');
    assert.equal(say('--max-age', 'body.maxAgeSeconds: must be <= 9'), '--max-age: must be <= 9');
  });

  it('names the argument that stands for a part of the path', () => {
    assert.equal(say(capture, 'path.hostId: must be short: 1 to 9').message, '<host>: must be short: 1 to 9');
    const label = new Command('label').argument('<host>').argument('<label...>');
    assert.equal(say(label, 'path.hostId: must be short').message, '<host>: must be short');
    assert.equal(say(label, 'path.other: must be short').message, 'other: must be short');
  });

  it('keeps the place within a document that an option names', () => {
    const whatIf = new Command('what-if').option('--policy <file>');
    const { message } = inTypedWords(
      { code: 'REQUEST_INVALID', message: 'body.policies.0.policy.layers.0: no' },
      whatIf,
    );
    assert.equal(message, '--policy (0.policy.layers.0): no');
  });

  it('leaves the place within a document as it is, and every other refusal', () => {
    assert.equal(say(capture, 'body.requireFacts.x: is missing').message, 'requireFacts.x: is missing');
    assert.equal(say(undefined, 'body.layers.0: is missing').message, 'layers.0: is missing');
    assert.equal(say(capture, 'two drafts of one policy').message, 'two drafts of one policy');
    assert.equal(say(capture, 'body.layers.0: x', 'HOST_NOT_FOUND').message, 'body.layers.0: x');
  });
});
