import type { Container, PodSpec, ServiceAccount } from '../schema/generated/kinds.ts';

/** What an account says that is to keep its pods to its own Secrets (`limitSecretReferences` of plugin/pkg/admission/serviceaccount). */
const ENFORCE = 'kubernetes.io/enforce-mountable-secrets';

/** Whether a pod may use no other Secrets than its account names: a value that Go takes for true. */
export const keepsToItsSecrets = ({ metadata: { annotations } }: ServiceAccount): boolean => /^(1|t|T|true|TRUE|True)$/.test(annotations?.[ENFORCE] ?? '');

/** The first Secret that a pod uses and its account does not name, in Kubernetes' words; undefined: there is none. */
export function foreignSecret(
  { volumes = [], initContainers = [], containers = [], imagePullSecrets = [] }: PodSpec,
  account: ServiceAccount,
): string | undefined {
  const own = new Set(account.secrets?.map(({ name }) => name));
  const why = `is not allowed because service account ${account.metadata.name} does not reference that`;
  const volume = volumes.find(({ secret }) => secret && !own.has(secret.secretName));
  if (volume) return `volume with secret.secretName="${volume.secret!.secretName}" ${why} secret`;
  const found = foreignTo('init container', initContainers, account) ?? foreignTo('container', containers, account);
  if (found) return found;
  const pulled = new Set(account.imagePullSecrets?.map(({ name }) => name));
  const i = imagePullSecrets.findIndex(({ name }) => !pulled.has(name));
  return i < 0 ? undefined : `imagePullSecrets[${i}].name="${imagePullSecrets[i]!.name}" ${why} imagePullSecret`;
}

/** The same of containers of one kind. */
export function foreignTo(kind: string, containers: readonly Container[], account: ServiceAccount): string | undefined {
  const own = new Set(account.secrets?.map(({ name }) => name));
  const uses = containers.flatMap(({ name: container, env = [], envFrom = [] }) => [
    ...env.map(({ name, valueFrom }) => ({ by: `${kind} ${container} with envVar ${name}`, secret: valueFrom?.secretKeyRef })),
    ...envFrom.map(({ secretRef }) => ({ by: `${kind} ${container} with envFrom`, secret: secretRef })),
  ]);
  const foreign = uses.find(({ secret }) => secret && !own.has(secret.name ?? ''));
  const { name } = account.metadata;
  return (
    foreign &&
    `${foreign.by} referencing secret.secretName="${foreign.secret!.name ?? ''}" is not allowed because service account ${name} does not reference that secret`
  );
}
