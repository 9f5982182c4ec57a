// A challenge is answered once, without a server: what becomes of it where no verdict comes of the answer.
import assert from 'node:assert/strict';
import { attest } from '../../../src/server/attestation/attest.ts';
import { clockToleranceMs } from '../../../src/server/clock.ts';
import type { ServerContext } from '../../../src/server/context.ts';
import type { SubmittedEvidence } from '../../../src/server/attestation/submitted-evidence.ts';
import { ServerError } from '../../../src/server/errors.ts';
import type { ChallengeRecord } from '../../../src/server/storage/index.ts';

const now = 1_000_000;
const challenge: ChallengeRecord = {
  id: 'chl_1',
  nonce: new Uint8Array(32),
  hostId: 'hv-1',
  epoch: 1,
  rides: false,
  heldPcrs: undefined,
  heldEventLog: 'a log that is gone',
  heldImaLog: undefined,
  heldUserspaceLog: undefined,
  drawnAt: now - 1000,
  expiresAt: now + 1000,
};

describe('a challenge that is answered', () => {
  const spent: string[] = [];
  const logged: object[] = [];
  beforeEach(() => [spent, logged].forEach((list) => list.splice(0)));

  const answer = (
    found: ChallengeRecord | undefined,
    failing: { readonly isBusy?: true; readonly isAway?: true } = {},
    sent: Partial<SubmittedEvidence> = {},
    held?: Uint8Array,
  ) => {
    const context = {
      store: {
        findChallenge: () => Promise.resolve(found),
        spendChallenge: async (hostId: string, id: string) => {
          await new Promise((resolve) => setImmediate(resolve));
          if (failing.isAway) throw new ServerError('STORAGE_UNAVAILABLE');
          spent.push(`${id} of ${hostId}`);
        },
        findLog: () => Promise.resolve(held),
      },
      gate: {
        admitNew: () => {
          if (failing.isBusy) throw new ServerError('SERVER_BUSY');
        },
      },
      log: { error: (entry: object) => logged.push(entry) },
      now: () => new Date(now),
    } as unknown as ServerContext;
    const bytes = new Uint8Array();
    const noLogs = { eventLog: undefined, imaLog: undefined, imaLogOffset: undefined, userspaceLog: undefined };
    return attest(context, 'hv-1', {
      challengeId: 'chl_1',
      attest: bytes,
      signature: bytes,
      pcrs: {},
      ...noLogs,
      ...sent,
    });
  };
  const refuses = (code: string, ...sent: Parameters<typeof answer>) => assert.rejects(answer(...sent), { code });

  it('is spent before it is told that no verdict comes of it', async () => {
    await refuses('CHALLENGE_LOG_MISSING', challenge);
    assert.deepEqual([spent, logged], [['chl_1 of hv-1'], []]);
  });

  it('hides nothing of what went wrong where it cannot be spent: that the log is told', async () => {
    await refuses('CHALLENGE_LOG_MISSING', challenge, { isAway: true });
    assert.deepEqual([spent, logged.length], [[], 1]);
  });

  it('is kept for later where it rode and nothing new is begun; one that was asked for was begun', async () => {
    await refuses('SERVER_BUSY', { ...challenge, rides: true }, { isBusy: true });
    assert.deepEqual(spent, []);
    await refuses('CHALLENGE_LOG_MISSING', challenge, { isBusy: true });
  });

  it('is refused, and spent, from the moment of its end on', async () => {
    await refuses('CHALLENGE_EXPIRED', { ...challenge, expiresAt: now });
    assert.deepEqual(spent, ['chl_1 of hv-1']);
    await refuses('CHALLENGE_LOG_MISSING', { ...challenge, expiresAt: now + 1 });
  });

  it('is refused, and spent, where it was drawn by a clock that is ahead by more than clocks may differ', async () => {
    const drawn = (ahead: number) => ({ ...challenge, drawnAt: now + ahead, expiresAt: now + 10 * clockToleranceMs });
    await refuses('CHALLENGE_EXPIRED', drawn(clockToleranceMs + 1));
    assert.deepEqual(spent, ['chl_1 of hv-1']);
    await refuses('CHALLENGE_LOG_MISSING', drawn(clockToleranceMs));
  });

  it('is refused, and spent, where an IMA list becomes longer by what was added than one that is sent at once may be', async () => {
    const riding = { ...challenge, rides: true, heldEventLog: undefined, heldImaLog: 'a list' };
    const most = 16 * 1024 * 1024;
    const held = new Uint8Array(most - 1);
    const added = (length: number) => ({ imaLog: new Uint8Array(length), imaLogOffset: held.length });
    await refuses('IMA_LIST_TOO_LARGE', riding, {}, added(2), held);
    assert.deepEqual(spent, ['chl_1 of hv-1']);
    // Past that, and on to what this test has not.
    await assert.rejects(answer(riding, {}, added(1), held), TypeError);
  });

  it('is none where the host has none of that name', async () => {
    await refuses('CHALLENGE_NOT_FOUND', undefined);
    assert.deepEqual(spent, []);
  });
});
