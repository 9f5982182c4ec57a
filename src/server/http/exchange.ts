// One request and its answer, by whichever door it came: who asks for what, since when, and what the log says of it.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OperationId } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { anonymous, type Principal } from '../auth/access.ts';
import type { ServerContext } from '../context.ts';

export interface Exchange {
  readonly startedAt: number;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** See `idOf`. */
  id: string | undefined;
  /** Undefined until it is known what is asked for. */
  operation: OperationId | undefined;
  /** Anonymous until the credentials are checked. */
  principal: Principal;
}

export function beginExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const startedAt = performance.now();
  return { startedAt, request, response, id: undefined, operation: undefined, principal: anonymous };
}

/** Names the exchange in problem documents and in the log. Most are never named: it is made when it is first asked for. */
export function idOf(exchange: Exchange): string {
  return (exchange.id ??= randomUUID());
}

/** Once for each exchange, when its answer was given. */
export function noteExchange(
  exchange: Exchange,
  { log, metrics }: Pick<ServerContext, 'log' | 'metrics'>,
  code?: string,
): void {
  const { operation, principal, startedAt, request, response } = exchange;
  const ms = performance.now() - startedAt;
  metrics.answered({ operation: operation ?? 'none', code: code ?? 'OK', seconds: ms / 1000 });
  if (!log.isLevelEnabled('info')) return;
  log.info({
    id: idOf(exchange),
    operation,
    method: request.method,
    path: printable(pathOf(request), 256),
    status: response.statusCode,
    code,
    actor: principal.actor,
    ms: Math.round(ms * 10) / 10,
  });
}

/** Without the query. */
function pathOf({ url = '' }: IncomingMessage): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}
