// A changed Secure Boot configuration (PCR 7) or machine owner key list (PCR 14).
import type { BoundEvent } from '../event-log/index.ts';

const databases: Readonly<Record<string, string>> = {
  PK: 'The platform key (PK) was changed',
  KEK: 'The key exchange keys (KEK) were changed: a vendor rollout, or foreign keys',
  db: 'The list of allowed signers (db) was changed: a vendor rollout, or foreign keys',
  dbx: 'The revocation list (dbx) was changed: an update, or an older list put back',
  dbt: 'The timestamp signers (dbt) were changed',
  dbr: 'The recovery signers (dbr) were changed',
  SbatLevel: "shim's revocation level (SBAT) was changed",
  MokSBState: "shim's own validation was switched (MokSBState)",
  Shim: 'Another vendor certificate of shim let an image run',
};

/** Reads the variable's name and value only where the digest covers them. */
export function explainSecureBoot({ decoded, dataBound, pcr }: BoundEvent, isExtra: boolean): string {
  if (pcr === 14) return 'The machine owner keys of shim (MOK lists) were changed';
  if (!dataBound) return 'The Secure Boot configuration was changed';
  if (decoded?.kind === 'action') return `The firmware reported an unusual state: ${actionOf(decoded.text)}`;
  if (decoded?.kind !== 'uefi-variable') return 'The Secure Boot configuration was changed';
  if (decoded.name === 'SecureBoot') {
    const isOn = decoded.data.length === 1 && decoded.data[0] === 1;
    return isOn ? 'Secure Boot is on where the golden measurement has it off' : 'Secure Boot is off';
  }
  const known = Object.hasOwn(databases, decoded.name) ? databases[decoded.name] : undefined;
  if (known !== undefined) return known;
  return isExtra ? 'A further Secure Boot variable or signer was measured' : 'A Secure Boot variable or signer changed';
}

function actionOf(text: string): string {
  return text === 'UEFI Debug Mode' || text === 'DMA Protection Disabled' ? text : 'see the event';
}
