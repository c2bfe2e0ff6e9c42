import { quotasTouchedBy, statusOf } from '../admission/resource-quota/quota-status.ts';
import type { Env } from '../env.ts';
import { userNamed } from '../kube/user.ts';
import type { Closing } from '../replica/commits.ts';
import { decide } from './decide.ts';
import { decided } from './decision.ts';

/**
 * Tells in the entry of all that takes of a quota, or gives back, what is used of it then: once for each quota, however many objects the entry is about.
 * It follows from the objects alone, so there is nothing in it that could be admitted or refused.
 */
export const quotaStatuses =
  (env: Env): Closing =>
  (after, changes, now) => {
    const state = after.observed(undefined);
    return [...quotasTouchedBy(changes, state)].flatMap((quota) => {
      const mutation = statusOf(quota, { state, now });
      return mutation ? decided(decide(state, mutation, { env, now, actor: API_SERVER, plugins: [] })).events : [];
    });
  };

const API_SERVER = userNamed('system:apiserver');
