// Settings as documents show them are settings that the server takes, and the defaults they name are those it has.
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { checkConfig, configSchema, ServerError } from '../../src/server/index.ts';
import { documents } from './documented-commands.ts';

interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

const sections = Object.keys(configSchema.properties);
const pages = documents().filter(({ path }) => path.endsWith('.md') && path !== 'CHANGELOG.md');

/** What a fragment leaves out because another part of the page says it. */
const context = { serverId: 'attest.example', tls: { certFile: 'tls/server.crt', keyFile: 'tls/server.key' } };

/** Fenced YAML that is a part of touchstone.yaml: every key of it is a section of the configuration. */
function settingsOf(text: string): readonly Record<string, unknown>[] {
  return [...text.matchAll(/^( *)```yaml\n([\s\S]*?)^\1```$/gm)]
    .map(([, , block = '']) => parse(block) as Record<string, unknown>)
    .filter((value) => !Array.isArray(value) && Object.keys(value).some((name) => sections.includes(name)));
}

function refusalOf(settings: Record<string, unknown>): string | undefined {
  try {
    checkConfig({ ...context, ...settings }, '/data');
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ServerError);
    return error.message;
  }
}

describe('settings that documents show', () => {
  it('are taken by the server', () => {
    const shown = pages.flatMap(({ path, text }) => settingsOf(text).map((settings) => ({ path, settings })));
    assert.ok(shown.length >= 12, `${shown.length} were found`);
    const refused = shown.map(({ path, settings }) => ({ path, why: refusalOf(settings) }));
    assert.deepEqual(refused.filter(({ why }) => why !== undefined), []); // prettier-ignore
  });

  it('would be refused with a name that is no more, or a value that is none', () => {
    assert.match(refusalOf({ lockout: { share: 20 } }) ?? '', /unknown setting "share"/);
    assert.match(refusalOf({ admission: { listen: { port: 'all' } } }) ?? '', /admission\.listen\.port/);
    assert.deepEqual(settingsOf('```yaml\nid: fleet\nlayers: [kernel]\n```\n'), []);
  });

  it('have the defaults that documents name: `retention.historyDays` (365)', () => {
    const named = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/`([a-z]\w+(?:\.\w+)+)` \((\d+)\)/gi)].map(([, name = '', value]) => ({ path, name, value })),
    );
    assert.ok(named.length >= 6, `${named.length} were found`);
    const wrong = named.filter(({ name, value }) => !isDeepStrictEqual(schemaOf(name)?.default, Number(value)));
    assert.deepEqual(wrong, []);
  });

  it('each say what they are for, those of lists as well', () => {
    assert.deepEqual(withoutDescription('', configSchema.properties), []);
  });
});

function schemaOf(name: string): Schema | undefined {
  const top: Schema = configSchema;
  return name.split('.').reduce<Schema | undefined>((schema, part) => schema?.properties?.[part], top);
}

function withoutDescription(prefix: string, properties: Readonly<Record<string, Schema>>): readonly string[] {
  return Object.entries(properties).flatMap(([name, schema]) => [
    ...(schema.description === undefined ? [prefix + name] : []),
    ...withoutDescription(`${prefix}${name}.`, schema.properties ?? {}),
    ...withoutDescription(`${prefix}${name}[].`, schema.items?.properties ?? {}),
  ]);
}
