import { type Call, call } from './client.ts';
import { withoutManagedFields } from './manifest-text.ts';
import type { Where } from './where.ts';

const YAML = 'application/yaml';

/** An object as text for people: as YAML, without the fields that say who owns which field. */
export async function yamlOf(where: Where, path: string, options: Pick<Call, 'signal' | 'query'> = {}): Promise<string> {
  const response = await call(where, path, { ...options, accept: YAML });
  return withoutManagedFields(await response.text());
}

/** Puts a text of YAML in the place of an object, and gives what it has become. With `dryRun` nothing is written. */
export async function putYaml(where: Where, path: string, text: string, { dryRun }: { readonly dryRun: boolean }): Promise<string> {
  const query = { fieldManager: 'logplane-page', fieldValidation: 'Strict', dryRun: dryRun ? 'All' : undefined };
  const response = await call(where, path, { method: 'PUT', body: text, type: YAML, accept: YAML, query });
  return withoutManagedFields(await response.text());
}
