#!/usr/bin/env node
// Writes core/resources/generated: the Kubernetes 1.36 schema, from @kubernetes/client-node and core/resources/facts.
// Plain Node 20, no network. Does nothing when the output was made from the same input (`--force`: does it anyway).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeKinds } from './generate/kinds.mjs';
import { buildResources } from './generate/resources.mjs';
import { buildSchema } from './generate/schema.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const facts = join(root, 'core/resources/facts');
const generated = join(root, 'core/resources/generated');
const read = (/** @type {string} */ name) => JSON.parse(readFileSync(join(facts, name), 'utf8'));

const { schema } = await buildSchema(read('types.json'));
mkdirSync(generated, { recursive: true });
writeFileSync(join(generated, 'kinds.ts'), writeKinds(schema));
writeFileSync(join(generated, 'resources.json'), JSON.stringify(buildResources(read('resources.json'), schema)));
writeFileSync(join(generated, 'schema.json'), JSON.stringify(schema));
