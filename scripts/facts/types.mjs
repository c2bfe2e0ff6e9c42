#!/usr/bin/env node
// Writes core/schema/facts/types.json for a release of Kubernetes: what is known of its types and `@kubernetes/client-node` does not say.
//
//     node scripts/facts/types.mjs GO-TYPES.json OPENAPI-FOLDER
//
// GO-TYPES.json is what `go-types.go` prints; the folder is `api/openapi-spec/v3` of kubernetes/kubernetes. docs/kubernetes-release.md says how to come by both.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { modelNameOf, readModel } from '../generate/models.mjs';
import { typeOf } from '../generate/schema.mjs';

/**
 * The facts: of every type that the documents have, a merge patch (RFC 7386) from what client-node says of it to what the documents and the Go structs say. Types
 * of apimachinery that no document of a GA version describes (what is only on the wire, discovery), and those that encode themselves, stay as they are in `facts`.
 *
 * @typedef {Record<string, Record<string, any>>} Facts package → type → facts
 * @param {{ go: Record<string, any>, documents: any[], facts: Facts }} input
 * @returns {Promise<Facts>}
 */
export async function factsOf({ go, documents, facts }) {
  /** @type {Record<string, any>} */
  const described = Object.assign({}, ...documents.map(({ components }) => components.schemas));
  const known = new Set(Object.entries(facts).flatMap(([pkg, types]) => Object.keys(types).map((name) => `${pkg}.${name}`)));
  const isKept = (/** @type {string} */ name) => known.has(name) && (isWritten(name, facts) || (!(name in described) && name.startsWith(APIMACHINERY)));
  const names = [...new Set([...known, ...Object.keys(described).filter(hasModel)])].filter((name) => isKept(name) || name in described);
  const definitions = new Map(names.filter(hasModel).map((name) => [/** @type {string} */ (modelNameOf(...partsOf(name))), name]));
  /** @type {Facts} */
  const out = {};
  for (const definition of names.sort(byPackage)) {
    const [pkg, name] = partsOf(definition);
    out[pkg] ??= {};
    out[pkg][name] = isKept(definition) ? facts[pkg][name] : await factsOfType(definition, { described, go, definitions });
  }
  return out;
}

/** What all groups share stands in documents that are of no version. */
const APIMACHINERY = 'io.k8s.apimachinery.';

/** Written by hand: with a description of its own, because client-node has none. */
const isWritten = (/** @type {string} */ definition, /** @type {Facts} */ facts) => {
  const [pkg, name] = partsOf(definition);
  return facts[pkg]?.[name]?.$description !== undefined;
};

const hasModel = (/** @type {string} */ definition) => modelNameOf(...partsOf(definition)) !== undefined;

/** @param {string} definition @param {{ described: Record<string, any>, go: Record<string, any>, definitions: Map<string, string> }} from */
async function factsOfType(definition, { described, go, definitions }) {
  const [pkg, name] = partsOf(definition);
  const model = typeOf(pkg, name, await readModel(/** @type {string} */ (modelNameOf(pkg, name))), definitions);
  const { properties = {}, 'x-kubernetes-map-type': mapType, 'x-kubernetes-group-version-kind': gvk } = described[definition];
  const { embedded, fields = {} } = go[definition] ?? {};
  /** @type {Record<string, any>} */
  const facts = {};
  for (const field of Object.keys(model.fields)) {
    const fact = difference(model.fields[field], { ...fieldOf(properties[field]), ...fields[field] });
    const keys = Object.keys(fact);
    if (keys.length > 0) facts[field] = keys.length === 1 && keys[0] === 'number' ? fact.number : fact;
  }
  // A kind that stands in every group (DeleteOptions) is looked up in the first.
  const own = gvk && !model.gvk && { gvk: [gvk.find((/** @type {any} */ of) => of.group === '' && of.version === 'v1') ?? gvk[0]] };
  return { ...own, ...(mapType && { mapType }), ...(embedded && { embedded }), ...(Object.keys(facts).length > 0 && { fields: facts }) };
}

/** A property of an OpenAPI document, as the schema has it. @param {any} property @returns {any} */
function fieldOf(property) {
  const ref = property.$ref ?? property.allOf?.[0].$ref;
  const { type, format, items, additionalProperties } = property;
  const value = ref
    ? { ref: ref.slice(ref.lastIndexOf('/') + 1) }
    : items
      ? { type, items: elementOf(items) }
      : additionalProperties
        ? { type, map: elementOf(additionalProperties) }
        : { type, ...(format && { format }) };
  return { ...value, ...extensionsOf(property) };
}

const elementOf = (/** @type {any} */ property) => fieldOf(property);

function extensionsOf(/** @type {any} */ property) {
  return Object.fromEntries(Object.entries(extensions).flatMap(([name, as]) => (property[name] === undefined ? [] : [[as, property[name]]])));
}

const extensions = {
  'x-kubernetes-list-type': 'listType',
  'x-kubernetes-list-map-keys': 'listMapKeys',
  'x-kubernetes-map-type': 'mapType',
  'x-kubernetes-patch-strategy': 'patchStrategy',
  'x-kubernetes-patch-merge-key': 'patchMergeKey',
};

/** The merge patch (RFC 7386) from one object to another. @param {any} from @param {any} to @returns {any} */
function difference(from, to) {
  /** @type {Record<string, any>} */
  const out = {};
  for (const name of Object.keys(from)) if (!(name in to)) out[name] = null;
  for (const [name, value] of Object.entries(to)) {
    if (JSON.stringify(from[name]) === JSON.stringify(value)) continue;
    const inner = isObject(from[name]) && isObject(value) ? difference(from[name], value) : value;
    if (!isObject(inner) || Object.keys(inner).length > 0) out[name] = inner;
  }
  return out;
}

const isObject = (/** @type {unknown} */ value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** @param {string} definition @returns {[pkg: string, name: string]} */
function partsOf(definition) {
  const dot = definition.lastIndexOf('.');
  return [definition.slice(0, dot), definition.slice(dot + 1)];
}

function byPackage(/** @type {string} */ a, /** @type {string} */ b) {
  return partsOf(a).join('/') < partsOf(b).join('/') ? -1 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [goFile, folder] = process.argv.slice(2);
  if (!goFile || !folder) throw new Error('usage: node scripts/facts/types.mjs GO-TYPES.json OPENAPI-FOLDER');
  const file = join(import.meta.dirname, '../../core/schema/facts/types.json');
  const read = (/** @type {string} */ path) => JSON.parse(readFileSync(path, 'utf8'));
  // `api__v1_openapi.json`, `apis__apps__v1_openapi.json`: GA versions only.
  const documents = readdirSync(folder).filter((name) => /__v\d+_openapi\.json$/.test(name));
  const facts = await factsOf({ go: read(goFile), documents: documents.map((name) => read(join(folder, name))), facts: read(file) });
  writeFileSync(file, `${JSON.stringify(facts)}\n`);
}
