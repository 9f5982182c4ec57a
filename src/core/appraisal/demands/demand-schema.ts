// What a policy may demand of a fact, as JSON Schema: the few words of it that demands need. Every text and list is bounded.

export type DemandSchema =
  | { readonly type: 'string'; readonly const: string }
  | { readonly type: 'string'; readonly enum: readonly string[] }
  | { readonly type: 'string'; readonly minLength: number; readonly maxLength: number; readonly pattern?: string }
  | { readonly type: 'integer'; readonly minimum: number; readonly maximum: number }
  | DemandList
  | {
      readonly type: 'object';
      readonly additionalProperties: false | DemandSchema;
      readonly properties?: Readonly<Record<string, DemandSchema>>;
      readonly required?: readonly string[];
      readonly propertyNames?: { readonly pattern: string };
      readonly minProperties?: number;
      readonly maxProperties?: number;
    };

interface DemandList {
  readonly type: 'array';
  readonly minItems: number;
  readonly maxItems: number;
  readonly uniqueItems: boolean;
  readonly items: DemandSchema;
}

/** At least one item, each once. */
export function listOf(items: DemandSchema, maxItems: number): DemandList {
  return { type: 'array', minItems: 1, maxItems, uniqueItems: true, items };
}

/** Without control characters, as `Field.text` reads it. */
export function textOf(maxLength: number, pattern = '^[^\\p{C}]+$'): DemandSchema {
  return { type: 'string', minLength: 1, maxLength, pattern };
}

/** SHA-256 in lower-case hexadecimal. */
export const sha256Schema: DemandSchema = textOf(64, '^[0-9a-f]{64}$');
