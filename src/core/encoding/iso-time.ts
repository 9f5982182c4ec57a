// Moments as text. Verdicts, answers and entries of the audit log are full of them, and nearly all are of today.

const dayMs = 86_400_000;

/** The last moment a date can hold. [ECMA262 §21.4.1.1] */
const lastMoment = 8.64e15;

/** `count` numbers from 0, of `digits` digits each, with what follows them in a time. */
function parts(count: number, digits: number, end: string): readonly string[] {
  return Array.from({ length: count }, (_, value) => `${String(value).padStart(digits, '0')}${end}`);
}

const hours = parts(24, 2, ':');
const minutes = parts(60, 2, ':');
const seconds = parts(60, 2, '.');
const fractions = parts(1000, 3, 'Z');

/** Of the day that was written last, whatever its year: `2026-11-26T`. */
let lastDay = { day: NaN, text: '' };

/** `milliseconds` since 1970 as `Date.prototype.toISOString` writes them, in a tenth of its time. [RFC3339 §5.6]
 * @throws RangeError where there is no such date */
export function isoTime(milliseconds: number): string {
  const whole = Math.trunc(milliseconds);
  const day = Math.floor(whole / dayMs);
  if (day !== lastDay.day || whole > lastMoment) lastDay = { day, text: textOfDay(whole) };
  const rest = whole - day * dayMs;
  const second = Math.floor(rest / 1000);
  const minute = Math.floor(second / 60);
  const hour = Math.floor(minute / 60);
  return `${lastDay.text}${hours[hour]}${minutes[minute % 60]}${seconds[second % 60]}${fractions[rest % 1000]}`;
}

function textOfDay(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString();
  return text.slice(0, text.indexOf('T') + 1);
}
