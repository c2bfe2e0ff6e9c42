import { serviceAccountGroups, serviceAccountUsername } from '../../kube/service-account.ts';
import { AUTHENTICATED, type User } from '../../kube/user.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import type { ApiCall } from '../runtime.ts';
import type { Caller } from './caller.ts';
import { httpCall } from './http/http-call.ts';
import { httpRequestOf, isReadingRequest, withTokenHeader } from './http/http-request.ts';
import { kubectl, onlyReads } from './kubectl/kubectl.ts';
import type { Outcome } from './outcome.ts';
import { redisPassword } from './redis-password.ts';
import { webhookCertificate } from './webhook-certificate.ts';

/** From how a program is called to what it comes to. */
const programs: Readonly<Record<string, (args: readonly string[], caller: Caller) => Outcome>> = {
  kubectl,
  argocd: redisPassword,
  'kube-webhook-certgen': webhookCertificate,
  curl: httpCall('curl'),
  wget: httpCall('wget'),
};

/** Those that ask whatever they are told to. */
const REQUESTING = new Set(['curl', 'wget']);

/** Whether a program has no other use. */
export const isApiProgram = (name: string): boolean => Object.hasOwn(programs, name) && !REQUESTING.has(name);

/** The words of a call that asks something of the API; undefined: it does not, or it is not known what. `isApi`: whether a host is the API server's. */
export function callingWords(program: string, args: readonly (string | undefined)[], isApi: (host: string) => boolean): readonly string[] | undefined {
  if (!REQUESTING.has(program)) return isApiProgram(program) && !args.includes(undefined) ? (args as string[]) : undefined;
  const words = withTokenHeader(args);
  return words && httpRequestOf(program, words, isApi) ? words : undefined;
}

/** The file that a call makes of what it is answered. */
export const savedAs = (program: string, args: readonly string[]): string | undefined =>
  REQUESTING.has(program) ? httpRequestOf(program, args, () => true)?.savedAs : undefined;

/** Whether a program changes nothing and waits for nothing. */
export const isReading = ({ program, args }: Pick<ApiCall, 'program' | 'args'>): boolean =>
  REQUESTING.has(program) ? isReadingRequest(args) : program === 'kubectl' && onlyReads(args);

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
