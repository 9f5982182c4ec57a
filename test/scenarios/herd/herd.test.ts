// A small one: too many for the places of the server all the same.
import assert from 'node:assert/strict';
import { mostServerBytes, runHerd } from './herd.ts';

describe('a thundering herd over TLS', () => {
  it('is told to come back, comes back, and is heard to the last host', async () => {
    const herd = await runHerd(80);
    assert.ok(herd.sentAway > 0 && herd.cameBack > 0, 'all came in at once: nothing was seen');
    const { trusted, lost, cutOff, errors } = herd;
    assert.deepEqual({ trusted, lost, cutOff, errors }, { trusted: 80, lost: 0, cutOff: 0, errors: 0 });
    assert.ok(herd.serverBytes <= mostServerBytes, `${herd.serverBytes} bytes`);
  });
});
