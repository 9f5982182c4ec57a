#!/usr/bin/env node
// `touchstone`: the operators' and auditors' tool.
import process from 'node:process';
import { runCli } from './program.ts';

// Else Node.js opens its debugger at it, through which whoever is on this machine could have the keys.
process.on('SIGUSR1', () => undefined);

// A pipe to `head` closes our stdout: that is no failure, but never makes a refusal or an unfinished run a success.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 1);
});

// What went to stderr is for people who may be gone; the work and its exit status stay.
process.stderr.on('error', () => undefined);

process.exitCode = await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  now: () => new Date(),
});

// Nor does what nobody takes there keep a program that is done: a log may hang on the very disk for which its server gave up.
setInterval(() => {
  if (process.stdout.writableLength === 0 && process.stderr.writableLength > 0) process.exit();
}, 5000).unref();
