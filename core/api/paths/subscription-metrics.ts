import { ALL_SUBSCRIPTIONS, type Subscription, type SubscriptionStatus } from '../../apis/logplane/subscription.ts';
import type { State } from '../../state/state.ts';
import { family } from './metrics.ts';

/** How the subscriptions of a cluster do, in the text format of Prometheus: what their statuses say, and how many changes of the cluster have come since. */
export function subscriptionMetrics(state: State): string {
  const all = ALL_SUBSCRIPTIONS.flatMap((resource) => state.list(resource) as Iterable<Subscription> & readonly Subscription[]);
  if (all.length === 0) return '';
  const values = (value: (status: SubscriptionStatus) => number) =>
    new Map(all.map(({ metadata: { namespace = '', name }, status = {} }) => [`namespace="${namespace}",subscription="${name}"`, value(status)]));
  return [
    ...family(
      'logplane_subscription_deliveries_total',
      'counter',
      'Changes that the target has taken.',
      values(({ deliveries = 0 }) => deliveries),
    ),
    ...family(
      'logplane_subscription_dead_letters_total',
      'counter',
      'Changes that the target has refused for good.',
      values(({ deadLetters = 0 }) => deadLetters),
    ),
    ...family(
      'logplane_subscription_attempts',
      'gauge',
      'Attempts in vain at the change that is next.',
      values(({ attempts = 0 }) => attempts),
    ),
    ...family(
      'logplane_subscription_behind',
      'gauge',
      'Changes of the cluster since the last one that was taken or is known not to concern the subscriber.',
      values(({ offset = 0 }) => Math.max(0, state.offset - offset)),
    ),
    '',
  ].join('\n');
}
