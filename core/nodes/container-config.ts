import type { Container, FileKeySelector, Pod } from '../schema/generated/kinds.ts';
import type { Member } from './containers-of.ts';
import { valueInFile } from './env-file.ts';
import { type Environment, replaceReferences, type VolumeFile } from './environment.ts';
import type { ImageReference } from './image.ts';
import type { Sync } from './sync.ts';

/** What keeps a container from being configured, in the kubelet's words (pkg/kubelet/kuberuntime, generateContainerConfig). Undefined when nothing does. */
export function configError(member: Member, image: ImageReference, sync: Sync): string | undefined {
  const { container } = member;
  const { pod, runtime, attempts } = sync;
  return (
    missingReference(member, sync) ??
    // Read only where a path is made of it.
    subPathError(container, () => attempts.environment(container)) ??
    rootError(pod, container, runtime.imageUser(image))
  );
}

/** The first ConfigMap, Secret or key that is not there and not optional (pkg/kubelet/kubelet_pods.go, makeEnvironmentVariables). */
function missingReference({ role, container }: Member, { pod, state, runtime, attempts, now }: Sync): string | undefined {
  const namespace = pod.metadata.namespace!;
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef && !configMapRef.optional && !state.get('configmaps', namespace, configMapRef.name!)) return `configmap "${configMapRef.name}" not found`;
    if (secretRef && !secretRef.optional && !state.get('secrets', namespace, secretRef.name!)) return `secret "${secretRef.name}" not found`;
  }
  for (const { valueFrom } of container.env ?? []) {
    const { configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom ?? {};
    if (fileKeyRef) {
      const attempt = { pod, container, role, restartCount: 0, startedAt: now, context: attempts };
      const error = fileError(fileKeyRef, runtime.fileInVolume(attempt, fileKeyRef.volumeName, fileKeyRef.path), pod);
      if (error) return error;
    }
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

/** That a key is optional does not make its file so. */
function fileError({ volumeName, path, key, optional }: FileKeySelector, file: VolumeFile, { metadata }: Pod): string | undefined {
  if (file.type === 'unknown') return undefined;
  const value = file.type === 'text' ? valueInFile(file.text, key) : undefined;
  if (value === undefined) return "couldn't parse env file";
  const at = `/var/lib/kubelet/pods/${metadata.uid}/volumes/kubernetes.io~empty-dir/${volumeName}/${path}`;
  return value === '' && !optional ? `environment variable key ${JSON.stringify(key)} not found in file ${JSON.stringify(at)}` : undefined;
}

/** pkg/kubelet/kubelet_pods.go, makeMounts; pkg/kubelet/container, ExpandContainerVolumeMounts. */
function subPathError({ volumeMounts = [] }: Container, environment: () => Environment): string | undefined {
  for (const { subPath: given, subPathExpr } of volumeMounts) {
    let subPath = given ?? '';
    if (subPathExpr) {
      const values = environment();
      const missing = new Set<string>();
      const expanded = replaceReferences(subPathExpr, (name) => {
        if (values.has(name) && values.get(name) === undefined) return 'unknown';
        if (!values.get(name)) missing.add(name);
        return values.get(name) ?? '';
      });
      subPath = expanded ?? 'unknown';
      if (missing.size > 0) return `missing value for ${[...missing].sort().join(', ')}`;
    }
    if (subPath.startsWith('/')) return `error SubPath \`${subPath}\` must not be an absolute path`;
    if (subPath.split('/').includes('..')) return `unable to provision SubPath \`${subPath}\`: must not contain '..'`;
  }
  return undefined;
}

/** pkg/kubelet/kuberuntime/security_context.go, verifyRunAsNonRoot. `user`: the image's. */
function rootError(pod: Pod, container: Container, user: number | string | undefined): string | undefined {
  const { securityContext } = pod.spec!;
  if (!(container.securityContext?.runAsNonRoot ?? securityContext?.runAsNonRoot)) return undefined;
  const { name, namespace, uid } = pod.metadata;
  const whose = `(pod: "${name}_${namespace}(${uid})", container: ${container.name})`;
  const runAsUser = container.securityContext?.runAsUser ?? securityContext?.runAsUser;
  if (runAsUser !== undefined) return runAsUser === 0 ? `container's runAsUser breaks non-root policy ${whose}` : undefined;
  if (user === 0) return `container has runAsNonRoot and image will run as root ${whose}`;
  return typeof user === 'string' ? `container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root ${whose}` : undefined;
}
