import type { Container, EphemeralContainer, PodSpec, ServiceAccount } from '../schema/generated/kinds.ts';

/** Whether the pods of an account may use its own secrets alone (the annotation `kubernetes.io/enforce-mountable-secrets`, a bool as strconv.ParseBool reads it). */
export const enforcesMountableSecrets = ({ metadata }: ServiceAccount): boolean =>
  ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(metadata.annotations?.['kubernetes.io/enforce-mountable-secrets'] ?? '');

/** Why a pod of an account may not use what it uses (limitSecretReferences); undefined: it may. */
export function foreignSecret(spec: PodSpec, account: ServiceAccount): string | undefined {
  const own = secretsOf(account);
  const volume = spec.volumes?.find(({ secret }) => secret && !own.has(secret.secretName ?? ''));
  if (volume) return `volume with ${notReferenced(volume.secret!.secretName, account)}`;
  const inContainer = foreignInContainers('init container', spec.initContainers, account) ?? foreignInContainers('container', spec.containers, account);
  if (inContainer) return inContainer;
  const pullable = new Set(account.imagePullSecrets?.map(({ name }) => name));
  const at = spec.imagePullSecrets?.findIndex(({ name }) => !pullable.has(name)) ?? -1;
  if (at === -1) return undefined;
  return `imagePullSecrets[${at}].name="${spec.imagePullSecrets![at]!.name ?? ''}" is not allowed because service account ${account.metadata.name} does not reference that imagePullSecret`;
}

/** The same of some containers. */
export function foreignInContainers(what: string, containers: readonly (Container | EphemeralContainer)[] = [], account: ServiceAccount): string | undefined {
  const own = secretsOf(account);
  const isForeign = (name: string | undefined) => !own.has(name ?? '');
  for (const { name, env = [], envFrom = [] } of containers) {
    const variable = env.find(({ valueFrom }) => valueFrom?.secretKeyRef && isForeign(valueFrom.secretKeyRef.name));
    if (variable) return `${what} ${name} with envVar ${variable.name} referencing ${notReferenced(variable.valueFrom!.secretKeyRef!.name, account)}`;
    const source = envFrom.find(({ secretRef }) => secretRef && isForeign(secretRef.name));
    if (source) return `${what} ${name} with envFrom referencing ${notReferenced(source.secretRef!.name, account)}`;
  }
  return undefined;
}

const secretsOf = ({ secrets = [] }: ServiceAccount): ReadonlySet<string | undefined> => new Set(secrets.map(({ name }) => name));

const notReferenced = (secret: string | undefined, { metadata }: ServiceAccount): string =>
  `secret.secretName="${secret ?? ''}" is not allowed because service account ${metadata.name} does not reference that secret`;
