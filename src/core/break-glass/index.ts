// Break-glass statements: what operators, together and for a few hours, admit although no golden measurement accepts it.
// parse -> ClaimedBreakGlass -> verify (with signers and quorum) -> ApprovedBreakGlass -> find what keeps it from covering a host.
export {
  breakGlassPayloadType,
  excusable,
  excusableCode,
  type BoundHost,
  type BreakGlass,
  type Excusable,
} from './break-glass.ts';
export { encodeBreakGlass } from './encode-break-glass.ts';
export { excusedStatus, findObstacle, type Obstacle } from './find-obstacle.ts';
export { parseBreakGlass } from './parse-break-glass.ts';
export {
  parseBreakGlassEnvelope,
  verifyBreakGlass,
  type ApprovedBreakGlass,
  type ClaimedBreakGlass,
} from './verify-break-glass.ts';
