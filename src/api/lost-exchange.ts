// Why no answer came, from what Node.js says of an exchange that failed. What passes by itself, and may be tried again, has other codes than
// what does not until somebody corrects it.
import type { ClientRequest } from 'node:http';
import { TLSSocket } from 'node:tls';
import { ApiUnreachable } from './problem.ts';

/** With the address: it may come from the environment or from an enrolment, where whoever reads this has not typed it. */
export function asUnreachable(cause: unknown, outgoing: ClientRequest): ApiUnreachable {
  if (cause instanceof ApiUnreachable) return cause;
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const server = `the server ${outgoing.protocol}//${String(outgoing.getHeader('host'))}`;
  if (isCertificateRefused(outgoing)) return refusedCertificate(code, outgoing, cause);
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) {
    return new ApiUnreachable('API_TLS_HANDSHAKE', `${server} ${handshakeMessage(code, cause)}`, cause);
  }
  // The parser's own: a connection that ended within an answer was lost.
  if (code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE') {
    return new ApiUnreachable(
      'API_ANSWER_UNREADABLE',
      `${server} does not answer in HTTP (${code})${guess(outgoing)}`,
      cause,
    );
  }
  return new ApiUnreachable('API_UNREACHABLE', `${server} cannot be reached (${lostMessage(code, outgoing)}`, cause);
}

/** Everything else about it is the business of TLS: whoever refuses notes why on the socket. */
function isCertificateRefused({ socket }: ClientRequest): boolean {
  return socket instanceof TLSSocket && Boolean(socket.authorizationError);
}

function refusedCertificate(code: string, { host }: ClientRequest, cause: unknown): ApiUnreachable {
  if (code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED') {
    const state = code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet';
    const clock = new Date().toISOString();
    const message = `the certificate of the server ${state}; the clock here says ${clock}`;
    return new ApiUnreachable('API_TLS_DATE', message, cause);
  }
  const why = code.includes('ALTNAME')
    ? `is for another name than ${host}`
    : /SELF_SIGNED|ISSUER|LEAF_SIGNATURE|UNTRUSTED/.test(code)
      ? 'comes from an authority that is not trusted here'
      : 'is refused';
  return new ApiUnreachable('API_TLS_FAILED', `the certificate of the server ${why} (${code})`, cause);
}

function handshakeMessage(code: string, cause: unknown): string {
  const said = cause instanceof Error ? (/SSL routines:[^:]*:([^:]+)/.exec(cause.message)?.[1] ?? code) : code;
  // What came is no TLS at all.
  if (/wrong version number|http request|packet length/.test(said)) {
    return `does not answer in TLS (${code}): is its address one of http?`;
  }
  return `and this program agree on no TLS (${said})`;
}

/** The rest of a sentence that has come as far as the bracket. */
function lostMessage(code: string, outgoing: ClientRequest): string {
  const { socket, reusedSocket } = outgoing;
  if (code !== 'ECONNRESET') return `${code || 'connection lost'})`;
  if (socket instanceof TLSSocket) return socket.authorized ? `${code})` : `${code} in the handshake of TLS)`;
  const isSilent = !reusedSocket && socket?.bytesRead === 0;
  return `${code})${isSilent ? guess(outgoing) : ''}`;
}

/** Of a server that was asked without TLS, and did not answer like one. */
function guess({ protocol }: ClientRequest): string {
  return protocol === 'http:' ? ': is its address one of https?' : '';
}
