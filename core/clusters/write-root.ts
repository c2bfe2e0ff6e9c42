import { type Ask, noWebhooks } from '../admission/ask.ts';
import type { Mutation } from '../apis/mutation.ts';
import { decide } from '../decide/decide.ts';
import { type Asking, type DecideContext, isAsking } from '../decide/decision.ts';
import { inRounds } from '../decide/rounds.ts';
import { StatusError } from '../kube/status.ts';
import { userNamed } from '../kube/user.ts';
import type { LogEvent } from '../log/event.ts';
import type { WorkedOn } from '../reconcile/worker.ts';
import { evolve } from '../state/evolve.ts';
import type { State } from '../state/state.ts';

/** Writes what follows from a state of `root`, in one commit. What is refused is left out, and told. */
export async function writeRoot(
  { replica, env, admissionPlugins, ask = noWebhooks }: WorkedOn,
  mutationsOf: (state: State) => readonly Mutation[],
  problem: (message: string, error: unknown) => void,
): Promise<void> {
  if (mutationsOf(replica.state).length === 0) return;
  await inRounds<object>(
    (memory) =>
      replica.commit<object>((state, now) => {
        const events: LogEvent[] = [];
        const asks: Ask[] = [];
        let draft = state;
        for (const [i, mutation] of mutationsOf(state).entries()) {
          const context: DecideContext = { env: memory.env(i, env), now, actor: HOST, plugins: admissionPlugins, answers: memory.answers };
          const decision = decidedOr(
            () => decide(draft, mutation, context),
            (error) => problem(`the status of a cluster was refused`, error),
          );
          if (!decision) continue;
          if (isAsking(decision)) asks.push(...decision.asks);
          else {
            draft = evolve(draft, decision.events, { time: now }).state;
            events.push(...decision.events);
          }
        }
        return asks.length > 0 ? { events: [], answer: (): Asking => ({ asks }) } : { events, answer: () => ({}) };
      }),
    { ask, clock: env.clock, state: () => replica.state },
  );
}

const HOST = userNamed('system:apiserver');

function decidedOr<T>(decide: () => T, refused: (error: StatusError) => void): T | undefined {
  try {
    return decide();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    refused(error);
    return undefined;
  }
}
