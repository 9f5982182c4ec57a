// Against our own captures of real boots.
import assert from 'node:assert/strict';
import { createDenyRules, readBootDenials, type Denied } from '../../../src/core/deny/index.ts';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import {
  encodeSignatureList,
  guids,
  parseEventLog,
  readFacts,
  verifyEventLog,
  type ReplayedLog,
} from '../../../src/core/event-log/index.ts';
import { encodeBoot, hauntBoot, labBoots, type CapturedBoot } from '../appraisal/captured-boots.ts';
import { authority as authorityOf, separator, variable, verifyHonest } from '../event-log/logs.ts';
import { noon } from '../golden/material.ts';
import { denyEntry, denyList } from './material.ts';

const boots = labBoots();

function named(name: string): CapturedBoot {
  const boot = boots.find((each) => each.name === name);
  assert.ok(boot);
  return boot;
}

function read(log: ReplayedLog | undefined, denies: Denied, at = noon, until?: Date) {
  const entry = denyEntry(denies, until === undefined ? {} : { until });
  return readBootDenials(log, createDenyRules([denyList([entry])]), at);
}

/** Of what a boot measured, the log as its host rewrote it. */
const shown = (boot: CapturedBoot, events: CapturedBoot['events']): ReplayedLog =>
  verifyEventLog(parseEventLog(encodeBoot(boot, events)), boot.attested);
/** Another boot: one that measured these. */
const measured = (boot: CapturedBoot, events: CapturedBoot['events']): ReplayedLog =>
  hauntBoot({ ...boot, events }, []).truth;

const kindsOf = (log: ReplayedLog | undefined, denies: Denied) => read(log, denies).map(({ kind }) => kind);

describe('what of a boot is denied', () => {
  const shim = named('sb-on').truth;
  const [application] = readFacts(shim).bootApplications;
  const loader: Denied = {
    kind: 'measurement',
    digests: new Map([[application!.value.alg, application!.value.value]]),
  };

  it('finds a boot loader by its Authenticode digest, on every boot that ran it and no other', () => {
    const [denial] = read(shim, loader);
    assert.deepEqual([denial?.kind, denial?.pcr, denial?.event], ['listed', 4, application!.event]);
    for (const { name, truth } of boots) {
      const ran = truth.events.some(({ digest }) => encodeHex(digest.value) === encodeHex(application!.value.value));
      assert.deepEqual(kindsOf(truth, loader), ran ? ['listed'] : [], name);
    }
    assert.ok(
      boots.some(({ truth }) => kindsOf(truth, loader).length === 0),
      'some boots ran another one',
    );
  });

  it('finds it under any label: type, text and path of an event are the host’s to write', () => {
    const boot = named('sb-on');
    const lie = boot.events.map((event) =>
      event.pcr === 4 ? { ...event, type: 0x0d, data: new Uint8Array(4) } : event,
    );
    const log = verifyEventLog(parseEventLog(encodeBoot(boot, lie)), boot.attested);
    assert.deepEqual(kindsOf(log, loader), ['listed']);
  });

  it('is not excused by a log that leaves the register dark, nor by none, nor by another bank', () => {
    const boot = named('sb-on');
    const without = boot.events.filter(({ pcr }) => pcr !== 4);
    const log = verifyEventLog(parseEventLog(encodeBoot(boot, without)), boot.attested);
    assert.deepEqual(kindsOf(log, loader), ['unproven']);
    assert.deepEqual(kindsOf(undefined, loader), ['unproven']);
    const other: Denied = { kind: 'measurement', digests: new Map([['sha256', new Uint8Array(32)]]) };
    assert.notEqual(boot.truth.bank, 'sha256');
    assert.deepEqual(kindsOf(boot.truth, other), ['unproven']);
  });

  it('looks into one register only where the entry names one', () => {
    const { kind, digests } = loader;
    assert.deepEqual(kindsOf(shim, { kind, digests, pcr: 2 }), []);
    assert.deepEqual(kindsOf(shim, { kind, digests, pcr: 4 }), ['listed']);
  });

  it('asks of the registers that images are measured into, or of the one that is named, and says which is dark', () => {
    const boot = named('sb-on');
    const nobody = { kind: 'measurement', digests: new Map([[boot.truth.bank, new Uint8Array(48)]]) } as const;
    const seen = (dark: number, pcr?: number) => {
      const log = shown(boot, boot.events.filter((event) => event.pcr !== dark)); // prettier-ignore
      return read(log, { ...nobody, ...(pcr === undefined ? {} : { pcr }) }).map(({ kind, pcr: of }) => [kind, of]);
    };
    for (const dark of [0, 2, 4]) assert.deepEqual(seen(dark), [['unproven', dark]]);
    for (const dark of [1, 3, 5, 7]) assert.deepEqual(seen(dark), []);
    assert.deepEqual([seen(5, 5), seen(4, 5)], [[['unproven', 5]], []]);
  });

  it('names the first of several events that are denied by one entry', () => {
    const boot = named('sb-on');
    const again = boot.events[application!.event! - 1];
    assert.ok(again);
    const log = measured(boot, [...boot.events, again]);
    assert.deepEqual(read(log, loader).map(({ event }) => event), [application!.event]); // prettier-ignore
  });

  it('takes the hash of an image that firmware lets run for no certificate, nor a certificate for such a hash', () => {
    const [sha256, signed] = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(8)];
    const list = encodeSignatureList({ typeGuid: guids.certSha256, owner: guids.shimLock, signatures: [sha256] });
    const owned = new Uint8Array([...new Uint8Array(16), ...signed]);
    const log = verifyHonest([
      variable('SecureBoot', Uint8Array.of(1)),
      variable('db', list, guids.imageSecurityDatabase),
      separator(7),
      authorityOf('db', owned),
    ]);
    const { signatureDatabases, authorities } = readFacts(log);
    assert.deepEqual(signatureDatabases.db?.value.entries.map(({ sha256: { value } }) => value), [sha256]); // prettier-ignore
    assert.deepEqual(authorities[0]?.value.signature?.sha256.value, signed);
    for (const hash of [sha256, signed]) {
      assert.deepEqual(kindsOf(log, { kind: 'certificate', sha256: encodeHex(hash) }), []);
    }
  });

  it('says where it is seen, or what is dark, for every kind', () => {
    const boot = named('sb-on');
    const facts = readFacts(shim);
    const places = (log: ReplayedLog, denies: Denied) => read(log, denies).map(({ pcr, event }) => [pcr, event]);
    const [{ value, event } = assert.fail()] = facts.authorities;
    const certificate = { kind: 'certificate', sha256: encodeHex(value.signature!.sha256.value) } as const;
    assert.deepEqual(places(shim, certificate), [[7, event]]);
    const level = { kind: 'sbat', component: 'unheard-of', below: 1 } as const;
    assert.deepEqual(places(shim, level), [[7, facts.shim.sbatLevel?.event]]);
    const dark = (pcr: number) => shown(boot, boot.events.filter((each) => each.pcr !== pcr)); // prettier-ignore
    const nobody = { kind: 'certificate', sha256: '00'.repeat(32) } as const;
    for (const denies of [nobody, level]) assert.deepEqual(places(dark(7), denies), [[7, undefined]]);
    assert.deepEqual(places(dark(0), { kind: 'firmware-version', version: 'another' }), [[0, undefined]]);
  });

  it('denies a certificate that let an image run, or that firmware holds', () => {
    const { authorities, signatureDatabases } = readFacts(shim);
    const certificates = [
      ...authorities.flatMap(({ value }) => (value.signature === undefined ? [] : [value.signature])),
      ...(signatureDatabases.KEK?.value.entries ?? []),
      ...(signatureDatabases.db?.value.entries ?? []),
    ].filter(({ type }) => type === 'x509');
    assert.ok(certificates.length >= 2);
    for (const { sha256 } of certificates) {
      assert.deepEqual(kindsOf(shim, { kind: 'certificate', sha256: encodeHex(sha256.value) }), ['listed']);
    }
    const nobody: Denied = { kind: 'certificate', sha256: '00'.repeat(32) };
    assert.deepEqual(kindsOf(shim, nobody), []);
    const boot = named('sb-on');
    const blind = boot.events.map((event) => (event.pcr === 7 ? { ...event, data: new Uint8Array(1) } : event));
    assert.deepEqual(kindsOf(verifyEventLog(parseEventLog(encodeBoot(boot, blind)), boot.attested), nobody), [
      'unproven',
    ]);
  });

  it('denies a shim whose level lets the generation run, and excuses a boot without shim', () => {
    const { sbatLevel } = readFacts(shim).shim;
    assert.ok(sbatLevel);
    const [component, generation] = Object.entries(sbatLevel.value.generations).find(([name]) => name !== 'sbat')!;
    assert.deepEqual(kindsOf(shim, { kind: 'sbat', component, below: generation }), []);
    assert.deepEqual(kindsOf(shim, { kind: 'sbat', component, below: generation + 1 }), ['listed']);
    assert.deepEqual(kindsOf(shim, { kind: 'sbat', component: 'unheard-of', below: 1 }), ['listed']);
    assert.deepEqual(kindsOf(named('uki').truth, { kind: 'sbat', component, below: 999 }), []);
  });

  it('is not excused from it by a level that nobody can read', () => {
    const boot = named('sb-on');
    const level = readFacts(boot.truth).shim.sbatLevel?.event;
    const lie = boot.events.map((event, position) =>
      position + 1 === level ? { ...event, data: new Uint8Array(3) } : event,
    );
    const log = verifyEventLog(parseEventLog(encodeBoot(boot, lie)), boot.attested);
    assert.deepEqual(kindsOf(log, { kind: 'sbat', component: 'shim', below: 1 }), ['unproven']);
  });

  it('finds a firmware version by what its text measures to, whether the log shows the text or not', () => {
    const boot = named('sb-on');
    const version = readFacts(shim).firmwareVersion!;
    const denied: Denied = { kind: 'firmware-version', version: version.value };
    assert.deepEqual(kindsOf(shim, denied), ['listed']);
    const lie = boot.events.map((event, position) =>
      position + 1 === version.event ? { ...event, data: new Uint8Array(2) } : event,
    );
    assert.deepEqual(kindsOf(verifyEventLog(parseEventLog(encodeBoot(boot, lie)), boot.attested), denied), ['listed']);
    assert.deepEqual(kindsOf(shim, { kind: 'firmware-version', version: 'another' }), []);
  });

  it('looks for a firmware version in PCR 0 alone, and takes a dark PCR 0 for no excuse', () => {
    const boot = named('sb-on');
    const version = readFacts(shim).firmwareVersion!;
    const denied: Denied = { kind: 'firmware-version', version: version.value };
    const elsewhere = boot.events.map((event, position) =>
      position + 1 === version.event ? { ...event, pcr: 3 } : event,
    );
    assert.deepEqual(kindsOf(measured(boot, elsewhere), denied), []);
    const dark = boot.events.filter(({ pcr }) => pcr !== 0);
    assert.deepEqual(kindsOf(shown(boot, dark), { kind: 'firmware-version', version: 'another' }), ['unproven']);
  });

  it('takes a boot for one without shim only where PCR 14 is bound, without its lists, and no level was measured', () => {
    const boot = named('sb-on');
    const { event: level } = readFacts(shim).shim.sbatLevel!;
    const denied: Denied = { kind: 'sbat', component: 'unheard-of', below: 1 };
    const withoutLists = boot.events.filter(({ pcr }) => pcr !== 14);
    assert.ok(withoutLists.length < boot.events.length);
    assert.deepEqual(kindsOf(measured(boot, withoutLists), denied), ['listed']);
    const hidden = withoutLists.map((event) =>
      event === boot.events[(level ?? 0) - 1] ? { ...event, data: new Uint8Array(3) } : event,
    );
    assert.deepEqual(kindsOf(shown(boot, hidden), denied), ['unproven']);
  });

  it('takes Secure Boot keys and authorities for an excuse only where all of them can be read', () => {
    const boot = named('sb-on');
    const nobody: Denied = { kind: 'certificate', sha256: '00'.repeat(32) };
    const { authorities, signatureDatabases } = readFacts(shim);
    const at = (index: number | undefined) => boot.events[(index ?? 0) - 1];
    const [authority, db] = [at(authorities[0]?.event), at(signatureDatabases.db?.event)];
    assert.ok(authority && db);
    const blind = boot.events.map((event) => (event === authority ? { ...event, data: new Uint8Array(1) } : event));
    assert.deepEqual(kindsOf(shown(boot, blind), nobody), ['unproven'], 'an authority without its certificate');
    const withoutDb = boot.events.filter((event) => event !== db);
    assert.deepEqual(kindsOf(measured(boot, withoutDb), nobody), ['unproven'], 'no db');
    const dark = boot.events.filter((event) => event !== authority);
    assert.deepEqual(kindsOf(shown(boot, dark), nobody), ['unproven'], 'a log that does not lead to PCR 7');
  });

  it('tells of each list that denies the same, and of no entry beside them whose time is over', () => {
    const over = denyEntry(loader, { id: 'e-2', until: noon });
    const lists = ['fleet', 'vendor'].map((name) => denyList([denyEntry(loader), over], { name }));
    for (const log of [shim, undefined]) {
      const denials = readBootDenials(log, createDenyRules(lists), noon);
      assert.deepEqual(denials.map(({ rule }) => [rule.list, rule.entry.id]), [['fleet', 'e-1'], ['vendor', 'e-1']]); // prettier-ignore
    }
  });

  it('says nothing of an entry whose time is over', () => {
    const until = new Date(noon.getTime() + 1);
    assert.equal(read(shim, loader, noon, until).length, 1);
    assert.deepEqual(read(shim, loader, until, until), []);
    assert.deepEqual(read(undefined, loader, until, until), []);
  });
});
