/** The lab cannot go on. The message is for the person at the keyboard: what is wrong, and what to type. */
export class LabError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LabError';
  }
}
