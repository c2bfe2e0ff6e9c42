import { forbidden } from '../../kube/status.ts';
import type { Pod, PodSpec, PriorityClass, ServiceAccount, Volume } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import type { StrategyContext } from '../strategy.ts';

/**
 * What the admission plugins of every cluster do to a new pod: ServiceAccount, DefaultTolerationSeconds and Priority.
 * Each changes the pod that it is handed.
 */

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Gives the pod its service account: the name, the token to mount, the secrets to pull images with (plugin/pkg/admission/serviceaccount).
 * 403 Forbidden when the account does not exist; a namespace's `default` account may still be on its way and is taken for granted.
 */
export function useServiceAccount(pod: Pod, { state, env }: StrategyContext): void {
  const { spec, metadata } = pod as Pod & { spec: PodSpec };
  // A mirror pod shows what a node runs by itself: it has no account.
  if (metadata.annotations?.['kubernetes.io/config.mirror']) return;
  const name = spec.serviceAccountName || 'default';
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
  const account = state.get<ServiceAccount>('serviceaccounts', metadata.namespace, name);
  if (!account && name !== 'default') {
    throw forbidden(
      { group: '', resource: 'pods' },
      metadata.name,
      `error looking up service account ${metadata.namespace}/${name}: serviceaccount "${name}" not found`,
    );
  }
  if (!spec.imagePullSecrets?.length && account?.imagePullSecrets?.length) spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }));
  if (spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true) mountToken(spec, `kube-api-access-${env.ids.suffix()}`);
}

function mountToken(spec: PodSpec, volume: string): void {
  const without = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].filter(
    ({ volumeMounts = [] }) => !volumeMounts.some(({ mountPath }) => mountPath === TOKEN_PATH),
  );
  if (!without.length) return;
  for (const container of without) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { mountPath: TOKEN_PATH, name: volume, readOnly: true }];
  }
  spec.volumes = [...(spec.volumes ?? []), tokenVolume(volume)];
}

const tokenVolume = (name: string): Volume => ({
  name,
  projected: {
    defaultMode: 0o644,
    sources: [
      // An hour and the seven seconds by which Kubernetes tells these tokens from those that a user asked for.
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
    ],
  },
});

/** A pod stays on a node that is not ready or cannot be reached for five minutes (plugin/pkg/admission/defaulttolerationseconds). */
export function defaultTolerations(spec: PodSpec): void {
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const tolerated = spec.tolerations?.some((t) => (t.key === key || !t.key) && (t.effect === 'NoExecute' || !t.effect));
    if (!tolerated) spec.tolerations = [...(spec.tolerations ?? []), { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }];
  }
}

/** The classes that every cluster has, for one in which they have not been created. */
const systemPriorities: Readonly<Record<string, number>> = { 'system-cluster-critical': 2_000_000_000, 'system-node-critical': 2_000_001_000 };

/**
 * Writes the value of the pod's priority class into the pod (plugin/pkg/admission/priority).
 * 403 Forbidden when the class does not exist, or when the pod says another value than its class.
 */
export function resolvePriority(pod: Pod, state: State): void {
  const spec = pod.spec!;
  const refuse = (why: string) => forbidden({ group: '', resource: 'pods' }, pod.metadata.name, why);
  const named = spec.priorityClassName;
  const found = named ? state.get<PriorityClass>('priorityclasses.scheduling.k8s.io', undefined, named) : defaultClass(state);
  if (named && !found && !Object.hasOwn(systemPriorities, named)) throw refuse(`no PriorityClass with name ${named} was found`);
  const priority = found?.value ?? (named ? systemPriorities[named]! : 0);
  const preemptionPolicy = found?.preemptionPolicy ?? 'PreemptLowerPriority';
  if (spec.priority !== undefined && spec.priority !== priority) {
    throw refuse(
      `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`,
    );
  }
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemptionPolicy) {
    throw refuse(
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`,
    );
  }
  if (found) spec.priorityClassName = found.metadata.name;
  spec.priority = priority;
  spec.preemptionPolicy = preemptionPolicy;
}

/** Of several classes that all claim to be the default, the one with the lowest value. */
function defaultClass(state: State): PriorityClass | undefined {
  const defaults = state.list<PriorityClass>('priorityclasses.scheduling.k8s.io').filter(({ globalDefault }) => globalDefault);
  return defaults.length ? defaults.reduce((lowest, other) => ((other.value ?? 0) < (lowest.value ?? 0) ? other : lowest)) : undefined;
}
