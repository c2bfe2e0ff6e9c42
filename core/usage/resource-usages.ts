import { fieldsOf } from '../kube/fields.ts';
import type { GroupResource, KubeObject } from '../kube/object.ts';
import { parseQuantity, QuantityError } from '../kube/quantity.ts';
import type { Moment } from './moment.ts';
import { UsageExpression, type Used } from './usage-expression.ts';

/** KWOK's objects that say what is used (kwok.x-k8s.io/v1alpha1): of the pod of their name, and of all pods that they select. They are there once their definitions are. */
export const RESOURCE_USAGES: GroupResource = 'resourceusages.kwok.x-k8s.io';
export const CLUSTER_RESOURCE_USAGES: GroupResource = 'clusterresourceusages.kwok.x-k8s.io';

/** What such an object says of a container: that of its own pod goes first, then those of all, by name. */
export function usageByObjects(used: Used, resource: 'cpu' | 'memory', moment: Moment): number | undefined {
  const { state } = moment;
  const { name, namespace = '' } = used.pod.metadata;
  const own = state.get(RESOURCE_USAGES, namespace, name);
  const said = own && usageBy(own, used, resource, moment);
  if (said !== undefined) return said;
  for (const object of state.list(CLUSTER_RESOURCE_USAGES)) {
    const { matchNamespaces = [], matchNames = [] } = specOf(object).selector ?? {};
    if (matchNamespaces.length > 0 && !matchNamespaces.includes(namespace)) continue;
    if (matchNames.length > 0 && !matchNames.includes(name)) continue;
    const usage = usageBy(object, used, resource, moment);
    if (usage !== undefined) return usage;
  }
  return undefined;
}

/** A value goes before an expression. */
function usageBy(object: KubeObject, used: Used, resource: 'cpu' | 'memory', moment: Moment): number | undefined {
  for (const { containers = [], usage = {} } of specOf(object).usages ?? []) {
    if (containers.length > 0 && !containers.includes(used.container.name)) continue;
    const { value, expression } = usage[resource] ?? {};
    if (value !== undefined) return amountOf(String(value));
    if (expression !== undefined) return expressionOf(expression).evaluate(used, moment);
  }
  return undefined;
}

/** The part of a custom object that its definition is taken to have checked. */
interface UsageSpec {
  readonly selector?: { readonly matchNamespaces?: readonly string[]; readonly matchNames?: readonly string[] };
  readonly usages?: readonly {
    readonly containers?: readonly string[];
    readonly usage?: Partial<Record<'cpu' | 'memory', { readonly value?: string | number; readonly expression?: string }>>;
  }[];
}

const specOf = (object: KubeObject): UsageSpec => (fieldsOf(object)['spec'] as UsageSpec | undefined) ?? {};

function amountOf(text: string): number | undefined {
  try {
    return Math.max(0, Number(parseQuantity(text).nanos) / 1e9);
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

// Pure, but for a clock that is set before each evaluation.
const expressions = new Map<string, UsageExpression>();
const MOST_EXPRESSIONS = 1_000;

function expressionOf(text: string): UsageExpression {
  let known = expressions.get(text);
  if (!known) {
    if (expressions.size >= MOST_EXPRESSIONS) expressions.clear();
    known = new UsageExpression(text);
    expressions.set(text, known);
  }
  return known;
}
