import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * What `@kubernetes/client-node` says of a type: its generated class has the names, types and formats of the fields (attributeTypeMap), and the
 * declaration beside it says which are required and describes them all.
 *
 * @typedef {{ name: string, type: string, format: string, required: boolean, description: string }} ModelField
 * @typedef {{ description: string, fields: ModelField[] }} Model
 * @param {string} name the class, such as `V1PodSpec`
 * @returns {Promise<Model>}
 */
export async function readModel(name) {
  const path = join(folder, name);
  const { [name]: model } = await import(pathToFileURL(`${path}.js`).href);
  const declared = readDeclaration(readFileSync(`${path}.d.ts`, 'utf8'));
  const fields = model.attributeTypeMap.map((/** @type {{ name: string, baseName: string, type: string, format: string }} */ attribute) => {
    const declaration = declared.fields.get(attribute.name);
    if (!declaration) throw new Error(`client-node: ${name}.d.ts does not declare ${attribute.name}`);
    return { name: attribute.baseName, type: attribute.type, format: attribute.format, ...declaration };
  });
  return { description: declared.description, fields };
}

/**
 * The class of a type: version and name together (`V1PodSpec`), with the group in front where another group has one of that name (`CoreV1Event`);
 * undefined where client-node has none.
 * @param {string} pkg such as `io.k8s.api.core.v1`
 * @param {string} name
 */
export function modelNameOf(pkg, name) {
  const [group, version] = pkg
    .split('.')
    .slice(-2)
    .map((part) => part[0].toUpperCase() + part.slice(1));
  return [`${group}${version}${name}`, `${version}${name}`].find((model) => existsSync(join(folder, `${model}.js`)));
}

/** The release of Kubernetes that the models are of: `1.36`. */
export const releaseOfModels = () => readFileSync(join(folder, 'V1Pod.js'), 'utf8').match(/OpenAPI spec version: release-(\d+\.\d+)/)?.[1];

export const clientNode = dirname(fileURLToPath(import.meta.resolve('@kubernetes/client-node')));
const folder = join(clientNode, 'gen', 'models');

/** @param {string} text a `.d.ts` file that declares one class */
function readDeclaration(text) {
  const at = text.indexOf('export declare class');
  const head = text.slice(0, at);
  const description = unquote(head.slice(head.lastIndexOf('/**')).match(/\/\*\*\s*\* ?([\s\S]*?)\s*\*\//)?.[1] ?? '');
  const fields = new Map();
  for (const [, comment, name, optional] of text.slice(at).matchAll(/(?:\/\*\*\s*\* ?((?:(?!\*\/)[\s\S])*?)\s*\*\/\s*)?'([^']+)'(\?)?: /g)) {
    fields.set(name, { required: !optional, description: unquote(comment ?? '') });
  }
  return { description, fields };
}

/** The generator of client-node escapes quotes as in a string, and the end of a comment as `*_/`. */
function unquote(/** @type {string} */ text) {
  return text.replace(/\\(.)/g, '$1').replaceAll('*_/', '*/').trim();
}
