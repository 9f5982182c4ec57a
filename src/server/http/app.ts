// The door for everything: Express finds the operation, and refuses what is none. What happens then is the list in serve.ts.
import type { RequestListener } from 'node:http';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { routes, type OperationId } from '../../api/index.ts';
import { access } from '../auth/access.ts';
import { ServerError } from '../errors.ts';
import { loadContract, type Contract } from './contract.ts';
import { beginExchange, type Exchange } from './exchange.ts';
import { createFastDoor } from './fast-door.ts';
import { messagesOf, type Messages } from './messages.ts';
import { handlers } from './operations/index.ts';
import { checkHead } from './request-head.ts';
import { sendProblem } from './send-problem.ts';
import { serve, type Service } from './serve.ts';

export interface Doors {
  readonly listener: RequestListener;
  readonly messages?: Messages;
}

/** What answers at an address: both doors, before one pipeline. docs/decisions/0017 */
export function createDoors(service: Service): Required<Doors> {
  const contract = loadServedContract();
  const app = createApp(service, contract);
  return { listener: createFastDoor(service, contract, app), messages: messagesOf(app) };
}

function createApp(service: Service, contract: Contract): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').enable('case sensitive routing').enable('strict routing');
  app.use((request, response, next) => {
    response.locals['exchange'] = beginExchange(request, response);
    try {
      checkHead(request);
    } catch (error) {
      // Not within the turn of the parser: it may refuse the same head, and would cut off what is said here.
      queueMicrotask(() => next(error));
      return;
    }
    next();
  });
  for (const [path, operations] of operationsByPath()) {
    const route = app.route(path.replace(/\{(\w+)\}/g, ':$1'));
    for (const operation of operations) {
      const method = routes[operation].method.toLowerCase() as 'get' | 'post' | 'put' | 'delete';
      route[method](({ params, query }, response) =>
        serve(exchangeOf(response), { contract: contract[operation], params, query }, service),
      );
    }
    route.all(refuseMethod(operations));
  }
  app.use(() => {
    throw new ServerError('REQUEST_ROUTE_UNKNOWN');
  });
  // Express tells error handlers by their four parameters.
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) next(error);
    else sendProblem(error, exchangeOf(response), service.context);
  });
  return app;
}

let served: Contract | undefined;

/** The contract that is served: each operation has its row of access and its handler. The compiler holds this too; a file that
 * was edited after the build is caught here. Loaded once for a process: it is part of the installation. */
export function loadServedContract(): Contract {
  return (served ??= checkServed(loadContract()));
}

function checkServed(contract: Contract): Contract {
  for (const operation of Object.keys(contract)) {
    if (!Object.hasOwn(access, operation)) throw new TypeError(`${operation} has no row in the access table`);
    if (!Object.hasOwn(handlers, operation)) throw new TypeError(`${operation} has no handler`);
  }
  return contract;
}

function exchangeOf(response: Response): Exchange {
  return response.locals['exchange'] as Exchange;
}

function refuseMethod(operations: readonly OperationId[]): (request: Request) => never {
  const methods: string[] = operations.map((operation) => routes[operation].method);
  const allow = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ');
  return () => {
    throw new ServerError('REQUEST_METHOD_NOT_ALLOWED', `allowed: ${allow}`, { headers: { allow } });
  };
}

function operationsByPath(): ReadonlyMap<string, readonly OperationId[]> {
  const byPath = new Map<string, OperationId[]>();
  for (const [operation, { path }] of Object.entries(routes)) {
    byPath.set(path, [...(byPath.get(path) ?? []), operation as OperationId]);
  }
  return byPath;
}
