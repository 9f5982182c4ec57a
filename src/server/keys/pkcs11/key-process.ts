// The process that holds the session with a token: when the vendor's module crashes or hangs, this ends and the server does not.
// It is told on its first message which key to open, signs what comes after, and ends with its parent.
import type { ServerProblemCode } from '../../../api/index.ts';
import type { CertificateAlgorithm } from '../../../core/issuance/index.ts';
import { readSecretLine } from '../key-file.ts';
import { openTokenKey, type TokenKey, type TokenKeySettings } from './token-key.ts';
import { tokenErrorOf } from './token-error.ts';

export interface OpenRequest {
  readonly settings: TokenKeySettings & { readonly pinFile: string };
  readonly algorithm: CertificateAlgorithm;
}

export interface SignRequest {
  readonly id: number;
  readonly tbs: Uint8Array;
}

/** Answers come in the order of the requests; `id` 0 answers the first message. */
export interface KeyAnswer {
  readonly id: number;
  readonly signature?: Uint8Array;
  readonly failure?: { readonly code: ServerProblemCode; readonly message: string };
}

// No debugger, as in the server: the PIN is here.
process.on('SIGUSR1', () => undefined);

let key: TokenKey | undefined;

function answer(message: OpenRequest | SignRequest): KeyAnswer {
  const id = 'id' in message ? message.id : 0;
  try {
    if ('id' in message) return { id, ...(key && { signature: key(message.tbs) }) };
    key = openTokenKey(message.settings, readSecretLine(message.settings.pinFile), message.algorithm);
    return { id };
  } catch (error) {
    const { code, message: text } = tokenErrorOf(error);
    return { id, failure: { code, message: text } };
  }
}

process.on('message', (message: OpenRequest | SignRequest) => process.send?.(answer(message)));
process.on('disconnect', () => process.exit());
