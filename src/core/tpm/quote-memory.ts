// Quotes that were verified once. Evidence is stored, and asked about again and again: its signature stays what it was.
//
// A memory is not part of the trusted base. A quote is remembered under the digest of everything `verifyQuote` looks at: key,
// statement, signature and qualifying data, behind the lengths of all four. Neither time nor configuration enters. So whoever brings the
// same bytes gets what verifying them again would give, and whoever changed one bit of what is stored gets a verification.
import { hashHex } from '../crypto/index.ts';
import { concatBytes } from '../encoding/index.ts';
import { verifyQuote, type VerifiedQuote } from './quote.ts';
import type { SignedStatement } from './statement.ts';

/** May forget anything at any time. */
export interface QuoteMemory {
  get(digest: string): VerifiedQuote | undefined;
  set(digest: string, quote: VerifiedQuote): void;
}

/** As `verifyQuote`, and the same answer, with or without a memory. Refusals are not remembered.
 * @throws as verifyQuote */
export function recallQuote(statement: SignedStatement, memory: QuoteMemory | undefined): VerifiedQuote {
  if (memory === undefined) return verifyQuote(statement);
  const name = nameOf(statement);
  const known = memory.get(name);
  if (known !== undefined) return known;
  // Of a copy: a quote looks at its bytes, and those of the caller may change.
  const quote = verifyQuote({ ...statement, attest: Uint8Array.from(statement.attest) });
  memory.set(name, quote);
  return quote;
}

function nameOf({ key, attest, signature, qualifyingData }: SignedStatement): string {
  const parts = [key.public.bytes, attest, signature, qualifyingData];
  const lengths = new Uint8Array(Uint32Array.from(parts, ({ length }) => length).buffer);
  return hashHex('sha256', concatBytes(lengths, ...parts));
}
