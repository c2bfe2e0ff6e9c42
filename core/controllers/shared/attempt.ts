import type { AdmissionPlugin } from '../../admission/plugin.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { decide } from '../../decide/decide.ts';
import { isAsking } from '../../decide/decision.ts';
import type { Env } from '../../env.ts';
import type { ClusterInstant } from '../../instant.ts';
import { type Status, StatusError } from '../../kube/status.ts';
import { controllerUser } from '../../kube/user.ts';
import { evolve } from '../../state/evolve.ts';
import type { State } from '../../state/state.ts';

export type Attempt =
  | { readonly type: 'refused'; readonly status: Status }
  /** What it leads to, as far as nobody has to be asked. */
  | { readonly type: 'allowed'; readonly state: State };

interface AttemptOptions {
  readonly state: State;
  /** Its name. */
  readonly controller: string;
  readonly now: ClusterInstant;
  readonly env: Env;
  readonly plugins: readonly AdmissionPlugin[];
}

/** What would become of a controller's write: so that it can say at once why that is refused, and does not tell of what never comes about. */
export function attempt(mutation: Mutation, { state, controller, now, env, plugins }: AttemptOptions): Attempt {
  try {
    const decision = decide(state, mutation, { env, now, plugins, actor: controllerUser(controller) });
    return { type: 'allowed', state: isAsking(decision) ? state : evolve(state, decision.events, { time: now }).state };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { type: 'refused', status: error.status };
  }
}

/** Why it would be refused, if it would. */
export function refusalOf(mutation: Mutation, options: AttemptOptions): Status | undefined {
  const tried = attempt(mutation, options);
  return tried.type === 'refused' ? tried.status : undefined;
}

/** In a namespace that is going away nothing can be created, and no Event could say so. */
export const isTerminatingNamespace = ({ details }: Status): boolean => details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true;

/** After how long what was refused is tried again. */
export const RETRY_AFTER = 60_000;
