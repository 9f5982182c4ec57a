// What the server refuses of break-glass statements. Part of the table in errors.ts.
export const breakGlassErrors = {
  BREAK_GLASS_NOT_FOUND: {
    status: 404,
    title: 'There is no such break-glass statement',
    cause: 'No statement of this id was submitted.',
    remedy: 'Correct the id: `touchstone break-glass list`.',
  },
  BREAK_GLASS_KNOWN: {
    status: 409,
    title: 'This break-glass statement was submitted before',
    cause: 'It is in force, is over, or was ended. What is over does not come back.',
    remedy: 'See `touchstone break-glass list`. For more time propose another statement and have it signed.',
  },
  BREAK_GLASS_ENDED: {
    status: 409,
    title: 'The break-glass statement is over already',
    cause: 'Somebody ended it before, or its time is over.',
    remedy: 'Nothing is to be done: it admits no host.',
  },
  BREAK_GLASS_TOO_LONG: {
    status: 422,
    title: 'The break-glass statement lasts longer than this server allows',
    cause: '`breakGlass.longestSeconds` bounds the time from `issuedAt` to `until`; 0 allows no statement at all.',
    remedy: 'Propose it again with a shorter `--for`, and have it signed.',
  },
  BREAK_GLASS_OUT_OF_TIME: {
    status: 422,
    title: 'It is not the time of this break-glass statement',
    cause: 'Its time is over, or it was issued at a time that lies ahead of the clock of the server.',
    remedy: 'Propose it again and have it signed; correct the clock that is wrong.',
  },
  BREAK_GLASS_COVERS_NOBODY: {
    status: 409,
    title: 'The break-glass statement covers none of its hosts',
    cause:
      'Each host is trusted already, booted again since it was proposed, or is refused for something that nobody may excuse: the detail says which.',
    remedy: 'Look at the hosts (`touchstone host explain HOST`), and propose it again for those that it can help.',
  },
} as const;
