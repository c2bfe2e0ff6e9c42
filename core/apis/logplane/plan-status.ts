import type { JSONSchemaProps } from '../../schema/generated/kinds.ts';

/** What a Plan comes to. */
export interface PlanStatus {
  readonly result: 'Succeeds' | 'Fails' | 'Unfinished';
  /** Why, in a sentence. */
  readonly message: string;
  /** Of the state that it is about. */
  readonly resourceVersion: string;
  readonly startTime: string;
  /** How much time has passed in it. */
  readonly duration: string;
  readonly ended: 'Settled' | 'AtRest' | 'Horizon' | 'RanAway';
  readonly applied: AppliedChanges;
  readonly controllers: ControllerChanges;
  readonly stuck: readonly StuckObject[];
  readonly unscheduled: readonly UnscheduledPods[];
  readonly evictions: readonly EvictedPods[];
  readonly outOfMemory: readonly KilledContainers[];
  readonly disruptionBudgets: readonly BudgetInTheWay[];
  readonly refusals: readonly ControllerRefusal[];
  readonly nodes: NodeChanges;
  readonly unknowns: readonly Unknown[];
  /** Those that were asked for, and how many more there are. */
  readonly events?: readonly ToldEvent[];
  readonly moreEvents?: number;
}

export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** What the manifests and the changes of the Plan do themselves. */
export interface AppliedChanges {
  readonly created: readonly Warned[];
  readonly changed: readonly ChangedObject[];
  readonly deleted: readonly ObjectName[];
  readonly unchanged: readonly Warned[];
  readonly refused: readonly RefusedObject[];
}

export interface Warned extends ObjectName {
  readonly warnings?: readonly string[];
}

export interface ChangedObject extends Warned {
  readonly fields: readonly FieldDifference[];
}

/** A field that becomes another one; as JSON, none where it is not there. */
export interface FieldDifference {
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

export interface RefusedObject extends ObjectName {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

/** What else differs at the end. */
export interface ControllerChanges {
  readonly created: readonly KindChanges[];
  readonly changed: readonly KindChanges[];
  readonly deleted: readonly KindChanges[];
  /** What was made on the way, and is gone at the end: finished Jobs, pods that were replaced. */
  readonly cameAndWent: readonly KindChanges[];
}

export interface KindChanges {
  readonly apiVersion: string;
  readonly kind: string;
  readonly count: number;
  /** The first of them, `namespace/name`. */
  readonly names: readonly string[];
}

export interface StuckObject extends ObjectName {
  readonly ready: number;
  readonly wanted: number;
  /** It was so before. */
  readonly before?: true;
  readonly reasons: readonly StuckReason[];
}

export interface StuckReason {
  readonly reason: string;
  readonly message: string;
  /** How many pods it is told of, and one of them. */
  readonly pods?: number;
  readonly pod?: string;
}

/** Pods that no node is found for, which are alike. */
export interface UnscheduledPods {
  readonly namespace: string;
  /** What makes them; the pod itself, where nothing does. */
  readonly owner: string;
  readonly count: number;
  readonly pods: readonly string[];
  readonly before?: true;
  readonly message: string;
  /** What the scheduler says of each node. */
  readonly nodes: readonly NodeReasons[];
  /** How many nodes are not listed. */
  readonly moreNodes?: number;
}

export interface NodeReasons {
  readonly node: string;
  readonly reasons: readonly string[];
}

export interface EvictedPods {
  /** As the pods' condition DisruptionTarget has it. */
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly pods: readonly string[];
  /** When the first of them was, after the beginning. */
  readonly after: string;
}

/** Containers of pods of one owner that use more memory than their limit. */
export interface KilledContainers {
  readonly namespace: string;
  /** What makes the pods; the pod itself, where nothing does. */
  readonly owner: string;
  readonly container: string;
  /** How often, of all of the pods. */
  readonly count: number;
  readonly pods: readonly string[];
  /** When the first time was, after the beginning. */
  readonly after: string;
  /** It was so before. */
  readonly before?: true;
}

/** An Event, and the object that it is about. */
export interface ToldEvent extends ObjectName {
  /** When it was written first and last, after the beginning. */
  readonly first: string;
  readonly last: string;
  readonly count: number;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  /** The component that writes it. */
  readonly by: string;
}

export interface BudgetInTheWay extends ObjectName {
  readonly message: string;
  readonly pods: readonly string[];
}

export interface ControllerRefusal {
  readonly actor: string;
  readonly namespace?: string;
  /** What it was wanted for. */
  readonly owner?: string;
  readonly count: number;
  readonly reason: string;
  readonly message: string;
}

export interface NodeChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly lost: readonly string[];
}

/** What the real cluster knows, and a plan does not. */
export interface Unknown {
  readonly about: 'Images' | 'Webhooks' | 'Usage' | 'Kubelets' | 'NodeAutoscaling';
  readonly message: string;
}

const text = (description: string): JSONSchemaProps => ({ type: 'string', description });
const count = (description: string): JSONSchemaProps => ({ type: 'integer', format: 'int64', description });
const listOf = (items: JSONSchemaProps, description: string): JSONSchemaProps => ({ type: 'array', items, description });
const texts = (description: string) => listOf({ type: 'string' }, description);
const struct = (properties: Record<string, JSONSchemaProps>, description?: string): JSONSchemaProps => ({
  type: 'object',
  properties,
  ...(description !== undefined && { description }),
});

const objectName = { apiVersion: text('Of the object.'), kind: text('Of the object.'), namespace: text('Of the object.'), name: text('Of the object.') };
const warned = { ...objectName, warnings: texts('What whoever applies it is warned of.') };
const before = { type: 'boolean', description: 'Whether it was so before.' };

const differences = listOf(
  struct({
    path: text('Of the field.'),
    before: text('As JSON; none: it was not there.'),
    after: text('As JSON; none: it is not there.'),
  }),
  'What becomes of its fields.',
);

const changes = (what: string) =>
  listOf(
    struct({
      apiVersion: text('Of the objects.'),
      kind: text('Of the objects.'),
      count: count('How many.'),
      names: texts('The first of them, namespace/name.'),
    }),
    `What the controllers ${what}, by kind.`,
  );

/** `kubectl explain plan.status` */
export const planStatus: JSONSchemaProps = struct(
  {
    result: text('Succeeds; Fails, if something is refused, gets stuck, finds no node or cannot be evicted; Unfinished, if the plan has come to no end.'),
    message: text('Why.'),
    resourceVersion: text('Of the state of the cluster that the plan is about.'),
    startTime: text('When it is at the beginning.'),
    duration: text('How much time passes.'),
    ended: text('Settled (all is ready, or has failed for good), AtRest (nothing moves any more), Horizon (spec.until is over) or RanAway (too much happens).'),
    applied: struct(
      {
        created: listOf(struct(warned), 'Objects that are created.'),
        changed: listOf(struct({ ...warned, fields: differences }), 'Objects that are changed.'),
        deleted: listOf(struct(objectName), 'Objects that are deleted.'),
        unchanged: listOf(struct(warned), 'Objects that are so already.'),
        refused: listOf(
          struct({ ...objectName, code: count('Of the Status.'), reason: text('Of the Status.'), message: text('Of the Status.') }),
          'What is refused, and left out.',
        ),
      },
      'What spec.manifests and spec.changes do themselves.',
    ),
    controllers: struct(
      {
        created: changes('create'),
        changed: changes('change, but for statuses'),
        deleted: changes('delete'),
        cameAndWent: changes('create on the way, and is gone at the end'),
      },
      'What else differs at the end. It includes what would happen anyway.',
    ),
    stuck: listOf(
      struct({
        ...objectName,
        ready: count('How many are ready.'),
        wanted: count('Of how many.'),
        before,
        reasons: listOf(
          struct({ reason: text('In a word.'), message: text('In a sentence.'), pods: count('How many pods it is told of.'), pod: text('One of them.') }),
          'Why.',
        ),
      }),
      'What is not ready at the end.',
    ),
    unscheduled: listOf(
      struct({
        namespace: text('Of the pods.'),
        owner: text('What makes the pods.'),
        count: count('How many.'),
        pods: texts('The first of them.'),
        before,
        message: text('What the scheduler says.'),
        nodes: listOf(struct({ node: text('Its name.'), reasons: texts('Why the pods cannot run there.') }), 'What the scheduler says of each node.'),
        moreNodes: count('How many nodes are not listed.'),
      }),
      'Pods without a node at the end.',
    ),
    evictions: listOf(
      struct({
        reason: text('Of the condition DisruptionTarget of the pods.'),
        message: text('Of that condition, of the first of them.'),
        count: count('How many.'),
        pods: texts('The first of them, namespace/name.'),
        after: text('When the first of them is, after the beginning.'),
      }),
      'Pods that are preempted or evicted.',
    ),
    outOfMemory: listOf(
      struct({
        namespace: text('Of the pods.'),
        owner: text('What makes the pods.'),
        container: text('Its name.'),
        count: count('How often, of all of the pods.'),
        pods: texts('The first of them.'),
        after: text('When the first time is, after the beginning.'),
        before,
      }),
      'Containers that use more memory than their limit, and are killed.',
    ),
    disruptionBudgets: listOf(
      struct({ ...objectName, message: text('Why not.'), pods: texts('The first of the pods.') }),
      'Budgets that do not let pods be evicted.',
    ),
    refusals: listOf(
      struct({
        actor: text('Who wanted it.'),
        namespace: text('Of the object.'),
        owner: text('What it was wanted for.'),
        count: count('How often.'),
        reason: text('Of the last Status.'),
        message: text('Of the last Status.'),
      }),
      'What controllers want, and are refused: by quotas, limits, policies. What is not ready because of it is told of in stuck.',
    ),
    nodes: struct(
      { added: texts('Nodes that come.'), removed: texts('Nodes that go.'), lost: texts('Nodes that are not heard of at the end.') },
      'What becomes of nodes.',
    ),
    events: listOf(
      struct({
        ...objectName,
        first: text('When it is written first, after the beginning.'),
        last: text('When it is written last.'),
        count: count('How often.'),
        type: text('Normal or Warning.'),
        reason: text('In a word.'),
        message: text('In a sentence.'),
        by: text('The component that writes it.'),
      }),
      'The Events that are written on the way: those that spec.events asks for, a thousand at most.',
    ),
    moreEvents: count('How many are not listed.'),
    unknowns: listOf(struct({ about: text('In a word.'), message: text('In a sentence.') }), 'What a real cluster knows, and the plan does not.'),
  },
  'Status is what the plan comes to.',
);
