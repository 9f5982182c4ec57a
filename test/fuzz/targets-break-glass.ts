// Break-glass statements. Read, and never believed when changed.
import assert from 'node:assert/strict';
import {
  encodeBreakGlass,
  parseBreakGlass,
  parseBreakGlassEnvelope,
  verifyBreakGlass,
} from '../../src/core/break-glass/index.ts';
import { bytesEqual, encodeUtf8 } from '../../src/core/encoding/index.ts';
import { sealStatement, statement } from '../core/break-glass/material.ts';
import { createSigner } from '../core/golden/material.ts';
import { jsonTokens } from './targets-event-log.ts';
import type { FuzzTarget } from './target.ts';

const signers = [createSigner('alice'), createSigner('bob', 'p256')];
const tokens = [...jsonTokens, ...['"excuses":', '"hosts":', '"until":', '"ek":', '"resetCount":'].map(encodeUtf8)];

export const breakGlassTargets: Readonly<Record<string, () => FuzzTarget>> = {
  'break-glass': () => ({
    name: 'break-glass',
    seeds: [encodeBreakGlass(statement)],
    tokens,
    run: (bytes) => {
      const once = encodeBreakGlass(parseBreakGlass(bytes));
      assert.ok(bytesEqual(encodeBreakGlass(parseBreakGlass(once)), once), 'one statement has two spellings');
      return once;
    },
  }),
  'break-glass-envelope': () => {
    const seed = sealStatement(statement, signers);
    const { id } = parseBreakGlassEnvelope(seed);
    return {
      name: 'break-glass-envelope',
      seeds: [seed],
      tokens,
      run: (bytes) => {
        const approved = verifyBreakGlass(bytes, { signers, quorum: 2 });
        assert.equal(approved.id, id, 'approved what nobody signed');
        return approved.id;
      },
    };
  },
};
