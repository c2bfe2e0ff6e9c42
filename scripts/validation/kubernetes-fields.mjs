#!/usr/bin/env node
// Writes scripts/validation/kubernetes-fields.json: by API group, the names of the fields that Kubernetes' validation speaks of.
//
//     node scripts/validation/kubernetes-fields.mjs KUBERNETES API APIEXTENSIONS
//
// The three are the folders of the Go modules k8s.io/kubernetes, k8s.io/api and k8s.io/apiextensions-apiserver of one release. A field is spoken of when the code of its
// group makes a path to it (`fldPath.Child("name")` in pkg/apis/<group>/validation), or its declaration has a rule (`+k8s:minimum=0`).
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [kubernetes, api, apiextensions] = /** @type {[string, string, string]} */ (process.argv.slice(2));

const groups = readdirSync(join(kubernetes, 'pkg/apis')).filter((group) => existsSync(join(kubernetes, 'pkg/apis', group, 'validation')));
/** @type {Record<string, string[]>} */
const fields = {};
for (const group of groups) fields[group] = namesOf([join(kubernetes, 'pkg/apis', group, 'validation')], join(api, group, 'v1/types.go'));
fields['apiextensions'] = namesOf([join(apiextensions, 'pkg/apis/apiextensions/validation')], '');
writeFileSync(fileURLToPath(new URL('kubernetes-fields.json', import.meta.url)), `${JSON.stringify(fields, null, 2)}\n`);

/** @param {string[]} folders @param {string} types */
function namesOf(folders, types) {
  const files = folders.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)));
  const code = files.filter((file) => file.endsWith('.go') && !file.endsWith('_test.go')).map((file) => readFileSync(file, 'utf8'));
  const paths = code.flatMap((text) =>
    [...text.matchAll(/(?:\.Child|field\.NewPath)\(([^()]*)\)/g)].flatMap(([, names]) => [...names.matchAll(/"([^"]+)"/g)].map(([, name]) => name)),
  );
  const declared = existsSync(types) ? declaredIn(readFileSync(types, 'utf8')) : [];
  return [...new Set([...paths, ...declared])].sort();
}

/** The JSON names of fields whose comment has a rule. @param {string} text */
function declaredIn(text) {
  const names = [];
  let hasRule = false;
  for (const line of text.split('\n')) {
    if (/^\s*\/\//.test(line)) hasRule ||= /\+k8s:(?!optional|listType|listMapKey|alpha|beta|isSubresource|supportsSubresource)/.test(line);
    else {
      const name = /json:"([^",]+)/.exec(line)?.[1];
      if (hasRule && name) names.push(name);
      hasRule = false;
    }
  }
  return names;
}
