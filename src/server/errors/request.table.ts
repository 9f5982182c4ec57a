// What is refused of a request before its operation, and of who asks. Part of the table in ../errors.ts.
export const requestErrors = {
  REQUEST_ROUTE_UNKNOWN: {
    status: 404,
    title: 'There is nothing at this path',
    cause: 'The path is not part of the API.',
    remedy: 'Compare the path with openapi.yaml.',
  },
  REQUEST_METHOD_NOT_ALLOWED: {
    status: 405,
    title: 'This path does not take this method',
    cause: 'The path exists, the method does not; or a tunnel was asked for (CONNECT).',
    remedy: 'Use a method from the Allow header.',
  },
  REQUEST_CONTENT_TYPE_UNSUPPORTED: {
    status: 415,
    title: 'The body has a media type that is not read here',
    cause: 'The Content-Type is missing or not one the operation takes.',
    remedy: 'Send application/json; evidence may also be application/cbor.',
  },
  REQUEST_CONTENT_ENCODING_UNSUPPORTED: {
    status: 415,
    title: 'Compressed bodies are not read',
    cause: 'The request has a Content-Encoding. A small compressed body can unpack to any size.',
    remedy: 'Send the body as it is.',
  },
  REQUEST_NOT_ACCEPTABLE: {
    status: 406,
    title: 'The operation has no answer in the wanted media type',
    cause: 'The Accept header names nothing that the operation can produce.',
    remedy: 'Accept application/json, application/eat+jwt or application/eat+cwt, as openapi.yaml says.',
  },
  REQUEST_BODY_TOO_LARGE: {
    status: 413,
    title: 'The body is too large',
    cause: 'The body exceeds the limit of its operation.',
    remedy: 'Send less; the detail names the limit.',
  },
  REQUEST_BODY_MISSING: {
    status: 400,
    title: 'The operation needs a body',
    cause: 'The request has no body.',
    remedy: 'Send the body that openapi.yaml describes.',
  },
  REQUEST_BODY_MALFORMED: {
    status: 400,
    title: 'The body cannot be read',
    cause: 'The body is not JSON or CBOR in the strict form: one value, no key twice, valid UTF-8, bounded nesting.',
    remedy: 'Correct the body; `at` says where reading stopped.',
  },
  REQUEST_INVALID: {
    status: 400,
    title: 'The request does not fit the contract',
    cause: 'A field is missing, unknown, of another type or beyond its bounds.',
    remedy: 'Compare the request with openapi.yaml; `at` names the field.',
  },
  REQUEST_ABORTED: {
    status: 400,
    title: 'The request ended early',
    cause: 'The connection closed before the whole body arrived.',
    remedy: 'Send the request again.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    title: 'The request came too slowly',
    cause: 'The headers or the body were not complete in the time that `limits` gives them.',
    remedy: 'Send the request again, on a connection that is fast enough.',
  },
  REQUEST_HEADERS_TOO_LARGE: {
    status: 431,
    title: 'The request line and headers are too large',
    cause: 'Request line and headers together are larger than 16 KiB, or there are more than 100 headers.',
    remedy: 'Send a shorter URL and fewer or shorter headers.',
  },
  REQUEST_HTTP_MALFORMED: {
    status: 400,
    title: 'This is not HTTP/1.1',
    cause:
      'The bytes are not a request: a malformed request line or header, an unknown method, two lengths, no Host or two, two Authorization or Content-Type, a Transfer-Encoding other than chunked.',
    remedy: 'Speak HTTP/1.1; with TLS where the server has it.',
  },
  REQUEST_EXPECTATION_UNSUPPORTED: {
    status: 417,
    title: 'The expectation cannot be met',
    cause: 'The Expect header has something other than 100-continue.',
    remedy: 'Send the request without it.',
  },
  REQUEST_CONFLICT: {
    status: 409,
    title: 'Something else changed it at the same moment',
    cause: 'Goldens, policies or the host changed again and again while the request was being worked on.',
    remedy: 'Send the request again; an attestation needs a new challenge.',
  },
  AUTH_REQUIRED: {
    status: 401,
    title: 'Credentials are needed',
    cause: 'The operation needs a bearer token or a known client certificate, and the request has neither.',
    remedy: 'Send `Authorization: Bearer TOKEN`, or connect with a client certificate listed in touchstone.yaml.',
  },
  AUTH_TOKEN_INVALID: {
    status: 401,
    title: 'The token is not valid',
    cause: 'The token is unknown, expired or revoked, or the Authorization header is not a bearer token.',
    remedy:
      'Ask an operator for a new token (`touchstone token create NAME --role ROLE`). A host that was enrolled and released since enrols again: `touchstone agent enrol`.',
  },
  AUTH_FORBIDDEN: {
    status: 403,
    title: 'This role may not do that',
    cause: 'The role of the caller has no right to the operation, or the host is not the caller itself.',
    remedy: 'Use a token of a role that may; docs/api.md has the table.',
  },
  AUTH_PROOF_REQUIRED: {
    status: 401,
    title: 'A host has to prove that its TPM is there',
    cause:
      'A host calls with its token or certificate alone, as agents of older releases did. That can be copied; a TPM cannot.',
    remedy: 'Update the agent. If it is up to date, something else uses the token of this host: find out what.',
  },
  AUTH_PROOF_INVALID: {
    status: 401,
    title: 'The proof is not one of this host for this request',
    cause:
      'The header `touchstone-proof` is malformed, was signed by another attestation key, or is about another request, host or server. Evidence that somebody else relays looks like this.',
    remedy:
      'Let the host send its own requests. A proxy between must leave path and body as they are. If the server was given another name, hosts enrol again.',
  },
  AUTH_PROOF_STALE: {
    status: 401,
    title: 'The proof was made at another time',
    cause: 'The time in the proof is more than five minutes from that of the server.',
    remedy: 'Make a new proof, with the time in the Date header of this answer. The agent does so by itself.',
  },
  SERVER_BUSY: {
    status: 503,
    title: 'The server has more to do than it can',
    cause:
      'More hosts enrol or attest at this moment than `limits.hostRequests` allows, or this one does so too often at once; more is being sent than is kept in memory; more evidence bundles are asked for than are made one after the other; or more than 64 requests wait for answers on one connection.',
    remedy:
      'Come back after the seconds in Retry-After, as the agent does by itself. Nothing was lost: a challenge can be answered then.',
  },
  SERVER_DRAINING: {
    status: 503,
    title: 'The server is stopping',
    cause: 'The server finishes what it has begun and takes nothing new.',
    remedy: 'Send the request again, in a moment or to another server.',
  },
  SERVER_ADMISSION_ONLY: {
    status: 421,
    title: 'Only questions of admission are answered at this address',
    cause:
      'The request came to `admission.listen`, whose process reads and changes nothing. [RFC9110 §15.5.20] Nothing of the request was looked at.',
    remedy:
      'Send it to the main address, `listen` in touchstone.yaml: hosts, operators and monitoring are answered there.',
  },
  SERVER_INTERNAL: {
    status: 500,
    title: 'The server failed',
    cause: 'A mistake of the server. No host became trusted by it.',
    remedy: "Look for the request's id (`instance`) in the server's log, and report it.",
  },
} as const;
