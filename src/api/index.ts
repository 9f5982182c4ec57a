// The contract in TypeScript: wire types, the client, problem codes. Generated from openapi.yaml where it can be.
import type { components } from './schema.gen.ts';

export type { components, operations } from './schema.gen.ts';
export { routes } from './routes.gen.ts';
export * from './client.ts';
export * from './problem.ts';
export * from './problem-codes.ts';
export { createOnward, mostPagesOfLog, nextCursor, readAllPages, readPages, type PageQuery } from './pages.ts';
export { joinParts, splitLines } from './lines.ts';
export { isSafeAddress } from './safe-address.ts';
export { createTransport, readTlsOnce, type HttpAnswer, type Transport, type TransportOptions } from './transport.ts';

type Schemas = components['schemas'];
export type WireVerdict = Schemas['Verdict'];
export type WireFinding = Schemas['Finding'];
export type HostVerdict = Schemas['HostVerdict'];
export type Host = Schemas['Host'];
export type Challenge = Schemas['Challenge'];
export type AttestationRequest = Schemas['AttestationRequest'];
export type Pcrs = Schemas['Pcrs'];
export type AttestationResult = Schemas['AttestationResult'];
export type AdmissionDecision = Schemas['AdmissionDecision'];
export type GoldenMeasurement = Schemas['GoldenMeasurement'];
export type DsseEnvelope = Schemas['DsseEnvelope'];
export type Policy = Schemas['Policy'];
export type StoredEvidence = Schemas['StoredEvidence'];
export type AuditEntry = Schemas['AuditEntry'];
