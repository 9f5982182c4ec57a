import assert from 'node:assert/strict';
import { concatBytes, encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import {
  encodeSignatureList,
  eventTypes,
  guids,
  readFacts,
  type EventToEncode,
} from '../../../../src/core/event-log/index.ts';
import { action, authority, hashes, separator, variable, verifyHonest, verifyLab } from '../logs.ts';

const on = variable('SecureBoot', Uint8Array.of(1));
const off = variable('SecureBoot', Uint8Array.of(0));
const db = guids.imageSecurityDatabase;
const config = [
  variable('PK', hashes(1)),
  variable('KEK', hashes(2)),
  variable('db', hashes(3), db),
  variable('dbx', hashes(4), db),
];

function stateOf(events: readonly EventToEncode[]): string {
  return readFacts(verifyHonest(events)).secureBoot.value;
}

describe('Secure Boot facts', () => {
  it('reads state, databases and authorities of the lab boots', () => {
    const facts = readFacts(verifyLab('sb-on'));
    assert.deepEqual(facts.secureBoot, { value: 'enabled', event: 4 });
    assert.deepEqual(
      Object.entries(facts.signatureDatabases).map(([name, fact]) => [name, fact.value.entries.length]),
      [
        ['PK', 1],
        ['KEK', 2],
        ['db', 2],
        ['dbx', 1],
      ],
    );
    assert.deepEqual(
      facts.authorities.map(({ value }) => value.source),
      ['db', 'MokListRT'],
    );
    assert.deepEqual(readFacts(verifyLab('sb-off')).secureBoot, { value: 'disabled', event: 4 });
    assert.equal(facts.debugMode.value, false);
    assert.equal(facts.dmaProtection.value, 'not-reported');
  });

  it('is unknown without the variable, with two of it, with an empty one, and without a separator', () => {
    assert.equal(stateOf([...config, separator(7)]), 'unknown');
    assert.equal(stateOf([on, on, ...config, separator(7)]), 'unknown');
    assert.equal(stateOf([off, on, ...config, separator(7)]), 'unknown');
    assert.equal(stateOf([variable('SecureBoot', new Uint8Array()), ...config, separator(7)]), 'unknown');
    assert.equal(stateOf([variable('SecureBoot', Uint8Array.of(1, 1)), separator(7)]), 'unknown');
    assert.equal(stateOf([on, ...config]), 'unknown');
    assert.equal(stateOf([on, ...config, separator(7)]), 'enabled');
  });

  it('T18: believes no variable that the operating system could have measured after the separator', () => {
    assert.equal(stateOf([...config, separator(7), on]), 'unknown');
    assert.equal(stateOf([off, ...config, separator(7), on]), 'disabled');
    assert.equal(stateOf([on, ...config, separator(7), off]), 'enabled');
    assert.equal(stateOf([separator(7), on, separator(7)]), 'unknown');
  });

  it('T18: is unknown beside an event before the separator that it cannot read', () => {
    const hidden = { pcr: 7, type: eventTypes.EV_EFI_ACTION, data: new Uint8Array(3), measured: off.data };
    assert.equal(stateOf([hidden, on, separator(7)]), 'unknown');
    assert.equal(stateOf([{ ...on, data: concatBytes(on.data, Uint8Array.of(0)) }, separator(7)]), 'unknown');
  });

  it('is known beside a text of the firmware, and hears what the text says of Thunderbolt', () => {
    const text = action(7, 'Security Level is Downgraded to 0');
    const facts = readFacts(verifyHonest([text, on, ...config, separator(7)]));
    assert.equal(facts.secureBoot.value, 'enabled');
    assert.deepEqual(facts.dmaProtection, { value: 'thunderbolt-open', event: 1 });
    const both = [action(7, 'DMA Protection Disabled'), text, on, separator(7)];
    assert.equal(readFacts(verifyHonest(both)).dmaProtection.value, 'disabled');
  });

  it('T18: takes another vendor’s variable of the same name for nothing', () => {
    assert.equal(stateOf([variable('SecureBoot', Uint8Array.of(1), guids.shimLock), separator(7)]), 'unknown');
    const foreign = readFacts(verifyHonest([on, variable('dbx', hashes(9), guids.shimLock), separator(7)]));
    assert.equal(foreign.signatureDatabases.dbx, undefined);
  });

  it('tells debug mode and disabled DMA protection by digest, under any type', () => {
    for (const type of [eventTypes.EV_EFI_ACTION, eventTypes.EV_SEPARATOR, eventTypes.EV_IPL, 0x777]) {
      const debug = { ...action(7, 'UEFI Debug Mode'), type };
      const dma = {
        ...action(7, 'DMA Protection Disabled'),
        type,
        data: new Uint8Array(2),
        measured: action(7, 'DMA Protection Disabled').data,
      };
      const facts = readFacts(verifyHonest([debug, on, dma, separator(7)]));
      assert.equal(facts.debugMode.value, true);
      assert.equal(facts.dmaProtection.value, 'disabled');
    }
  });

  it('keeps a database apart from the authorities that bear its name', () => {
    const signature = concatBytes(new Uint8Array(16), Uint8Array.of(0x30, 0x82, 0, 1, 5));
    const facts = readFacts(
      verifyHonest([on, ...config, authority('db', signature), separator(7), authority('db', signature)]),
    );
    assert.equal(facts.signatureDatabases.db?.value.entries.length, 3);
    assert.equal(facts.authorities.length, 2);
    const twice = readFacts(verifyHonest([on, ...config, variable('dbx', hashes(1), db), separator(7)]));
    assert.equal(twice.signatureDatabases.dbx, undefined);
  });

  it('tells the mode where firmware does: an empty PK is setup mode', () => {
    const mode = (events: readonly EventToEncode[]): string | undefined =>
      readFacts(verifyHonest([...events, separator(7)])).secureBootMode?.value;
    assert.equal(mode([on, variable('PK', new Uint8Array())]), 'setup');
    assert.equal(mode([on, ...config]), undefined);
    assert.equal(mode([on, ...config, variable('DeployedMode', Uint8Array.of(1))]), 'deployed');
    assert.equal(mode([on, ...config, variable('DeployedMode', Uint8Array.of(0))]), 'user');
    assert.equal(
      mode([on, ...config, variable('AuditMode', Uint8Array.of(1)), variable('DeployedMode', Uint8Array.of(0))]),
      'audit',
    );
    assert.equal(readFacts(verifyLab('sb-off')).secureBootMode?.value, 'setup');
  });

  it('finds keys that say themselves that they must not be trusted', () => {
    const certificate = concatBytes(Uint8Array.of(0x30, 0x82, 0, 30), encodeUtf8('CN=DO NOT TRUST - AMI Test PK'));
    const list = encodeSignatureList({ typeGuid: guids.certX509, owner: guids.shimLock, signatures: [certificate] });
    const facts = readFacts(verifyHonest([on, variable('PK', list), ...config.slice(1), separator(7)]));
    assert.deepEqual(
      facts.testKeys?.map(({ value }) => value.database),
      ['PK'],
    );
    assert.deepEqual(readFacts(verifyLab('sb-on')).testKeys, []);
    assert.equal(readFacts(verifyHonest([on, variable('PK', list), separator(7)])).testKeys, undefined);
  });
});
