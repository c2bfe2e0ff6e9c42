import type { Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';
import { type PodEvent, warning } from './pod-events.ts';
import type { Credentials } from './runtime.ts';

/** What the Secrets of a pod let it into (`kubernetes.io/dockerconfigjson`, `kubernetes.io/dockercfg`). */
export function credentialsOf({ metadata, spec }: Pod, state: State): Credentials {
  return (host) =>
    (spec?.imagePullSecrets ?? []).some(({ name }) => {
      const { data } = (name && state.get('secrets', metadata.namespace, name)) || {};
      const text = data?.['.dockerconfigjson'] ?? data?.['.dockercfg'];
      if (!text) return false;
      try {
        const config = JSON.parse(Buffer.from(text, 'base64').toString()) as Record<string, object>;
        return Object.keys(config['auths'] ?? config).some((registry) => hostOf(registry) === hostOf(host));
      } catch {
        return false;
      }
    });
}

const hostOf = (registry: string): string =>
  registry
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '')
    .replace(/^(index|registry-1)\.docker\.io$/, 'docker.io');

/** The Event that tells of those of them that are not there, each time that the kubelet has looked for them (pkg/kubelet/kubelet_pods.go, getPullSecretsForPod). */
export function missingSecrets({ metadata, spec }: Pod, state: State): PodEvent[] {
  const missing = (spec?.imagePullSecrets ?? []).flatMap(({ name }) => (name && !state.get('secrets', metadata.namespace, name) ? [name] : []));
  if (missing.length === 0) return [];
  const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`;
  return [warning('FailedToRetrieveImagePullSecret', message, undefined, { counted: true })];
}
