import assert from 'node:assert/strict';
import { checkHead, isPlainHead, mostHeaders } from '../../../src/server/http/request-head.ts';

describe('the head of a request', () => {
  const head = (httpVersion: string, ...names: string[]) => {
    return { httpVersion, rawHeaders: names.flatMap((name) => [name, 'value']) };
  };
  const others = (count: number): string[] => Array.from({ length: count }, (_, index) => `x-${index}`);

  it('is HTTP/1.1 with one Host, or HTTP/1.0 with one at most', () => {
    for (const right of [head('1.1', 'Date', 'HOST'), head('1.0'), head('1.0', 'host')]) checkHead(right);
    const wrong = [
      head('1.1'),
      head('1.1', 'Host', 'host'),
      head('1.0', 'host', 'Host'),
      head('0.9'),
      head('2.0', 'host'),
    ];
    for (const each of wrong) {
      assert.throws(() => checkHead(each), { code: 'REQUEST_HTTP_MALFORMED' });
      assert.ok(!isPlainHead(each));
    }
    assert.deepEqual([isPlainHead(head('1.1', 'Date', 'Host')), isPlainHead(head('1.0', 'Host'))], [true, false]);
  });

  it('names a host as one can be called, where it names any', () => {
    const named = (host: string) => ({ httpVersion: '1.1', rawHeaders: ['Accept', '*/*', 'host', host] });
    const rights = [
      '',
      'attest.example',
      'attest.example:8443',
      'a_b-1',
      '10.0.0.1:1',
      '[::1]',
      '[fe80::1%25eth0]:8443',
      'h:',
    ];
    for (const right of rights) assert.ok(isPlainHead(named(right)), right);
    const wrongs = ['a b', 'a,b c', 'a/b', 'http://a', 'user@a', 'a:b', 'a:1:2', '::1', '[::1', 'a?b', 'a#b', 'a\\b', '<a>', 'ä', 'a:123456', '"a"']; // prettier-ignore
    for (const wrong of wrongs) {
      assert.throws(() => checkHead(named(wrong)), { code: 'REQUEST_HTTP_MALFORMED' }, wrong);
      assert.ok(!isPlainHead(named(wrong)), wrong);
    }
  });

  it('says once who asks and what comes, and of its body nothing but that it is in chunks', () => {
    const of = (httpVersion: string, ...rawHeaders: string[]) => ({
      httpVersion,
      rawHeaders: ['Host', 'x', ...rawHeaders],
    });
    const chunked = ['Transfer-Encoding', 'Chunked'];
    const rights = [['Authorization', 'a'], ['Content-Type', 'a'], chunked, ['Accept', 'a', 'Accept', 'b']];
    for (const right of rights) {
      checkHead(of('1.1', ...right));
      assert.ok(isPlainHead(of('1.1', ...right)));
    }
    const wrong = [
      of('1.1', 'Authorization', 'a', 'AUTHORIZATION', 'a'),
      of('1.1', 'Content-Type', 'a', 'content-type', 'a'),
      of('1.1', ...chunked, ...chunked),
      of('1.1', 'transfer-encoding', 'identity', ...chunked),
      of('1.1', 'Transfer-Encoding', 'gzip, chunked'),
      of('1.0', ...chunked),
    ];
    for (const each of wrong) {
      assert.throws(() => checkHead(each), { code: 'REQUEST_HTTP_MALFORMED' });
      assert.ok(!isPlainHead(each));
    }
  });

  it('has no more headers than are all read', () => {
    const most = head('1.1', 'Host', ...others(mostHeaders - 1));
    checkHead(most);
    assert.ok(isPlainHead(most));
    const more = head('1.1', 'Host', ...others(mostHeaders));
    assert.throws(() => checkHead(more), { code: 'REQUEST_HEADERS_TOO_LARGE' });
    assert.ok(!isPlainHead(more));
  });
});
