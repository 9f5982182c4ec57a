// What still comes from a sender who was refused is thrown away, and there is an end to that, too.
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { endAndLinger } from '../../../src/server/http/linger.ts';
import { refuseClient } from '../../../src/server/http/refuse-client.ts';

/** As many bytes as are thrown away of one sender; nobody reads what they are. */
const most = { length: 64 * 1024 * 1024 };

describe('a sender who was refused and goes on', () => {
  const answer = () => {
    const request = new PassThrough();
    const said: string[] = [];
    const response = { write: (text: string) => said.push(text), end: () => said.push('end') };
    endAndLinger(request as unknown as IncomingMessage, response as unknown as ServerResponse, 'refused');
    return { request, said };
  };

  it('is heard out until the end of the body, and has the answer meanwhile', () => {
    for (const end of ['end', 'close']) {
      const { request, said } = answer();
      request.emit('data', most);
      assert.deepEqual(said, ['refused']);
      request.emit(end);
      request.emit('data', most);
      assert.deepEqual(said, ['refused', 'end']);
    }
  });

  it('is cut after so many bytes, behind an answer and behind what is no request', () => {
    const { request, said } = answer();
    request.emit('data', most);
    request.emit('data', { length: 1 });
    assert.deepEqual(said, ['refused', 'end']);
    const socket = new Socket();
    refuseClient(new Error('no HTTP'), socket);
    socket.emit('data', most);
    assert.ok(!socket.destroyed);
    socket.emit('data', { length: 1 });
    assert.ok(socket.destroyed);
  });
});
