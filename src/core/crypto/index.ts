export * from './hash.ts';
export * from './key.ts';
export * from './signature.ts';
export * from './signature-of-digest.ts';
export * from './aes-cfb.ts';
export * from './ecdh.ts';
export * from './rsa.ts';
