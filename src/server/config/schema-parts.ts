// What the configuration's schema is made of.
export const seconds = (initial: number, maximum: number, description: string) => ({
  type: 'integer',
  minimum: 1,
  maximum,
  default: initial,
  description,
});

export const section = (description: string, properties: Readonly<Record<string, object>>) => ({
  type: 'object',
  additionalProperties: false,
  default: {},
  description,
  properties,
});
