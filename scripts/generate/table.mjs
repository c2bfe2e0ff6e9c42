/**
 * `types.json`: the schema of every type as one line of text each, by package and name. A line costs nothing until its type is met; `core/schema/built-in-types.ts`
 * reads it, and says what the words mean. What a reader would assume anyway is left out.
 *
 * @param {Record<string, any>} schema by OpenAPI definition
 * @returns {Record<string, Record<string, string>>}
 */
export function writeTable(schema) {
  /** @type {Record<string, Record<string, string>>} */
  const table = {};
  for (const [definition, type] of Object.entries(schema)) {
    const { pkg, name } = partsOf(definition);
    table[pkg] ??= {};
    table[pkg][name] = [typeWords(type), ...Object.entries(type.fields ?? {}).map(([field, of]) => fieldWords(field, of, type, pkg))].join(';');
  }
  return table;
}

function typeWords(/** @type {any} */ { gvk = [], type, format, mapType, embedded = {} }) {
  return [
    ...gvk.map((/** @type {any} */ { group, version, kind }) => `kind=${group}/${version}/${kind}`),
    ...(type ? [`type=${type}`] : []),
    ...(format ? [`format=${format}`] : []),
    ...(mapType ? [`map=${mapType}`] : []),
    ...Object.entries(embedded).map(([name, number]) => `embeds=${name}:${number}`),
  ].join(' ');
}

/** @param {string} name @param {any} field @param {any} type @param {string} pkg */
function fieldWords(name, field, type, pkg) {
  const { number, presence, listType, listMapKeys = [], mapType, patchStrategy, patchMergeKey, goType, embedded, message } = field;
  return [
    name,
    typeText(field, pkg),
    ...(number ? [number] : []),
    ...(presence ? [presence] : []),
    ...(type.required?.includes(name) ? ['required'] : []),
    ...((field.items ? listType !== 'atomic' : listType) ? [[`list=${listType ?? ''}`, ...listMapKeys].join(':')] : []),
    ...(mapType ? [`map=${mapType}`] : []),
    ...(patchStrategy ? [[`patch=${patchStrategy}`, ...(patchMergeKey ? [patchMergeKey] : [])].join(':')] : []),
    ...(goType ? [`go=${goType}`] : []),
    ...(embedded ? [`in=${embedded}`] : []),
    ...(message ? ['message'] : []),
  ].join(' ');
}

/** A type as Go writes it; one of another package with the two last parts of the package's name. */
function typeText(/** @type {any} */ { type, format, ref, items, map }, /** @type {string} */ pkg) {
  if (items) return `[]${typeText(items, pkg)}`;
  if (map) return `map[string]${typeText(map, pkg)}`;
  if (ref) {
    const of = partsOf(ref);
    return of.pkg === pkg ? of.name : `${of.pkg.split('.').slice(-2).join('.')}.${of.name}`;
  }
  const scalar = Object.entries(scalars).find(([, of]) => of.type === type && of.format === format)?.[0];
  if (!scalar) throw new Error(`no Go type for ${type} ${format}`);
  return scalar;
}

/** @type {Record<string, { type: string, format?: string }>} */
const scalars = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  float64: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
};

function partsOf(/** @type {string} */ definition) {
  const dot = definition.lastIndexOf('.');
  return { pkg: definition.slice(0, dot), name: definition.slice(dot + 1) };
}
