#!/usr/bin/env node
// Writes core/schema/facts/resources.json for a release of Kubernetes: which resources the GA versions have.
//
//     node scripts/facts/resources.mjs DISCOVERY.json…
//
// The files are answers of aggregated discovery (`APIGroupDiscoveryList`): `api/discovery/aggregated_v2.json` of kubernetes/kubernetes, which leaves out `/api`, and
// with it what a server of that release answers to `GET /api`. docs/kubernetes-release.md says how to come by both.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allVerbs } from '../generate/resources.mjs';

/**
 * The facts of what discovery lists, without what is usual.
 * @param {any[]} lists
 * @returns {Record<string, Record<string, any>>} group/version → plural → facts
 */
export function resourceFacts(lists) {
  const versions = lists
    .flatMap(({ items }) => items)
    .flatMap(({ metadata: { name: group = '' }, versions }) => versions.map((/** @type {any} */ one) => ({ group, ...one })));
  return Object.fromEntries(
    versions
      .filter(({ version }) => /^v\d+$/.test(version))
      .map(({ group, version, resources }) => [
        group ? `${group}/${version}` : version,
        Object.fromEntries(resources.map((/** @type {any} */ one) => [one.resource, factsOf(one)])),
      ]),
  );
}

/** @param {any} resource */
function factsOf({ responseKind: of, scope, shortNames, categories, verbs, subresources = [] }) {
  return {
    kind: of.kind,
    ...(shortNames && { shortNames }),
    ...(categories && { categories }),
    ...(scope === 'Cluster' && { namespaced: false }),
    ...(!same(verbs, allVerbs) && { verbs }),
    ...(subresources.length > 0 && {
      subresources: Object.fromEntries(subresources.map((/** @type {any} */ { subresource, ...rest }) => [subresource, subresourceFacts(rest, of)])),
    }),
  };
}

/** @param {any} subresource @param {any} of the kind of its resource */
function subresourceFacts({ responseKind: { group, version, kind }, verbs }, of) {
  return {
    ...(kind !== of.kind && { kind }),
    ...((group !== of.group || version !== of.version) && { group, version }),
    ...(!same(verbs, ['get', 'patch', 'update']) && { verbs }),
  };
}

const same = (/** @type {string[]} */ a, /** @type {string[]} */ b) => a.toSorted().join() === b.toSorted().join();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.length < 3) throw new Error('usage: node scripts/facts/resources.mjs DISCOVERY.json…');
  const facts = resourceFacts(process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8'))));
  writeFileSync(join(import.meta.dirname, '../../core/schema/facts/resources.json'), `${JSON.stringify(facts)}\n`);
}
