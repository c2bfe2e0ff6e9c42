import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { manifestsIn } from '../core/api/codec/manifests.ts';
import { formatYaml } from '../core/api/codec/yaml.ts';
import { type Fields, objectOf } from '../core/kube/fields.ts';
import { groupVersionOf } from '../core/kube/group-version-kind.ts';
import type { ApiClient } from './client/api-client.ts';
import { withoutOwnApi } from './client/resources.ts';
import { using } from './using-file.ts';
import { writeWhole } from './write-whole.ts';

interface Exported {
  readonly format: 'yaml' | 'audit';
  /** Of manifests: a stream of YAML, or a List in JSON. */
  readonly output: 'yaml' | 'json';
  readonly at?: string;
  readonly from?: string;
  readonly to?: string;
  readonly secrets: boolean;
  readonly namespace?: string;
}

interface Destination {
  readonly file?: string;
  readonly dir?: string;
  readonly overwrite: boolean;
  readonly out: (text: string) => void;
}

/**
 * Takes an export (docs/history.md) to a file, a folder or the output; whole or not at all. Returns what was written, for people; undefined for the output. Throws what the cluster refuses, and
 * an Error where something is there already.
 */
export async function exportTo(wanted: Exported, { file, dir, overwrite, out }: Destination, client: ApiClient): Promise<string | undefined> {
  if (file !== undefined && !overwrite && existsSync(file)) throw new Error(`${file} is there already: name another file, or --overwrite it`);
  if (dir !== undefined && existsSync(dir) && readdirSync(dir).length > 0) throw new Error(`${dir} is there already and not empty: name another folder`);
  const text = await exported(wanted, client);
  if (dir !== undefined) return toFolder(dir, manifestsIn(text));
  const printed =
    wanted.format === 'yaml' && wanted.output === 'json'
      ? `${JSON.stringify({ apiVersion: 'v1', kind: 'List', metadata: {}, items: manifestsIn(text) }, null, 2)}\n`
      : text;
  if (file === undefined) {
    out(printed);
    return undefined;
  }
  // Readable for its owner alone: there may be Secrets in it.
  using(file, () => writeWhole(file, printed));
  return `Written to ${file}`;
}

async function exported({ format, at, from, to, secrets, namespace }: Exported, client: ApiClient): Promise<string> {
  const query = new URLSearchParams({
    format,
    ...(at !== undefined && { at }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(secrets && { secrets: 'true' }),
  });
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return client.text('GET', `/apis/logplane.dev/v1${within}/export?${query}`).catch(async (error) => {
    throw await withoutOwnApi(error, client);
  });
}

/** `NAMESPACE/KIND-NAME.yaml`; what is in no namespace, in `_cluster/`, which no namespace is named. */
function toFolder(dir: string, manifests: readonly Fields[]): string {
  const draft = `${dir.replace(/\/+$/, '')}.${randomBytes(6).toString('hex')}`;
  using(dir, () => {
    try {
      for (const manifest of manifests) {
        const { apiVersion, kind, metadata } = objectOf(manifest);
        const folder = path.join(draft, metadata.namespace ?? '_cluster');
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const { group } = groupVersionOf(apiVersion);
        const name = encodeURIComponent(`${kind.toLowerCase()}${group ? `.${group}` : ''}-${metadata.name}`);
        writeFileSync(path.join(folder, `${name}.yaml`), formatYaml(manifest), { mode: 0o600, flag: 'wx' });
      }
      mkdirSync(draft, { recursive: true, mode: 0o700 });
      // One that is empty gives way.
      renameSync(draft, dir);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      throw error;
    }
  });
  return `${manifests.length} manifests are in ${dir}`;
}
