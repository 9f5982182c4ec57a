import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { routes, serverProblemCodes, type OperationId } from '../../src/api/index.ts';
import { access } from '../../src/server/auth/access.ts';
import { ServerError, serverErrors } from '../../src/server/index.ts';
import { loadContract } from '../../src/server/http/contract.ts';
import { createValidator } from '../../src/server/http/validator.ts';
import { handlers } from '../../src/server/http/operations/index.ts';

interface Schema {
  readonly type?: string;
  readonly additionalProperties?: unknown;
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly format?: string;
  readonly $ref?: string;
}

interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  readonly tags?: string[];
  readonly security?: unknown[];
  readonly responses: Record<string, unknown>;
  readonly requestBody?: { content: Record<string, { schema: Schema }> };
}

const text = readFileSync(join(import.meta.dirname, '../../openapi.yaml'), 'utf8');
const document = parse(text) as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};
const operations = Object.values(document.paths).flatMap((item) =>
  Object.entries(item)
    .filter(([key]) => key !== 'parameters')
    .map(([, operation]) => operation),
);

describe('the contract', () => {
  it('is written in ASCII: V8 keeps a text with one other character in two bytes each, its names too, and every answer that has them', () => {
    assert.match(text, /^[\n -~]*$/);
  });

  it('is OpenAPI 3.1, and every operation has a handler, a role row, a summary and problem responses', () => {
    assert.match(document.openapi, /^3\.1\./);
    const ids = operations.map(({ operationId }) => operationId).sort();
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(ids, Object.keys(handlers).sort());
    assert.deepEqual(ids, Object.keys(access).sort());
    assert.deepEqual(ids, Object.keys(routes).sort());
    for (const { operationId, summary, tags, responses } of operations) {
      assert.ok(summary && tags?.length === 1, operationId);
      assert.ok('default' in responses, `${operationId} names no problem response`);
    }
  });

  it('marks as open exactly what the access table opens to everybody', () => {
    const open = operations.filter(({ security }) => security?.length === 0).map(({ operationId }) => operationId);
    const anonymous = Object.entries(access)
      .filter(([, row]) => 'anonymous' in row)
      .map(([id]) => id);
    assert.deepEqual(open.sort(), anonymous.sort());
  });

  it('refuses unknown fields everywhere, and bounds every text and list that a request can carry', () => {
    const seen = new Set<string>();
    const check = (schema: Schema, where: string): void => {
      if (schema.$ref !== undefined) {
        const name = schema.$ref.replace('#/components/schemas/', '');
        if (seen.has(name)) return;
        seen.add(name);
        check(document.components.schemas[name]!, name);
        return;
      }
      if (schema.type === 'object') assert.notEqual(schema.additionalProperties, undefined, `${where} takes anything`);
      // What Kubernetes sends is for Kubernetes to say, and grows with its versions.
      if (schema.additionalProperties === true) assert.match(where, /^Kubernetes/);
      if (schema.type === 'string') {
        const bounded = schema.maxLength ?? schema.enum ?? schema.const ?? schema.pattern;
        assert.notEqual(bounded, undefined, `${where} has no bound`);
      }
      if (schema.type === 'array') assert.notEqual(schema.maxItems, undefined, `${where} has no bound`);
      for (const [name, inner] of Object.entries(schema.properties ?? {})) check(inner, `${where}.${name}`);
      if (schema.items !== undefined) check(schema.items, `${where}[]`);
    };
    for (const { operationId, requestBody } of operations) {
      for (const { schema } of Object.values(requestBody?.content ?? {})) check(schema, operationId);
    }
    assert.ok(seen.size > 10);
  });

  it('accepts its own examples', () => {
    const contract = loadContract();
    const bodies: Partial<Record<OperationId, string>> = {
      createAdmissionDecision: 'AdmissionRequest',
      createAdmissionBatch: 'AdmissionBatchRequest',
      createQuarantine: 'QuarantineRequest',
      createSubscription: 'SubscriptionRequest',
      tryApprovalRules: 'RuleTrialRequest',
      putPolicy: 'PolicyRequest',
      createSigningKey: 'SigningKeyRequest',
      startRollout: 'RolloutRequest',
    };
    for (const [operation, name] of Object.entries(bodies)) {
      const schema = document.components.schemas[name] as Schema & { example?: unknown };
      assert.notEqual(schema.example, undefined);
      contract[operation as OperationId].checkBody(structuredClone(schema.example));
    }
  });

  it('has schemas that follow JSON Schema: the server does not look again at each start', () => {
    const rules = createValidator([], {});
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      assert.equal(rules.validateSchema(schema, true), true, name);
    }
    assert.throws(() => rules.validateSchema({ maxLength: 'four' }, true), /schema is invalid/);
  });

  it('compiles to a validator wherever it has a schema: the server compiles one when it is first asked', () => {
    const contract = loadContract();
    const isRefusal = (error: unknown): boolean => error instanceof ServerError && error.code === 'REQUEST_INVALID';
    const passesOrRefuses = (check: () => void): void => {
      try {
        check();
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
    };
    for (const { operationId, responses } of operations) {
      const checks = contract[operationId as OperationId];
      passesOrRefuses(() => checks.checkParameters('path', {}));
      passesOrRefuses(() => checks.checkParameters('query', {}));
      passesOrRefuses(() => checks.checkBody({}));
      for (const status of Object.keys(responses)) checks.findResponseMistake(Number(status), {});
    }
  });

  it('has one row for every problem code of the server', () => {
    assert.deepEqual(Object.keys(serverErrors).sort(), [...serverProblemCodes].sort());
  });
});
