import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { aggregatedDiscovery } from '../../core/api/discovery/discovery.ts';
import { openapiDocument, openapiIndex } from '../../core/api/openapi/openapi.ts';
import { schemasOf } from '../../core/api/openapi/schemas.ts';
import { Apis } from '../../core/apis/apis.ts';
import { definitions, schemaOf } from '../../core/schema/built-in-types.ts';
import { loadDescriptions } from '../../core/schema/descriptions.ts';

// The scripts are plain JavaScript: they run before there is a TypeScript to be had.
const { factsOf } = await import(new URL('../../scripts/facts/types.mjs', import.meta.url).href);
const { openapiFacts } = await import(new URL('../../scripts/facts/openapi.mjs', import.meta.url).href);
const { describeTypes } = await import(new URL('../../scripts/generate/schema.mjs', import.meta.url).href);
const { resourceFacts } = await import(new URL('../../scripts/facts/resources.mjs', import.meta.url).href);
const fact = (name: string) => JSON.parse(readFileSync(new URL(`../../core/schema/facts/${name}`, import.meta.url), 'utf8'));
const facts: Facts = fact('types.json');

type Facts = Record<string, Record<string, { embedded?: object; $description?: string; fields?: Record<string, number | Record<string, unknown>> }>>;

const parsed = ({ bytes }: { bytes: Uint8Array }) => JSON.parse(new TextDecoder().decode(bytes));

/** What `go-types.go` would print of the types of these facts. */
const goTypes = Object.fromEntries(
  Object.entries(facts).flatMap(([pkg, types]) =>
    Object.entries(types).map(([name, { embedded, fields = {} }]) => [
      `${pkg}.${name}`,
      {
        embedded,
        fields: Object.fromEntries(
          Object.entries(fields).flatMap(([field, fact]) => {
            const { number, presence, goType, embedded, message } = typeof fact === 'number' ? { number: fact } : (fact as Record<string, unknown>);
            const printed = Object.entries({ number, presence, goType, embedded, message }).filter(([, value]) => value !== undefined);
            return printed.length > 0 ? [[field, Object.fromEntries(printed)]] : [];
          }),
        ),
      },
    ]),
  ),
);

it('The types are made of the OpenAPI documents that they lead to, and of what Go says, as they are', async () => {
  const paths = Object.keys(parsed(await openapiIndex(Apis.builtIn)).paths);
  const documents = await Promise.all(paths.map(async (path) => parsed((await openapiDocument(Apis.builtIn, path))!)));
  const made: Facts = await factsOf({ go: goTypes, documents, facts });
  expect(made).toEqual(facts);
});

it('The resources are made of the discovery that they lead to, as they are', () => {
  const lists = (['/api', '/apis'] as const).map((path) => aggregatedDiscovery(Apis.builtIn, path).body);
  const ofKubernetes = lists.map((list) => ({ ...list, items: list.items.filter(({ metadata: { name } }) => name !== 'logplane.dev') }));
  expect(resourceFacts(ofKubernetes)).toEqual(fact('resources.json'));
});

it('The words of OpenAPI are made of the definitions that they lead to, as they are', async () => {
  const types = definitions.map((name) => schemaOf(name)!);
  const made = openapiFacts({ definitions: schemasOf(types, await loadDescriptions()), known: await describeTypes(facts), schemas: schemasOf(types, {}) });
  expect(made).toEqual(fact('openapi.json'));
});
