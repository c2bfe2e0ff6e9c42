import { type ChangeFilter, CLUSTER_SUBSCRIPTIONS, SUBSCRIPTIONS, type Subscription } from '../apis/logplane/subscription.ts';
import type { Compiled } from '../cel/compile.ts';
import { jsonValue } from '../cel/json-value.ts';
import { compileFilter } from '../cel/subscription-environment.ts';
import { type LabelSelector, selects } from '../kube/label-selector.ts';
import { parseKey } from '../kube/object.ts';
import { INTERNAL_RESOURCES } from '../replica/internal-resources.ts';
import type { Change } from '../state/change.ts';
import { differencesOf } from '../state/differences.ts';
import { withoutSecrets } from './without-secrets.ts';
import { WORKER } from './worker-user.ts';

/** Whether a change is told of; or why its expression could not say so, in which case it is not. */
export type Verdict = boolean | { readonly error: string };

export type Filter = (change: Change) => Verdict;

/** What a subscription is told of. */
export function filterOf({ spec: { filter = {} }, metadata: { namespace } }: Subscription): Filter {
  const { expression } = filter;
  const compiled = expression === undefined ? undefined : compileFilter(expression);
  return (change) => {
    // A worker that told of its own accounts would have something to tell of for ever.
    if (isOwnAccount(change) || !matches(filter, change, namespace)) return false;
    if (!compiled) return true;
    return 'message' in compiled ? { error: compiled.message } : evaluated(compiled, change);
  };
}

const isOwnAccount = ({ key, actor }: Change): boolean => {
  const { resource } = parseKey(key);
  return (resource === SUBSCRIPTIONS || resource === CLUSTER_SUBSCRIPTIONS) && actor.username === WORKER.username;
};

function matches({ resources, namespaces, names, selector, types }: ChangeFilter, change: Change, own: string | undefined): boolean {
  const { resource, namespace, name } = parseKey(change.key);
  if (INTERNAL_RESOURCES.has(resource)) return false;
  if (own !== undefined && namespace !== own) return false;
  return (
    includes(resources, resource) &&
    includes(namespaces, namespace ?? '') &&
    includes(names, name) &&
    includes(types, change.type) &&
    (selector === undefined || isSelected(selector, change))
  );
}

const includes = (list: readonly string[] | undefined, value: string): boolean => !list || list.length === 0 || list.includes(value) || list.includes('*');

/** One that loses the label is told of as well: who goes by it must learn that. */
const isSelected = (selector: LabelSelector, { object, previous }: Change): boolean =>
  selects(selector, object.metadata.labels) || (previous !== undefined && selects(selector, previous.metadata.labels));

function evaluated({ program }: Compiled, change: Change): Verdict {
  const { object, previous, type, actor } = change;
  const outcome = program.evaluate({
    object: jsonValue(withoutSecrets(object)),
    previous: jsonValue(previous ? withoutSecrets(previous) : null),
    type,
    get actor() {
      return jsonValue({ uid: '', extra: {}, ...actor });
    },
    get changed() {
      return jsonValue(change.type === 'MODIFIED' ? differencesOf(change).map(({ path }) => path.replace(/^\./, '')) : []);
    },
  });
  if ('error' in outcome) return { error: outcome.error };
  return outcome.value === true;
}
