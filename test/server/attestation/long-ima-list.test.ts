// A list of IMA with thousands of entries: others have their turns while it is gone through, for a verdict and for whoever looks at stored
// evidence. What it says is the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { growLog, nameLog, parsePolicy, type RememberedRuntime } from '../../../src/core/appraisal/index.ts';
import { concatBytes } from '../../../src/core/encoding/index.ts';
import { parseImaList } from '../../../src/core/ima/index.ts';
import { completeEvidence } from '../../../src/server/attestation/submitted-evidence.ts';
import { isLongIma, readLongIma } from '../../../src/server/attestation/read-ima-ahead.ts';
import type { ServerContext } from '../../../src/server/context.ts';
import type { TrustInForce } from '../../../src/server/golden/trust-cache.ts';
import type { ChallengeRecord, HostRecord } from '../../../src/server/storage/index.ts';
import { turnsDuring } from '../../support/turns-during.ts';

const short = new Uint8Array(
  readFileSync(new URL('../../fixtures/lab/boot/sb-on/ima_binary_runtime_measurements', import.meta.url)),
);
const [, second] = parseImaList(short).entries;
assert.ok(second);
const long = nameLog(concatBytes(short, ...new Array<Uint8Array>(200).fill(short.subarray(second.offset))));
const parsed = parseImaList(long).entries;
const entries = parsed.length;
const pcrs = { json: '{}', values: new Map([['sha256', new Map([[10, new Uint8Array(32)]])]] as const) };

const policyOf = (layers: readonly string[]) => parsePolicy({ id: 'p', version: 1, layers, verdictSeconds: 600 });
const demanding = policyOf(['runtime']);
const goldens: TrustInForce['goldens'] = [];
const terms = { policy: demanding, goldens };
const nothing = { runtimes: { get: () => undefined, set: () => undefined } };

/** As many as its pieces: it is read, and held against its digests and, in two ways, against a register. */
const pieces = 4 * Math.floor(entries / 500);

describe('a long list of IMA', () => {
  it('is gone through in pieces before its appraisal, where the policy of the host demands its layer', async () => {
    const contextOf = (layers: readonly string[], isThere = true) =>
      ({
        memory: nothing,
        trust: {
          current: () =>
            Promise.resolve({
              goldens,
              rollouts: [],
              policies: [{ id: 'p', hosts: { all: true }, policy: policyOf(layers) }],
            }),
        },
        store: {
          findHost: (id: string) =>
            Promise.resolve(isThere ? ({ hostId: id, labels: {} } as unknown as HostRecord) : undefined),
        },
      }) as unknown as ServerContext;
    const submitted = {
      ...{ challengeId: 'c', attest: short, signature: short, pcrs: {}, eventLog: undefined, imaLog: long },
      ...{ imaLogOffset: undefined, userspaceLog: undefined },
    };
    const challenge = { hostId: 'hv-1', rides: false } as unknown as ChallengeRecord;
    const turns = (context: ServerContext) => turnsDuring(() => completeEvidence(context, challenge, submitted));
    assert.ok((await turns(contextOf(['runtime']))) >= Math.floor(entries / 500));
    assert.ok((await turns(contextOf(['kernel']))) < 5);
    assert.ok((await turns(contextOf(['runtime'], false))) < 5);
  });

  it('is gone through one after another', async () => {
    const done: string[] = [];
    const read = async (name: string) => {
      // Bytes of their own: what is read is remembered by them.
      await readLongIma(nothing, { imaLog: long.slice(), pcrs: pcrs.values }, terms);
      done.push(name);
    };
    const turns = await turnsDuring(() => Promise.all([read('first'), read('second').then(() => done.push('both'))]));
    assert.deepEqual(done, ['first', 'second', 'both']);
    assert.ok(turns >= 2 * pieces, `${turns} turns`);
  });

  it('is not gone through where it is short, where nobody demands it, and where it is remembered under the same terms', async () => {
    const turns = (imaLog: Uint8Array | undefined, known?: Partial<RememberedRuntime>, asked: typeof terms = terms) =>
      turnsDuring(() =>
        readLongIma(
          { runtimes: { ...nothing.runtimes, get: () => known as RememberedRuntime | undefined } },
          { ...(imaLog !== undefined && { imaLog }), pcrs: pcrs.values },
          asked,
        ),
      );
    const outcome = {
      proven: { checkpoint: { offset: long.length, entries, banks: new Map() } },
    } as unknown as RememberedRuntime['outcome'];
    const remembered = { policy: demanding, goldens, outcome };
    assert.deepEqual([isLongIma(short), isLongIma(undefined), isLongIma(long)], [false, false, true]);
    for (const count of [
      await turns(undefined),
      await turns(short),
      await turns(long, undefined, { ...terms, policy: policyOf(['kernel']) }),
      await turns(long, remembered),
      // What was added is short, although it would be read in pieces.
      await turns(
        growLog(long, long.subarray(parsed.find(({ offset }) => offset > long.length - 200_000)?.offset)),
        remembered,
      ),
    ])
      assert.ok(count < 3, `${count} turns`);
    for (const count of [
      await turns(long),
      await turns(long, { ...remembered, policy: policyOf(['runtime']) }),
      await turns(long, { ...remembered, goldens: [] }),
      // Twice as long as what is remembered.
      await turns(growLog(long, long.subarray(second.offset)), remembered),
    ])
      assert.ok(count >= Math.floor(entries / 500), `${count} turns`);
  });
});
