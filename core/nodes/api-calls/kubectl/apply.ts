import { isFields } from '../../../kube/fields.ts';
import { apiVersionOf, groupVersionOf } from '../../../kube/group-version-kind.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { StatusError } from '../../../kube/status.ts';
import type { Target } from '../api-client.ts';
import { Failed, notSimulated } from '../outcome.ts';
import { type Invocation, printedName, withSource } from './invocation.ts';
import { threeWayPatch } from './three-way-patch.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const MANAGER = 'kubectl-client-side-apply';

/** `kubectl apply -f FILE|-|DIRECTORY`: objects that are not there are created, of the others what was applied before is made what is applied now. */
export function apply(invocation: Invocation): void {
  if (!invocation.flags.has('filename')) {
    if (!invocation.flags.has('kustomize')) throw new Failed('error: must specify one of -f and -k');
    throw notSimulated('kubectl apply -k');
  }
  if (invocation.is('prune')) throw notSimulated('kubectl apply --prune');
  const serverSide = invocation.is('server-side');
  const all = invocation.manifests();
  if (all.length === 0) throw new Failed('error: no objects passed to apply');
  invocation.each(all, ({ object, target, source }) => {
    const done = serverSide ? applyOnServer(invocation, target, object) : applyHere(invocation, target, object, source);
    invocation.write(`${printedName(target)} ${done}${invocation.isDryRun ? ' (dry run)' : ''}\n`);
  });
}

function applyOnServer(invocation: Invocation, target: Target, object: KubeObject): string {
  const manager = invocation.flag('field-manager') ?? 'kubectl';
  if (!invocation.isDryRun) invocation.client.apply(target, object, { manager, force: invocation.is('force-conflicts') });
  return 'serverside-applied';
}

function applyHere({ client, isDryRun }: Invocation, target: Target, object: KubeObject, source: string): string {
  const applied = withLastApplied(object);
  let live: KubeObject;
  try {
    live = client.get(target);
  } catch (error) {
    const about = `error when retrieving current configuration of:\n${described(target, object)}\nfrom server for: ${JSON.stringify(source)}`;
    if (!(error instanceof StatusError) || error.code !== 404) throw withSource(error, about);
    try {
      if (!isDryRun) client.create(target, applied, MANAGER);
    } catch (refused) {
      throw withSource(refused, `error when creating ${JSON.stringify(source)}`);
    }
    return 'created';
  }
  const before = live.metadata.annotations?.[LAST_APPLIED];
  const { custom, versions } = target.api;
  const type = custom ? undefined : versions.find(({ version }) => version === groupVersionOf(object.apiVersion).version)!.type;
  const patch = threeWayPatch({ original: parsed(before), modified: applied, live, type });
  try {
    const changed = isDryRun || client.patch(target, patch, custom ? 'merge' : 'strategic', MANAGER, object.apiVersion);
    return changed ? 'configured' : 'unchanged';
  } catch (error) {
    throw withSource(error, `error when applying patch:\n${JSON.stringify(patch)}\nto:\n${described(target, object)}\nfor: ${JSON.stringify(source)}`);
  }
}

const parsed = (text: string | undefined): KubeObject | undefined => {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as KubeObject);
  } catch {
    return undefined;
  }
};

/** With what it is made of in an annotation, from which the next apply sees what has been taken out. */
function withLastApplied(object: KubeObject): KubeObject {
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata.annotations ?? {};
  const bare = { ...object, metadata: { ...object.metadata, annotations } };
  const text = `${JSON.stringify(bare, sorted)}\n`;
  return { ...bare, metadata: { ...bare.metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } };
}

/** As Go writes a map. */
const sorted = (_: string, value: unknown): unknown =>
  isFields(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;

/** cli-runtime's Info.String */
function described({ api, name, namespace = '' }: Target, { apiVersion, kind }: KubeObject): string {
  const { group, version } = groupVersionOf(apiVersion);
  const of = apiVersionOf({ group, version });
  return `Resource: "${of}, Resource=${api.resource}", GroupVersionKind: "${of}, Kind=${kind}"\nName: "${name}", Namespace: "${namespace}"`;
}
