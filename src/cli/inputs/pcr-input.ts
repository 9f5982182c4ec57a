// PCR values as files carry them: what `tpm2_quote -o` writes, or JSON. They prove nothing until a quote's digest confirms them.
import { decodeHex, decodeUtf8 } from '../../core/encoding/index.ts';
import { isHashAlgorithm } from '../../core/crypto/index.ts';
import { AttestationError } from '../../core/error.ts';
import { parsePcrFile, type ClaimedPcrs, type PcrSelection, type PcrValues } from '../../core/tpm/index.ts';
import { CliError } from '../errors.ts';
import { asRecord } from '../json.ts';

/** Reads `tpm2_quote -o FILE` (format "serialized"), or JSON `{"sha256": {"0": "hex"}}`.
 * @throws CliError CLI_INPUT_UNRECOGNISED */
export function parsePcrInput(bytes: Uint8Array): ClaimedPcrs {
  try {
    const text = bytes[0] === 0x7b || bytes[0] === 0x20 || bytes[0] === 0x0a;
    return text ? parsePcrJson(decodeUtf8(bytes)) : parsePcrFile(bytes).pcrs;
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    const reason = cause instanceof AttestationError ? `: ${cause.message}` : '';
    throw unrecognised(`the PCR values can be read neither as JSON nor as the output of tpm2_quote -o${reason}`, cause);
  }
}

/** Only the values that `selections` names: a file may hold more than the quote covers. */
export function selectPcrs(claimed: ClaimedPcrs, selections: readonly PcrSelection[]): ClaimedPcrs {
  return new Map(
    selections.map(({ bank, pcrs }) => {
      const values = claimed.get(bank);
      return [bank, new Map([...(values ?? [])].filter(([pcr]) => pcrs.includes(pcr)))] as const;
    }),
  );
}

function parsePcrJson(text: string): ClaimedPcrs {
  const document = asRecord(JSON.parse(text));
  if (document === undefined) throw unrecognised('the PCR values are no JSON object');
  return new Map(
    Object.entries(document).map(([bank, values]) => {
      const record = asRecord(values);
      if (!isHashAlgorithm(bank) || record === undefined) throw unrecognised('PCR values must be grouped by bank');
      return [bank, readBank(record)] as const;
    }),
  );
}

function readBank(values: Readonly<Record<string, unknown>>): PcrValues {
  return new Map(
    Object.entries(values).map(([pcr, value]) => {
      if (!/^(?:\d|1\d|2[0-3])$/.test(pcr)) throw unrecognised('a PCR index must be a number from 0 to 23');
      if (typeof value !== 'string') throw unrecognised(`PCR ${pcr} is no hexadecimal text`);
      return [Number(pcr), decodeHex(value.replace(/^0x/i, ''))] as const;
    }),
  );
}

function unrecognised(message: string, cause?: unknown): CliError {
  return new CliError('CLI_INPUT_UNRECOGNISED', message, { cause });
}
