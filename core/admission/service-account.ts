import { MIRROR } from '../apis/core/pod-annotations.ts';
import { secretsOf } from '../apis/core/pod-references.ts';
import { plainError } from '../kube/status.ts';
import type { Pod, PodSpec, ServiceAccount, Volume } from '../schema/generated/kinds.ts';
import { enforcesMountableSecrets, foreignInContainers, foreignSecret } from './mountable-secrets.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal, writeTo } from './plugin.ts';

/**
 * Gives a new pod its service account: the name, the token to mount, the secrets to pull images with (plugin/pkg/admission/serviceaccount), and holds it to the
 * secrets of the account, where that wants it. 403 when the account does not exist; a namespace's `default` account may still be on its way and is taken for granted.
 */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  mutate(review) {
    const pod = writeTo(review, 'pods', 'CREATE')?.object;
    if (!pod?.spec) return;
    const { spec } = pod;
    if (!isMirror(pod)) {
      const name = spec.serviceAccountName || 'default';
      spec.serviceAccountName = name;
      spec.serviceAccount = name;
      const account = accountOf(spec, review);
      if (spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true) mountToken(spec, review);
      if (!spec.imagePullSecrets?.length && account?.imagePullSecrets?.length)
        spec.imagePullSecrets = account.imagePullSecrets.map(({ name }) => ({ name: name! }));
    }
    admitPod(pod, review);
  },
  validate(review) {
    const pod = writeTo(review, 'pods', 'CREATE')?.object;
    if (pod) admitPod(pod, review);
    else if (review.subresource === 'ephemeralcontainers' && review.operation === 'UPDATE') admitEphemeralContainers(review);
  },
};

const isMirror = ({ metadata }: Pod): boolean => metadata.annotations?.[MIRROR] !== undefined;

function admitPod(pod: Pod, review: AdmissionReview): void {
  const spec = pod.spec ?? { containers: [] };
  if (isMirror(pod)) {
    // A mirror pod shows what a node runs by itself: it has no account.
    const referred = referredByMirror(spec);
    if (referred) throw refusal(review, `a mirror pod may not ${referred}`);
    return;
  }
  const account = accountOf(spec, review);
  const foreign = account && enforcesMountableSecrets(account) && foreignSecret(spec, account);
  if (foreign) throw refusal(review, foreign);
}

/** What of the API a mirror pod may not use. */
function referredByMirror(spec: PodSpec): string | undefined {
  if (spec.serviceAccountName) return 'reference service accounts';
  if (secretsOf(spec).length > 0) return 'reference secrets';
  const tokens = spec.volumes?.some(({ projected }) => projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken));
  return tokens ? 'use ServiceAccountToken volume projections' : undefined;
}

/** Throws an error without a Status where a secret is not the account's, as Kubernetes does. */
function admitEphemeralContainers(review: AdmissionReview): void {
  const { spec } = review.object as Pod;
  const account = spec && accountOf(spec, review);
  const foreign = account && enforcesMountableSecrets(account) && foreignInContainers('ephemeral container', spec.ephemeralContainers, account);
  if (foreign) throw plainError(foreign);
}

function accountOf({ serviceAccountName: name = '' }: PodSpec, review: AdmissionReview): ServiceAccount | undefined {
  const { namespace, object, state } = review;
  if (!name) throw refusal(review, `no service account specified for pod ${namespace}/${object!.metadata.name ?? ''}`);
  const account = state.get('serviceaccounts', namespace, name);
  if (account || name === 'default') return account;
  throw refusal(review, `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`);
}

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN_VOLUME = 'kube-api-access-';

/** Into each container that has nothing there yet, from the volume of that name if the pod has one. */
function mountToken(spec: PodSpec, { env }: AdmissionReview): void {
  const without = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].filter(
    ({ volumeMounts = [] }) => !volumeMounts.some(({ mountPath }) => mountPath === TOKEN_PATH),
  );
  if (!without.length) return;
  const own = spec.volumes?.find(({ name }) => name.startsWith(TOKEN_VOLUME))?.name;
  const name = own ?? `${TOKEN_VOLUME}${env.ids.suffix()}`;
  for (const container of without) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { mountPath: TOKEN_PATH, name, readOnly: true }];
  }
  if (own === undefined) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
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
