// Demands that boots satisfy, and demands that they do not: each fact of the table, with the values that real boots have.
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { hardening, type BootFacts, type HardeningName } from '../../../src/core/event-log/index.ts';
import { factTable, type FactRow, type RequiredFacts } from '../../../src/core/appraisal/index.ts';

const nobody = '00'.repeat(32);

/** Each names one fact, with a value of one of the boots, or one that none has. */
export function everyDemand(boots: readonly BootFacts[]): readonly RequiredFacts[] {
  const distinct = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];
  const words = distinct(boots.flatMap(({ kernelCommandLine }) => kernelCommandLine?.value.split(/\s+/) ?? [])).filter((word) => word !== ''); // prettier-ignore
  const versions = distinct(boots.flatMap(({ firmwareVersion }) => firmwareVersion?.value ?? []));
  const dates = distinct(boots.flatMap(({ shim }) => shim.sbatLevel?.value.date ?? []));
  const revoked = distinct(boots.flatMap(({ signatureDatabases: { dbx } }) => digestsOf(dbx).slice(0, 2)));
  const keys = distinct(boots.flatMap(({ signatureDatabases: { db, KEK, PK } }) => [db, KEK, PK].flatMap(digestsOf)));
  const signers = boots.map(({ authorities }) => authorities.flatMap(({ value }) => (value.signature ? [encodeHex(value.signature.sha256.value)] : []))); // prettier-ignore
  return [
    { secureBoot: 'enabled' },
    { mokSbState: 'not-disabled' },
    { debugMode: 'absent' },
    { dmaProtection: 'not-disabled' },
    { testKeys: 'absent' },
    { exitBootServices: 'success' },
    { separators: 'complete' },
    { secureBootMode: ['user'] },
    { secureBootMode: ['deployed'] },
    ...versions.map((version): RequiredFacts => ({ firmwareVersion: [version] })),
    ...[...dates, '2099123100'].map((date): RequiredFacts => ({ sbatLevel: { date } })),
    ...[...revoked, nobody].map((digest): RequiredFacts => ({ dbx: { mustContain: [digest] } })),
    ...[...keys, nobody].flatMap((key) => (['PK', 'KEK', 'db'] as const).flatMap((name): RequiredFacts[] => [{ signatureDatabases: { [name]: { mustContain: [key] } } }, { signatureDatabases: { [name]: { mustNotContain: [key] } } }])), // prettier-ignore
    ...signers.filter(({ length }) => length > 0).map((allow): RequiredFacts => ({ authorities: { allow } })),
    ...(Object.keys(hardening) as HardeningName[]).flatMap((name): RequiredFacts[] => [{ hardening: { [name]: 'on' } }, { hardening: { [name]: 'not-off' } }]), // prettier-ignore
    ...words.flatMap((word): RequiredFacts[] => [
      { kernelCommandLine: { require: [word], forbid: [] } },
      { kernelCommandLine: { require: [], forbid: [word] } },
    ]),
  ];
}

function digestsOf(database: BootFacts['signatureDatabases']['db']): readonly string[] {
  return database?.value.entries.map(({ sha256 }) => encodeHex(sha256.value)) ?? [];
}

export function isMet(facts: BootFacts, demand: RequiredFacts): boolean {
  return Object.entries(demand).every(([name, wanted]) => {
    const row = factTable[name as keyof RequiredFacts] as FactRow<unknown>;
    return row.judge(facts, wanted).length === 0;
  });
}
