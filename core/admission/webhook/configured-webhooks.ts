import type { GroupResource, KubeObject } from '../../kube/object.ts';
import type { MutatingWebhook, ValidatingWebhook } from '../../schema/generated/kinds.ts';
import { type Change, isOf } from '../../state/change.ts';
import type { View } from '../../state/view.ts';
import { Expressions } from '../matching/expression.ts';
import { MatchConditions } from '../matching/match-conditions.ts';
import { Matcher } from '../matching/matcher.ts';

/** A webhook of a configuration, and what says of which requests it is asked. */
export interface ConfiguredWebhook<T extends Webhook = Webhook> {
  readonly hook: T;
  /** The name of its configuration. */
  readonly configuration: string;
  /** The same as long as neither its configuration nor its name is another one: names may stand twice in a configuration that is older than their validation. */
  readonly id: string;
  readonly matcher: Matcher;
  readonly conditions: MatchConditions;
}

type Webhook = MutatingWebhook | ValidatingWebhook;

const MUTATING = 'mutatingwebhookconfigurations.admissionregistration.k8s.io';
const VALIDATING = 'validatingwebhookconfigurations.admissionregistration.k8s.io';

/** All webhooks of a kind of configuration: by the names of their configurations, and in the order in which they stand there (apiserver's pkg/admission/configuration). */
export const mutatingWebhooks = webhooksOf<MutatingWebhook>(MUTATING);
export const validatingWebhooks = webhooksOf<ValidatingWebhook>(VALIDATING);

interface Webhooks<T extends Webhook> {
  readonly byConfiguration: ReadonlyMap<string, readonly ConfiguredWebhook<T>[]>;
  readonly all: readonly ConfiguredWebhook<T>[];
}

function webhooksOf<T extends Webhook>(resource: GroupResource): View<Webhooks<T>> {
  return {
    of: [resource],
    initial: { byConfiguration: new Map(), all: [] },
    evolve({ byConfiguration: before }, changes) {
      const byConfiguration = new Map(before);
      for (const change of changes as readonly Change[]) {
        if (!isOf(change, resource)) continue;
        const { name } = change.object.metadata;
        if (change.type === 'DELETED') byConfiguration.delete(name);
        else byConfiguration.set(name, configured<T>(change.object as Configuration<T>));
      }
      const all = [...byConfiguration].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, webhooks]) => webhooks);
      return { byConfiguration, all };
    },
  };
}

type Configuration<T extends Webhook> = KubeObject & { readonly webhooks?: readonly T[] };

function configured<T extends Webhook>({ metadata: { name: configuration }, webhooks = [] }: Configuration<T>): ConfiguredWebhook<T>[] {
  const seen = new Map<string, number>();
  return webhooks.map((hook) => {
    const { name, rules = [], matchPolicy, namespaceSelector, objectSelector, matchConditions = [], failurePolicy } = hook;
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return {
      hook,
      configuration,
      id: `${configuration}/${name}/${count}`,
      matcher: new Matcher({ rules, matchPolicy, namespaceSelector, objectSelector }),
      conditions: new MatchConditions(matchConditions, { expressions: new Expressions(), failurePolicy }),
    };
  });
}
