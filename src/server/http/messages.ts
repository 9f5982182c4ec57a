// Requests and answers as the server makes them: Express's from the start.
import { IncomingMessage, ServerResponse, type ServerOptions } from 'node:http';
import type { Express } from 'express';

/** Of what node:http makes requests and answers. */
export type Messages = Required<Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>>;

/**
 * Express gives each message that it handles another prototype, and V8 takes each of them for an object of a kind that it never saw:
 * after five, node:http looks up every member of every message in a table, whichever door it comes by, for as long as the process runs.
 * Made with these, a message has that prototype when Express gets it, and nothing changes. docs/performance-lessons.md
 */
export function messagesOf(app: Express): Messages {
  class ServedRequest extends IncomingMessage {}
  class ServedAnswer<Request extends IncomingMessage> extends ServerResponse<Request> {}
  app.request = Object.setPrototypeOf(ServedRequest.prototype, app.request) as Express['request'];
  app.response = Object.setPrototypeOf(ServedAnswer.prototype, app.response) as Express['response'];
  return { IncomingMessage: ServedRequest, ServerResponse: ServedAnswer };
}
