// Why the system refused, in words that may be shown.

/** The system's word for what went wrong (`ENOENT`), without paths or text that we did not write. */
export function systemReason(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown reason';
}
