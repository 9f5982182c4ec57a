// Reference values in the formats of others, whole or not at all: importGolden -> drafts with their provenance.
export { importFormats, recogniseFormat, type ImportFormat } from './format.ts';
export { importGolden, type GoldenImport, type GoldenToImport } from './import-golden.ts';
