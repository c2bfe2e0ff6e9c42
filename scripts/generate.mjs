#!/usr/bin/env node
// Writes core/schema/generated: the schema of Kubernetes, from @kubernetes/client-node and core/schema/facts.
// Plain Node 20, no network. Does nothing when the output was made from the same input (`--force`: does it anyway).
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDescriptions } from './generate/descriptions.mjs';
import { writeKinds } from './generate/kinds.mjs';
import { clientNode, releaseOfModels } from './generate/models.mjs';
import { buildResources } from './generate/resources.mjs';
import { buildSchema, describeTypes, mergePatch } from './generate/schema.mjs';
import { writeTable } from './generate/table.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const facts = join(root, 'core/schema/facts');
const generated = join(root, 'core/schema/generated');

const input = hashOf([
  fileURLToPath(import.meta.url),
  ...filesIn(join(root, 'scripts/generate')),
  ...filesIn(facts),
  join(dirname(clientNode), 'package.json'),
]);
if (process.argv.includes('--force') || read(join(generated, 'input.txt')) !== input) await generate();

async function generate() {
  const fact = (/** @type {string} */ name) => JSON.parse(readFileSync(join(facts, name), 'utf8'));
  const { major, minor } = fact('release.json');
  if (releaseOfModels() !== `${major}.${minor}`) throw new Error(`client-node is of Kubernetes ${releaseOfModels()}, core/schema/facts of ${major}.${minor}`);
  const schema = await buildSchema(fact('types.json'));
  mkdirSync(generated, { recursive: true });
  write('types.json', JSON.stringify(writeTable(schema)));
  const resources = buildResources(fact('resources.json'), schema);
  write('kinds.ts', writeKinds(schema, resources));
  write('resources.json', JSON.stringify(resources));
  write('descriptions.ts', writeDescriptions(mergePatch(await describeTypes(fact('types.json')), fact('openapi.json'))));
  write('input.txt', input);
}

/** Whole or not at all: something else may be reading it. */
function write(/** @type {string} */ name, /** @type {string} */ text) {
  const path = join(generated, name);
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

function hashOf(/** @type {string[]} */ paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

function filesIn(/** @type {string} */ folder) {
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

function read(/** @type {string} */ path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
