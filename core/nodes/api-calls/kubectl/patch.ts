import { parse } from 'yaml';
import { apiVersionOf } from '../../../kube/group-version-kind.ts';
import { deeperThan, MAX_DEPTH } from '../../../kube/json-bounds.ts';
import { StatusError } from '../../../kube/status.ts';
import type { PatchType, Target } from '../api-client.ts';
import { Failed } from '../outcome.ts';
import { type Invocation, printedName } from './invocation.ts';
import { looksDeep } from './manifests.ts';

const TYPES: readonly PatchType[] = ['json', 'merge', 'strategic'];

/** `kubectl patch TYPE NAME -p PATCH --type strategic|merge|json`, of JSON or YAML. */
export function patch(invocation: Invocation): void {
  const { client } = invocation;
  const type = (invocation.flag('type') ?? 'strategic') as PatchType;
  const content = patchOf(invocation, type);
  const targets = invocation.targets();
  if (targets.length === 0) throw new Failed('error: no objects passed to patch');
  invocation.each(targets, (target) => {
    client.get(target);
    const changed = invocation.isDryRun || patchOne(invocation, target, content, type);
    invocation.write(`${printedName(target)} patched${changed ? '' : ' (no change)'}\n`);
  });
}

function patchOne({ client }: Invocation, target: Target, content: unknown, type: PatchType): boolean {
  try {
    return client.patch(target, content, type, 'kubectl-patch');
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 415) throw error;
    const { group, kind, versions } = target.api;
    const gvk = `${apiVersionOf({ group, version: versions[0]!.version })}, Kind=${kind}`;
    throw new Failed(`error: application/strategic-merge-patch+json is not supported by ${gvk}: ${error.message}`);
  }
}

function patchOf(invocation: Invocation, type: PatchType): unknown {
  const [given, file] = [invocation.flag('patch'), invocation.flag('patch-file')];
  if (given !== undefined && file !== undefined) throw new Failed('error: cannot specify --patch and --patch-file together');
  if (given === undefined && file === undefined) throw new Failed('error: must specify --patch or --patch-file containing the contents of the patch');
  if (!TYPES.includes(type)) throw new Failed(`error: --type must be one of [${TYPES.join(' ')}], not ${JSON.stringify(type)}`);
  const text = given ?? [...(invocation.caller.files(file!)?.values() ?? [])][0];
  if (text === undefined) throw new Failed(`error: unable to read patch file: open ${file}: no such file or directory`);
  try {
    if (looksDeep(text)) throw new Error('exceeded max depth');
    const content = parse(text, { version: '1.1', maxAliasCount: 100 }) as unknown;
    if (deeperThan(content, MAX_DEPTH)) throw new Error('exceeded max depth');
    return content;
  } catch (error) {
    throw new Failed(`error: unable to parse ${JSON.stringify(text)}: yaml: ${(error as Error).message.split('\n')[0]}`);
  }
}
