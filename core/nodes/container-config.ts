import type { Container, Pod } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';

/**
 * What keeps a container's environment from being made: the first ConfigMap, Secret or key that is not there and not optional, in the
 * kubelet's words (pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables). Undefined when nothing does.
 */
export function configError(pod: Pod, container: Container, state: State): string | undefined {
  const namespace = pod.metadata.namespace!;
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef && !configMapRef.optional && !state.get('configmaps', namespace, configMapRef.name!)) return `configmap "${configMapRef.name}" not found`;
    if (secretRef && !secretRef.optional && !state.get('secrets', namespace, secretRef.name!)) return `secret "${secretRef.name}" not found`;
  }
  for (const { valueFrom } of container.env ?? []) {
    const { configMapKeyRef, secretKeyRef } = valueFrom ?? {};
    if (configMapKeyRef && !configMapKeyRef.optional) {
      const { name, key } = configMapKeyRef;
      const configMap = state.get('configmaps', namespace, name!);
      if (!configMap) return `configmap "${name}" not found`;
      if (!Object.hasOwn(configMap.data ?? {}, key)) return `couldn't find key ${key} in ConfigMap ${namespace}/${name}`;
    }
    if (secretKeyRef && !secretKeyRef.optional) {
      const { name, key } = secretKeyRef;
      const secret = state.get('secrets', namespace, name!);
      if (!secret) return `secret "${name}" not found`;
      if (!Object.hasOwn(secret.data ?? {}, key)) return `couldn't find key ${key} in Secret ${namespace}/${name}`;
    }
  }
  return undefined;
}
