// The last answer on a connection whose sender still sends. A socket that is closed with bytes unread is reset, and the reset
// can overtake the answer: so the answer goes out at once, and what still comes is thrown away for a while. [RFC9112 §9.6]
import type { IncomingMessage, ServerResponse } from 'node:http';

const longestMs = 2000;
const mostBytes = 64 * 1024 * 1024;

/** Sends `text`, whose length the head tells, and ends the connection when the sender has finished or has had its time. */
export function endAndLinger(request: IncomingMessage, response: ServerResponse, text: string): void {
  response.write(text);
  let length = 0;
  const end = (): void => {
    clearTimeout(timer);
    request.off('data', discard).off('end', end).off('close', end);
    response.end(() => request.socket.destroySoon());
  };
  const discard = (part: Uint8Array): void => {
    length += part.length;
    if (length > mostBytes) end();
  };
  const timer = setTimeout(end, longestMs);
  request.on('data', discard).once('end', end).once('close', end);
}
