export * from './hash.ts';
export * from './key.ts';
export * from './signature.ts';
export * from './signature-of-digest.ts';
