// What a handler of an operation is: a function from the checked request to an answer, typed by the contract.
import type { JsonAnswerOf, OperationId, operations } from '../../api/index.ts';
import type { Principal } from '../auth/access.ts';
import type { ServerContext } from '../context.ts';
import type { AnswerHead } from './answer-headers.ts';
import type { Soon } from '../soon.ts';

type PathOf<Op extends OperationId> = NonNullable<operations[Op]['parameters']['path']>;
type QueryOf<Op extends OperationId> = NonNullable<operations[Op]['parameters']['query']>;
type BodyOf<Op extends OperationId> = operations[Op] extends {
  requestBody: { content: { 'application/json': infer Body } };
}
  ? Body
  : undefined;

export interface ApiRequest<Op extends OperationId> {
  readonly path: PathOf<Op>;
  readonly query: QueryOf<Op>;
  readonly body: BodyOf<Op>;
  readonly principal: Principal;
  /** Media type that the answer shall have, one of those the contract offers. */
  readonly accept: string;
  readonly ifNoneMatch: string | undefined;
  readonly lastEventId: string | undefined;
  /** Of the moment when the caller is gone, or has its answer: for work that would wait for long. */
  readonly signal: () => AbortSignal;
}

/** An answer in JSON that fits the contract, as it is sent. */
export interface AnswerText {
  readonly head: AnswerHead;
  /** A text of ASCII alone; any other is encoded. */
  readonly content: string | Uint8Array;
}

/** Where the text of an answer is kept once it was made. */
export interface KeptText {
  made?: AnswerText;
}

type RowsOf<Body> = {
  [Field in keyof Body & string]: Body[Field] extends readonly (readonly object[])[] ? Field : never;
}[keyof Body & string];

export type ApiAnswer<Op extends OperationId> =
  | {
      readonly status: 200 | 201;
      readonly body: JsonAnswerOf<Op>;
      /** The same one whenever the same `body` is answered again, with the same headers. */
      readonly kept?: KeptText;
      /** The field that is a list of lists in which the very same objects occur again and again: each is checked and written once. */
      readonly repeated?: RowsOf<JsonAnswerOf<Op>>;
      /** Fields of `body` that are not in it: each stands behind the others, in base64, and is written while it is sent. */
      readonly base64?: Readonly<Record<string, Uint8Array | undefined>>;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | {
      readonly status: 200;
      readonly raw: { readonly mediaType: string; readonly content: string | Uint8Array };
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** One JSON document a line, sent as they are made. */
  | { readonly status: 200; readonly mediaType: 'application/x-ndjson'; readonly lines: AsyncIterable<object> }
  /** Text that is sent as it is made. */
  | { readonly status: 200; readonly mediaType: 'text/event-stream'; readonly parts: AsyncIterable<string> }
  | { readonly status: 204 | 304; readonly headers?: Readonly<Record<string, string>> };

export type Handler<Op extends OperationId> = (request: ApiRequest<Op>, context: ServerContext) => Soon<ApiAnswer<Op>>;

/** Every operation has a handler, or it does not compile. */
export type Handlers = { readonly [Op in OperationId]: Handler<Op> };
