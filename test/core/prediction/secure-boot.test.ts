import assert from 'node:assert/strict';
import { concatBytes, encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { encodeSignatureList, guids, parseEventLog, encodeEventLog } from '../../../src/core/event-log/index.ts';
import {
  changeVariables,
  createPredictedStatements,
  createSecureBootVariables,
  predictBoot,
  readSecureBootVariables,
  type SecureBootVariables,
} from '../../../src/core/prediction/index.ts';
import { certificateOf, labBootLog, makePe, makeShim, measuredPcr, measuredVariables, signPe } from './material.ts';

const keptBoots = ['sb-on', 'sb-on-crb', 'sb-on-linuxefi', 'sb-off', 'uki', 'uki-evil', 'sdboot-uki', 'kernel-cloud'];
const hashes = (...values: readonly number[]): Uint8Array =>
  encodeSignatureList({
    typeGuid: guids.certSha256,
    owner: guids.shimLock,
    signatures: values.map((value) => new Uint8Array(32).fill(value)),
  });

function predictKept(run: string, change = (state: SecureBootVariables) => state) {
  const log = labBootLog(run);
  const secureBoot = change(readSecureBootVariables(log));
  return createPredictedStatements(
    predictBoot({ banks: ['sha256'], loaders: [], secureBoot, keepAuthoritiesOf: log }),
    { banks: ['sha256'] },
  );
}

function pcr7(prediction: { readonly pcrs: ReadonlyMap<number, Uint8Array> }): string {
  return encodeHex(prediction.pcrs.get(7) ?? new Uint8Array());
}

describe('the prediction of Secure Boot', () => {
  for (const run of keptBoots) {
    it(`equals PCR 7 of boot ${run} when nothing changes`, () => {
      assert.equal(pcr7(predictKept(run)), measuredPcr(run, 7));
    });
  }

  for (const run of ['sb-on', 'sb-on-linuxefi', 'kernel-cloud', 'cfg-tampered']) {
    it(`equals PCR 7 of boot ${run} from the binaries and their signers`, () => {
      const [authority] = measuredVariables(run, 'MokListRT');
      const [byFirmware] = measuredVariables(run, 'db').slice(1);
      const sbat = new TextDecoder().decode(measuredVariables(run, 'SbatLevel')[0]);
      const vendor = certificateOf(authority);
      const shim = signPe(makeShim(vendor, sbat), [certificateOf(byFirmware)]);
      const other = signPe(makePe([{ name: '.text', content: encodeUtf8('grub, or a kernel') }]), [vendor]);
      const events = predictBoot({
        banks: ['sha256'],
        secureBoot: readSecureBootVariables(labBootLog(run)),
        loaders: [shim, other],
        grub: {
          configuration: 'menuentry x {\nlinux /vmlinuz\ninitrd /i\n}\n',
          prefix: '(hd0)/',
          kernel: other,
          initrds: [other],
        },
      });
      assert.equal(pcr7(createPredictedStatements(events, { banks: ['sha256'] })), measuredPcr(run, 7));
    });
  }

  it('equals PCR 7 of a boot without keys, and of one with keys from files', () => {
    const none = new Uint8Array();
    const off = createSecureBootVariables({ pk: none, kek: none, db: none, dbx: none });
    assert.deepEqual(off, readSecureBootVariables(labBootLog('sb-off')));
    const [pk = none, kek = none, db = none, dbx = none] = ['PK', 'KEK', 'db', 'dbx'].map(
      (name) => measuredVariables('uki', name)[0] ?? none,
    );
    assert.deepEqual(createSecureBootVariables({ pk, kek, db, dbx }), readSecureBootVariables(labBootLog('uki')));
  });

  it('appends what an update adds, once, in lists of its own', () => {
    const before = readSecureBootVariables(labBootLog('sb-on'));
    const dbx = before.variables.find(({ name }) => name === 'dbx')?.data ?? new Uint8Array();
    const change = (value: Uint8Array) =>
      changeVariables(before, [{ name: 'dbx', kind: 'append', value }]).variables.find(({ name }) => name === 'dbx')
        ?.data;
    assert.deepEqual(change(hashes(1, 2)), concatBytes(dbx, hashes(1, 2)));
    assert.deepEqual(change(concatBytes(dbx, hashes(1, 2))), concatBytes(dbx, hashes(1, 2)));
    assert.deepEqual(change(dbx), dbx);
  });

  it('changes PCR 7 by a planned update of KEK, db and dbx, and nothing else', () => {
    const updates = (['KEK', 'db', 'dbx'] as const).map((name) => ({
      name,
      kind: 'append' as const,
      value: hashes(7),
    }));
    const planned = predictKept('sb-on', (state) => changeVariables(state, updates));
    assert.notEqual(pcr7(planned), measuredPcr('sb-on', 7));
    const before = predictKept('sb-on').statements[0]?.events.map(({ description }) => description) ?? [];
    const after = planned.statements[0]?.events.map(({ description }) => description) ?? [];
    assert.equal(before.length, after.length);
    assert.equal(before.filter((text, index) => text !== after[index]).length, 3);
  });

  it('measures exactly the bytes of the variable after the update', () => {
    const dbx = concatBytes(measuredVariables('sb-on', 'dbx')[0] ?? new Uint8Array(), hashes(9));
    const planned = predictKept('sb-on', (state) =>
      changeVariables(state, [{ name: 'dbx', kind: 'append', value: hashes(9) }]),
    );
    const replaced = predictKept('sb-on', (state) =>
      changeVariables(state, [{ name: 'dbx', kind: 'replace', value: dbx }]),
    );
    assert.equal(pcr7(planned), pcr7(replaced));
  });

  it('refuses to keep an authority that the new db does not hold', () => {
    assert.throws(
      () =>
        predictKept('sb-on', (state) => changeVariables(state, [{ name: 'db', kind: 'replace', value: hashes(1) }])),
      { code: 'PREDICTION_VARIABLES_MISSING' },
    );
  });

  it('refuses a log without variables or separator, a change of none, and lists that lie', () => {
    const { events } = labBootLog('sb-on');
    const encode = (keep: (pcr: number) => boolean) =>
      parseEventLog(
        encodeEventLog(
          events
            .filter(({ pcr, untrustedType }) => untrustedType !== 3 && keep(pcr))
            .map((event) => ({
              pcr: event.pcr,
              type: event.untrustedType,
              data: event.untrustedData,
              digests: event.digests,
            })),
          { banks: ['sha256'] },
        ),
      );
    assert.throws(() => readSecureBootVariables(encode((pcr) => pcr !== 7)), { code: 'PREDICTION_VARIABLES_MISSING' });
    const bare = parseEventLog(encodeEventLog([{ pcr: 7, type: 4, data: new Uint8Array(4) }], { banks: ['sha256'] }));
    assert.throws(() => readSecureBootVariables(bare), { code: 'PREDICTION_VARIABLES_MISSING' });
    const state = readSecureBootVariables(encode(() => true));
    const without = { ...state, variables: state.variables.filter(({ name }) => name !== 'dbx') };
    assert.throws(() => changeVariables(without, [{ name: 'dbx', kind: 'append', value: hashes(1) }]), {
      code: 'PREDICTION_VARIABLES_MISSING',
    });
    assert.throws(() => changeVariables(state, [{ name: 'dbx', kind: 'append', value: hashes(1).subarray(1) }]), {
      code: 'EVENT_LOG_SIGNATURE_LIST_INVALID',
    });
  });

  it('refuses a boot that Secure Boot would refuse', () => {
    const secureBoot = readSecureBootVariables(labBootLog('sb-on'));
    const stranger = makePe([{ name: '.text', content: encodeUtf8('unsigned') }]);
    const boot = (loaders: readonly Uint8Array[]) =>
      predictBoot({
        banks: ['sha256'],
        secureBoot,
        loaders,
        grub: { configuration: '', prefix: '/', kernel: stranger, initrds: [] },
      });
    assert.throws(() => boot([stranger]), { code: 'PREDICTION_AUTHORITY_UNKNOWN' });
  });
});
