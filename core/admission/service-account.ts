import { secretsOf } from '../apis/core/pod-references.ts';
import type { Container, Pod, PodSpec, ServiceAccount, Volume } from '../schema/generated/kinds.ts';
import { foreignSecret, foreignTo, keepsToItsSecrets } from './mountable-secrets.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal, writeTo } from './plugin.ts';

/**
 * Gives a new pod its service account: the name, the token to mount, the secrets to pull images with (plugin/pkg/admission/serviceaccount).
 * 403 when the account does not exist; a namespace's `default` account may still be on its way and is taken for granted.
 */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  mutate(review) {
    const pod = writeTo(review, 'pods', 'CREATE')?.object;
    if (!pod?.spec) return;
    const { spec } = pod;
    // A mirror pod shows what a node runs by itself: it has no account.
    if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) {
      const referred = referredByMirror(spec);
      if (referred) throw refusal(review, `a mirror pod may not ${referred}`);
      return;
    }
    const { namespace, state, env } = review;
    const name = spec.serviceAccountName || 'default';
    spec.serviceAccountName = name;
    spec.serviceAccount = name;
    const account = state.get('serviceaccounts', namespace, name);
    if (!account && name !== 'default') {
      throw refusal(review, `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`);
    }
    if (!spec.imagePullSecrets?.length && account?.imagePullSecrets?.length) spec.imagePullSecrets = account.imagePullSecrets.map((secret) => ({ ...secret }));
    if (spec.automountServiceAccountToken ?? account?.automountServiceAccountToken ?? true) mountToken(spec, `kube-api-access-${env.ids.suffix()}`);
    keepToSecrets(review, spec);
  },
  validate(review) {
    const created = writeTo(review, 'pods', 'CREATE')?.object;
    if (created?.spec) return keepToSecrets(review, created.spec);
    if (review.subresource !== 'ephemeralcontainers' || review.resource.groupResource !== 'pods') return;
    const { spec } = review.object as Pod;
    const account = spec && accountOf(review, spec);
    if (!account || !keepsToItsSecrets(account)) return;
    const foreign = foreignTo('ephemeral container', (spec.ephemeralContainers ?? []) as Container[], account);
    if (foreign !== undefined) throw refusal(review, foreign);
  },
};

function keepToSecrets(review: AdmissionReview, spec: PodSpec): void {
  const account = accountOf(review, spec);
  const foreign = account && keepsToItsSecrets(account) ? foreignSecret(spec, account) : undefined;
  if (foreign !== undefined) throw refusal(review, foreign);
}

const accountOf = ({ state, namespace }: AdmissionReview, { serviceAccountName }: PodSpec): ServiceAccount | undefined =>
  state.get('serviceaccounts', namespace, serviceAccountName ?? '');

/** What of the API a mirror pod may not use. */
function referredByMirror(spec: PodSpec): string | undefined {
  if (spec.serviceAccountName) return 'reference service accounts';
  if (secretsOf(spec).length > 0) return 'reference secrets';
  const tokens = spec.volumes?.some(({ projected }) => projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken));
  return tokens ? 'use ServiceAccountToken volume projections' : undefined;
}

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The volume of the token, which may be there already: another plugin may have brought in a container since. */
function mountToken(spec: PodSpec, newVolume: string): void {
  const there = spec.volumes?.find(({ name }) => name.startsWith('kube-api-access-'))?.name;
  const volume = there ?? newVolume;
  const without = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].filter(
    ({ volumeMounts = [] }) => !volumeMounts.some(({ mountPath }) => mountPath === TOKEN_PATH),
  );
  if (!without.length) return;
  for (const container of without) {
    container.volumeMounts = [...(container.volumeMounts ?? []), { mountPath: TOKEN_PATH, name: volume, readOnly: true }];
  }
  if (there === undefined) spec.volumes = [...(spec.volumes ?? []), tokenVolume(volume)];
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
