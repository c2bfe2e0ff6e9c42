#!/usr/bin/env node
// Writes core/schema/facts/openapi.json and parameters.json for a release of Kubernetes: what its OpenAPI says of types and parameters, and neither `@kubernetes/client-node`
// nor the schema does.
//
//     node scripts/facts/openapi.mjs DEFINITIONS.json
//
// DEFINITIONS.json is what `openapi/openapi.go` prints. docs/kubernetes-release.md says how to come by it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeTypes } from '../generate/schema.mjs';

/**
 * Definition → a merge patch (RFC 7386) from the words of client-node to those of Kubernetes, with what else stands in its OpenAPI: values of enumerations, defaults,
 * the order of required fields, unions.
 *
 * @typedef {Record<string, Record<string, any>>} OpenapiFacts
 * @param {{ definitions: Record<string, any>, known: Record<string, any>, schemas: Record<string, any> }} input `known`: what client-node says; `schemas`: the OpenAPI that follows from it
 * @returns {OpenapiFacts}
 */
export function openapiFacts({ definitions, known, schemas }) {
  return Object.fromEntries(
    Object.keys(known).flatMap((name) => {
      const facts = definitions[name] && schemas[name] ? factsOfType(definitions[name], known[name], schemas[name]) : {};
      return Object.keys(facts).length > 0 ? [[name, facts]] : [];
    }),
  );
}

/** @param {any} definition @param {any} known @param {any} schema */
function factsOfType({ description, required, properties = {}, 'x-kubernetes-unions': unions }, known, schema) {
  /** @type {Record<string, any>} */
  const facts = {};
  if (description !== known.description) facts['description'] = description ?? null;
  if (JSON.stringify(required) !== JSON.stringify(schema.required)) facts['required'] = required;
  if (unions) facts['unions'] = unions;
  for (const [field, property] of Object.entries(schema.properties ?? {})) {
    const own = properties[field];
    if (!own) continue;
    const add = (/** @type {string} */ fact, /** @type {unknown} */ value) => {
      facts[fact] = { ...facts[fact], [field]: value };
    };
    if ((own.description ?? '') !== (known.fields?.[field] ?? '')) add('fields', own.description ?? null);
    if (own.enum) add('enums', own.enum);
    if (JSON.stringify(own.default) !== JSON.stringify(property.default)) add('defaults', own.default);
  }
  return facts;
}

/** The types whose fields are parameters of requests. */
const optionTypes = [
  ...['ListOptions', 'CreateOptions', 'PatchOptions', 'DeleteOptions'].map((name) => `io.k8s.apimachinery.pkg.apis.meta.v1.${name}`),
  ...['Attach', 'Exec', 'Log', 'PortForward', 'Proxy'].map((name) => `io.k8s.api.core.v1.Pod${name}Options`),
  ...['NodeProxyOptions', 'ServiceProxyOptions'].map((name) => `io.k8s.api.core.v1.${name}`),
];

/** Type of options → parameter → its type and what it is for. What is an object has no place in a query. @param {Record<string, any>} definitions */
export function parameterFacts(definitions) {
  return Object.fromEntries(
    optionTypes.map((name) => {
      const fields = Object.entries(/** @type {Record<string, any>} */ (definitions[name].properties)).filter(
        ([field, { $ref }]) => !$ref && field !== 'kind' && field !== 'apiVersion',
      );
      const parameters = fields.map(([field, { type, description }]) => [field, { type: type === 'array' ? 'string' : type, description }]);
      return [name.slice(name.lastIndexOf('.') + 1), Object.fromEntries(parameters)];
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [definitions] = process.argv.slice(2);
  if (!definitions) throw new Error('usage: node scripts/facts/openapi.mjs DEFINITIONS.json');
  const { schemasOf } = await import('../../core/api/openapi/schemas.ts');
  const builtIn = await import('../../core/schema/built-in-types.ts');
  const folder = join(import.meta.dirname, '../../core/schema/facts');
  const read = (/** @type {string} */ path) => JSON.parse(readFileSync(path, 'utf8'));
  const known = await describeTypes(read(join(folder, 'types.json')));
  const schemas = schemasOf(
    builtIn.definitions.map((/** @type {string} */ name) => builtIn.schemaOf(name)),
    {},
  );
  const all = read(definitions);
  writeFileSync(join(folder, 'openapi.json'), `${JSON.stringify(openapiFacts({ definitions: all, known, schemas }))}\n`);
  writeFileSync(join(folder, 'parameters.json'), `${JSON.stringify(parameterFacts(all))}\n`);
}
