/** The demonstration cannot go on. The message is for the person who watches it. */
export class DemoError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DemoError';
  }
}
