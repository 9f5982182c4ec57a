// Times in tokens: whole seconds since 1970. [RFC7519 §2]

/** Rounded down, so that a token never outlives the verdict it carries.
 * @throws TypeError for a text that is no date */
export function secondsOf(time: Date | string): number {
  const milliseconds = typeof time === 'string' ? Date.parse(time) : time.getTime();
  if (!Number.isFinite(milliseconds)) throw new TypeError('not a date');
  return Math.floor(milliseconds / 1000);
}
