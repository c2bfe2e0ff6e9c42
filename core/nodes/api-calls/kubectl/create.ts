import type { KubeObject } from '../../../kube/object.ts';
import { StatusError } from '../../../kube/status.ts';
import type { CronJob } from '../../../schema/generated/kinds.ts';
import { Failed, notSimulated } from '../outcome.ts';
import { roleBindingOf, roleOf } from './create-role.ts';
import { isSecretType, secretOf } from './create-secret.ts';
import { entriesOf } from './entries.ts';
import { type Invocation, printedName, withSource } from './invocation.ts';
import { make } from './make.ts';

const MANAGER = 'kubectl-create';

/**
 * `kubectl create -f FILE`, and `secret|configmap|namespace|serviceaccount|job|role|rolebinding|clusterrole|clusterrolebinding NAME`.
 * Of a token it is not known what it is.
 */
export function create(invocation: Invocation): void {
  if (invocation.flags.has('filename')) {
    invocation.each(invocation.manifests(), ({ object, target, source }) => {
      try {
        if (!invocation.isDryRun) invocation.client.create(target, object, MANAGER);
      } catch (error) {
        throw withSource(error, `error when creating ${JSON.stringify(source)}`);
      }
      invocation.write(`${printedName(target)} created${invocation.isDryRun ? ' (dry run)' : ''}\n`);
    });
    return;
  }
  if (invocation.words[0] === 'token') {
    invocation.write(undefined);
    return;
  }
  const object = madeOf(invocation);
  try {
    make(invocation, object, { manager: MANAGER, done: 'created' });
  } catch (error) {
    const failed = FAILED[object.kind];
    throw error instanceof StatusError && failed ? new Failed(`error: ${failed} ${error.message}`) : error;
  }
}

/** In which words they fail differs with what is made. */
const FAILED: Readonly<Record<string, string>> = {
  ClusterRoleBinding: 'failed to create clusterrolebinding:',
  ConfigMap: 'failed to create configmap:',
  Job: 'failed to create job:',
  RoleBinding: 'failed to create rolebinding:',
  Secret: 'failed to create secret',
  ServiceAccount: 'failed to create serviceaccount:',
};

function madeOf(invocation: Invocation): KubeObject {
  const [kind = '', ...words] = invocation.words;
  const [type, name] = kind === 'secret' ? words : ['', words[0]];
  if (!MADE.has(kind) || invocation.flags.has('aggregation-rule') || (kind === 'secret' && !isSecretType(type)))
    throw notSimulated(`kubectl create ${kind === 'secret' ? `secret ${type ?? ''}` : kind}`.trim());
  if (!name) throw new Failed('error: exactly one NAME is required, got 0');
  const metadata = { name, namespace: invocation.namespace };
  switch (kind) {
    case 'secret':
      return secretOf(invocation, type!, metadata);
    case 'configmap':
    case 'cm':
      return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: entriesOf(invocation) } as KubeObject;
    case 'serviceaccount':
    case 'sa':
      return { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
    case 'job':
      return job(invocation, metadata);
    case 'role':
      return roleOf(invocation, 'Role', name);
    case 'clusterrole':
      return roleOf(invocation, 'ClusterRole', name);
    case 'rolebinding':
      return roleBindingOf(invocation, 'RoleBinding', name);
    case 'clusterrolebinding':
      return roleBindingOf(invocation, 'ClusterRoleBinding', name);
    default:
      return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  }
}

const MADE = new Set([
  'secret',
  'configmap',
  'cm',
  'serviceaccount',
  'sa',
  'namespace',
  'ns',
  'job',
  'role',
  'clusterrole',
  'rolebinding',
  'clusterrolebinding',
]);

function job(invocation: Invocation, metadata: { name: string; namespace: string }): KubeObject {
  const [from, image] = [invocation.flag('from'), invocation.flag('image')];
  if (from === undefined) {
    if (image === undefined) throw new Failed('error: either --image or --from must be specified');
    const template = {
      spec: {
        containers: [{ name: metadata.name, image, ...(invocation.words.length > 2 && { command: invocation.words.slice(2) }) }],
        restartPolicy: 'Never',
      },
    };
    return { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template } } as KubeObject;
  }
  const [kind = '', name] = from.split('/');
  const api = invocation.resource(kind);
  if (api.groupResource !== 'cronjobs.batch' || !name) throw new Failed(`error: unknown object type *v1.${api.kind}`);
  const cronJob = invocation.client.get(invocation.target(api, name)) as CronJob;
  const { metadata: template = {}, spec } = cronJob.spec!.jobTemplate;
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: cronJob.metadata.name, uid: cronJob.metadata.uid!, controller: true };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...metadata,
      annotations: { 'cronjob.kubernetes.io/instantiate': 'manual', ...template.annotations },
      ...(template.labels && { labels: template.labels }),
      ownerReferences: [owner],
    },
    spec,
  } as KubeObject;
}
