export * from './bytes.ts';
export { Cursor, type CursorOptions, type Endianness } from './cursor.ts';
export { printable } from './printable.ts';
