import { serviceAccountGroups, serviceAccountUsername } from '../../kube/service-account.ts';
import { AUTHENTICATED, type User } from '../../kube/user.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { ApiCall } from '../runtime.ts';
import type { Caller } from './caller.ts';
import { kubectl, onlyReads } from './kubectl/kubectl.ts';
import type { Outcome } from './outcome.ts';
import { redisPassword } from './redis-password.ts';
import { webhookCertificate } from './webhook-certificate.ts';

/** From how a program is called to what it comes to. */
const programs: Readonly<Record<string, (args: readonly string[], caller: Caller) => Outcome>> = {
  kubectl,
  argocd: redisPassword,
  'kube-webhook-certgen': webhookCertificate,
};

export const isApiProgram = (name: string): boolean => Object.hasOwn(programs, name);

/** Whether a program changes nothing and waits for nothing. */
export const isReading = ({ program, args }: Pick<ApiCall, 'program' | 'args'>): boolean => program === 'kubectl' && onlyReads(args);

/**
 * What a container's program comes to that calls the API, in the user of its pod's service account and as far as its roles permit it: what it wants
 * goes the way of all mutations.
 */
export function callApi({ program, args, input, files }: ApiCall, pod: Pod, context: Pick<Caller, 'state' | 'env' | 'now' | 'plugins'>): Outcome {
  const namespace = pod.metadata.namespace!;
  return programs[program]!(args, { ...context, namespace, user: userOf(namespace, pod.spec?.serviceAccountName ?? 'default'), input, files });
}

export function userOf(namespace: string, name: string): User {
  return { username: serviceAccountUsername({ namespace, name }), groups: [...serviceAccountGroups({ namespace }), AUTHENTICATED] };
}
