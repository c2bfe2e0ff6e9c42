import { modelNameOf, readModel } from './models.mjs';

/**
 * The schema of every type in `facts/types.json`: what client-node's models say, with the facts laid over it as a merge patch (RFC 7386).
 *
 * @typedef {Record<string, any>} Patch
 * @typedef {Record<string, Record<string, Patch>>} TypeFacts package → type → what client-node does not say of it
 * @param {TypeFacts} facts
 * @returns {Promise<Record<string, any>>}
 */
export async function buildSchema(facts) {
  const types = typesOf(facts);
  const definitions = new Map(types.map(({ model, definition }) => [model, definition]));
  const models = await modelsOf(types);
  /** @type {Record<string, any>} */
  const out = {};
  types.forEach(({ pkg, name, definition, patch }, i) => {
    const model = models[i];
    const { $description, ...rest } = withNumbers(patch);
    if (!model && !$description) throw new Error(`facts/types.json has ${definition}, of which client-node does not know`);
    out[definition] = mergePatch(model ? typeOf(pkg, name, model, definitions) : {}, rest);
    checkFields(definition, out[definition], model);
  });
  return out;
}

/**
 * What client-node says each type and field is for, by definition. Beside a reference to another type it says nothing: Swagger has no room for it there.
 * @typedef {Record<string, { description?: string, fields?: Record<string, string> }>} Descriptions
 * @param {TypeFacts} facts
 * @returns {Promise<Descriptions>}
 */
export async function describeTypes(facts) {
  const types = typesOf(facts);
  const models = await modelsOf(types);
  return Object.fromEntries(
    types.map(({ definition, patch }, i) => {
      const model = models[i];
      if (!model) return [definition, { description: patch['$description'] }];
      return [definition, { description: model.description, fields: Object.fromEntries(model.fields.map((field) => [field.name, field.description])) }];
    }),
  );
}

const typesOf = (/** @type {TypeFacts} */ facts) =>
  Object.entries(facts).flatMap(([pkg, patches]) => Object.entries(patches).map(([name, patch]) => describe(pkg, name, patch)));

const modelsOf = (/** @type {{ model?: string }[]} */ types) => Promise.all(types.map(({ model }) => (model ? readModel(model) : undefined)));

/** Where a field's number is all that there is to say, it stands for itself. */
function withNumbers(/** @type {Patch} */ patch) {
  if (!patch.fields) return patch;
  const fields = Object.entries(patch.fields).map(([name, facts]) => [name, typeof facts === 'number' ? { number: facts } : facts]);
  return { ...patch, fields: Object.fromEntries(fields) };
}

/**
 * Facts of another release than the models are told here: a field of which only one of them knows, and a number that stands twice.
 * @param {string} definition @param {any} type @param {import('./models.mjs').Model | undefined} model
 */
function checkFields(definition, { fields = {}, embedded = {} }, model) {
  const known = new Set(model?.fields.map((field) => field.name));
  const taken = new Set(Object.entries(embedded).map(([name, number]) => `${outer(name)} ${number}`));
  for (const [name, { number, type, ref, embedded: within = '' }] of Object.entries(/** @type {Record<string, any>} */ (fields))) {
    if (model && !known.has(name)) throw new Error(`facts/types.json has ${definition} ${name}, of which client-node does not know`);
    if (!type && !ref) throw new Error(`facts/types.json does not say of what type ${definition} ${name} is`);
    if (number === undefined) {
      if (!jsonOnly.has(definition) && name !== 'apiVersion' && name !== 'kind')
        throw new Error(`facts/types.json does not have the number of ${definition} ${name}`);
    } else if (taken.size === taken.add(`${within} ${number}`).size) throw new Error(`facts/types.json has the number ${number} twice in ${definition}`);
  }
}

/** `RuleWithOperations.Rule` is a field of `RuleWithOperations`. */
const outer = (/** @type {string} */ name) => name.slice(0, Math.max(0, name.lastIndexOf('.')));

/** What has no protobuf form. */
const jsonOnly = new Set(['io.k8s.apimachinery.pkg.version.Info']);

/** @param {string} pkg @param {string} name @param {Patch} patch */
function describe(pkg, name, patch) {
  return { pkg, name, definition: `${pkg}.${name}`, model: modelNameOf(pkg, name), patch };
}

/** The group whose kinds a package of Go types has: only the core group and the groups of apimachinery are not named after it. */
const groups = {
  core: '',
  rbac: 'rbac.authorization.k8s.io',
  flowcontrol: 'flowcontrol.apiserver.k8s.io',
  apps: 'apps',
  autoscaling: 'autoscaling',
  batch: 'batch',
  policy: 'policy',
  meta: '',
};

/** @param {string} pkg such as `io.k8s.api.apps.v1` */
export function groupVersionOf(pkg) {
  const [group, version] = pkg.split('.').slice(-2);
  return { group: group in groups ? groups[/** @type {keyof typeof groups} */ (group)] : `${group}.k8s.io`, version };
}

/** @param {string} pkg @param {string} name @param {import('./models.mjs').Model} model @param {Map<string, string>} definitions */
export function typeOf(pkg, name, model, definitions) {
  const names = new Set(model.fields.map((field) => field.name));
  const isKind = names.has('apiVersion') && names.has('kind') && names.has('metadata');
  const isList = isKind && name.endsWith('List');
  const required = model.fields.filter((field) => field.required).map((field) => field.name);
  return {
    ...(isKind && { gvk: [{ ...groupVersionOf(pkg), kind: name }] }),
    ...(required.length && { required }),
    fields: Object.fromEntries(
      model.fields.map((field) => {
        const schema = fieldOf(field.type, field.format, definitions, `${pkg}.${name}.${field.name}`);
        // Kubernetes calls a list atomic unless it says otherwise; those of the List kinds it leaves alone.
        return [field.name, schema.type === 'array' && !isList ? { ...schema, listType: 'atomic' } : schema];
      }),
    ),
  };
}

const time = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';
const simple = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  Date: { ref: time },
  V1MicroTime: { ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime' },
  IntOrString: { ref: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString' },
  any: { ref: 'io.k8s.apimachinery.pkg.runtime.RawExtension' },
};

/**
 * @param {string} type as client-node writes it: `string`, `V1PodSpec`, `Array<V1Container>`, `{ [key: string]: string; }`
 * @param {string} format @param {Map<string, string>} definitions @param {string} where
 * @returns {any}
 */
function fieldOf(type, format, definitions, where) {
  const items = type.match(/^Array<(.*)>$/)?.[1];
  if (items) return { type: 'array', items: fieldOf(items, format, definitions, where) };
  const values = type.match(/^\{ \[key: string\]: (.*); \}$/)?.[1];
  if (values) return { type: 'object', map: fieldOf(values, format, definitions, where) };
  if (type === 'number') return { type: format === 'double' ? 'number' : 'integer', format };
  if (type === 'string' && format) return { type: 'string', format };
  if (type in simple) return simple[/** @type {keyof typeof simple} */ (type)];
  const ref = definitions.get(type);
  if (!ref) throw new Error(`facts/types.json has no type for client-node's ${type} (${where})`);
  return { ref };
}

/** @param {any} target @param {any} patch */
export function mergePatch(target, patch) {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const out = typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete out[name];
    else out[name] = mergePatch(out[name], value);
  }
  return out;
}
