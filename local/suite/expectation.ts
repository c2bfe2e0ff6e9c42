import { manifestsIn } from '../../core/api/codec/manifests.ts';
import { type Fields, isFields } from '../../core/kube/fields.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import type { ApiClient } from '../client/api-client.ts';
import { nameOfObject, pathOf, type Resources } from '../client/resources.ts';
import { objectIfThere } from '../looking/changes.ts';
import { filesOf } from '../manifests.ts';
import { UsageError } from '../run-verb.ts';

/** A part of an object that is to be there, or not to be there, as assert and error files of kuttl and Chainsaw have it. */
export interface Expectation {
  readonly source: string;
  readonly object: Fields;
}

/** Reads files, and folders of them. Throws an Error that names the file, and a `UsageError` for what is no part of an object. */
export async function readExpectations(sources: readonly string[]): Promise<Expectation[]> {
  const expectations: Expectation[] = [];
  for (const given of sources)
    for (const { source, text } of await filesOf(given)) expectations.push(...objectsOf(text, source).map((object) => checked({ source, object })));
  return expectations;
}

function objectsOf(text: string, source: string): Fields[] {
  try {
    return manifestsIn(text);
  } catch (error) {
    throw new Error(`${source}: ${(error as Error).message}`);
  }
}

/** What would be passed over, or taken for something else, is refused. */
function checked(expectation: Expectation): Expectation {
  const { source, object } = expectation;
  const { apiVersion, kind } = object;
  if (/^(kuttl\.dev|chainsaw\.kyverno\.io)\//.test(String(apiVersion)))
    throw new UsageError(`${source}: ${kind} is an instruction to another program: only objects can be expected here`);
  const expression = expressionIn(object);
  if (expression !== undefined) throw new UsageError(`${source}: ${expression} is an expression of Chainsaw: only values can be expected here`);
  return expectation;
}

function expressionIn(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.map(expressionIn).find((found) => found !== undefined);
  if (!isFields(value)) return undefined;
  return Object.entries(value)
    .map(([key, child]) => (/^\(.*\)$/.test(key) ? key : expressionIn(child)))
    .find((found) => found !== undefined);
}

/** `deployment.apps/web`, or the kind alone. */
export function nameOfExpectation({ object }: Expectation): string {
  const { apiVersion, kind, metadata } = object as unknown as KubeObject;
  const group = String(apiVersion).includes('/') ? String(apiVersion).split('/')[0]! : '';
  return metadata?.name === undefined ? `any ${kind}` : nameOfObject({ group, kind }, metadata.name);
}

/** What is not as expected, a line for each field; none: there is an object that is as expected. Throws what the cluster refuses. */
export async function unmet({ object }: Expectation, { client, resources }: { client: ApiClient; resources: Resources }): Promise<readonly string[]> {
  const { apiVersion, kind, metadata } = object as unknown as KubeObject;
  const resource = resources.ofKind(apiVersion, kind);
  if (!resource) return [`no matches for kind "${kind}" in version "${apiVersion}"`];
  const namespace = resource.namespaced ? (metadata?.namespace ?? client.namespace ?? 'default') : undefined;
  if (metadata?.name !== undefined) {
    const found = await objectIfThere(pathOf(resource, namespace, metadata.name), client);
    return found ? differences(object, found) : ['it is not there'];
  }
  const { items } = await client.get<{ items: Fields[] }>(pathOf(resource, namespace));
  // Items of a list say neither version nor kind.
  const each = items.map((item) => differences(object, { ...item, apiVersion, kind }));
  if (each.some((lines) => lines.length === 0)) return [];
  const closest = [...each].sort((a, b) => a.length - b.length)[0];
  return closest ? [`none of ${items.length} is as expected; of the closest, ${closest[0]}`, ...closest.slice(1)] : ['there is none'];
}

/** Where an object is not as a part of it is to be. Lists have to be of the same length, and each element as expected. */
export function differences(expected: unknown, actual: unknown, path = ''): string[] {
  if (isFields(expected)) {
    if (!isFields(actual)) return [`${path || '.'}: ${shown(expected)} is expected, ${told(actual)}`];
    return Object.entries(expected).flatMap(([key, value]) => differences(value, Object.hasOwn(actual, key) ? actual[key] : undefined, `${path}.${key}`));
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${path}: ${shown(expected)} is expected, ${told(actual)}`];
    if (actual.length !== expected.length) return [`${path}: ${expected.length} elements are expected, there are ${actual.length}`];
    return expected.flatMap((value, i) => differences(value, actual[i], `${path}[${i}]`));
  }
  // null in a file is a field that is to be absent, as of an apply.
  if (expected === null && actual === undefined) return [];
  return expected === actual ? [] : [`${path}: ${shown(expected)} is expected, ${told(actual)}`];
}

const told = (actual: unknown): string => (actual === undefined ? 'it is not there' : `it is ${shown(actual)}`);

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const LONGEST = 120;
