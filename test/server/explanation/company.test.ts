import assert from 'node:assert/strict';
import type { Finding } from '../../../src/core/verdict/index.ts';
import { findingKey } from '../../../src/core/appraisal/index.ts';
import type { ServerContext } from '../../../src/server/context.ts';
import { findCompany, othersWith } from '../../../src/server/explanation/company.ts';

const finding = (code: string, observed?: string): Finding => ({
  code,
  severity: 'error',
  check: 'logs',
  message: '',
  remedy: '',
  ...(observed && { observed }),
});
const absent = finding('LOG_ABSENT');

/** So many hosts that show the same. */
function fleetOf(count: number, findings: readonly Finding[]): Pick<ServerContext, 'store'> {
  const nameOf = (index: number): string => `host-${String(index).padStart(6, '0')}`;
  const listHosts = ({ after, limit }: { readonly after: string | undefined; readonly limit: number }) => {
    const from = after === undefined ? 0 : Number(after.slice('host-'.length)) + 1;
    const indices = Array.from({ length: Math.min(limit, count - from) }, (_, index) => from + index);
    return Promise.resolve(
      indices.map((index) => ({
        host: { hostId: nameOf(index), state: 'active' },
        verdict: { verdict: { findings } },
      })),
    );
  };
  return { store: { listHosts } } as unknown as Pick<ServerContext, 'store'>;
}

describe('the company of a refused host', () => {
  it('is everybody else who shows the same, and nobody is asked of what they do not show', async () => {
    const context = fleetOf(3, [absent]);
    const company = await findCompany(context, 'host-000001', new Set([findingKey(absent), 'another']));
    assert.deepEqual(othersWith(absent, [absent], company), ['host-000000', 'host-000002']);
    assert.deepEqual(company.get('another'), new Set());
    assert.deepEqual(await findCompany(context, 'host-000001', new Set()), new Map());
  });

  // Lists that were made anew for each host took a minute and a half for so many.
  it('is found in a fleet of which every host shows it', async function () {
    this.timeout(30_000);
    const files = finding('RUNTIME_DIVERGED');
    const one = { ...finding('RUNTIME_FILE_REFUSED'), expected: 'a' };
    const company = await findCompany(
      fleetOf(20_000, [files, one]),
      'host-000000',
      new Set([files, one].map(findingKey)),
    );
    assert.equal(othersWith(files, [files, one], company).length, 19_999);
  });
});
