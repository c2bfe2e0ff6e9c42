/** What a Plan comes to (docs/plans.md; `kubectl explain plan.status`). */
export interface PlanStatus {
  readonly result: 'Succeeds' | 'Fails' | 'Unfinished';
  readonly message: string;
  readonly resourceVersion: string;
  readonly duration: string;
  readonly applied: {
    readonly created: readonly Named[];
    readonly changed: readonly (Named & { readonly fields: readonly { readonly path: string; readonly before?: string; readonly after?: string }[] })[];
    readonly deleted: readonly Named[];
    readonly unchanged: readonly Named[];
    readonly refused: readonly (Named & { readonly message: string })[];
  };
  readonly controllers: Readonly<
    Record<'created' | 'changed' | 'deleted' | 'cameAndWent', readonly { readonly kind: string; readonly count: number; readonly names: readonly string[] }[]>
  >;
  readonly stuck: readonly (Named & {
    readonly ready: number;
    readonly wanted: number;
    readonly before?: true;
    readonly reasons: readonly { readonly reason: string; readonly message: string }[];
  })[];
  readonly unscheduled: readonly {
    readonly namespace: string;
    readonly owner: string;
    readonly count: number;
    readonly before?: true;
    readonly message: string;
    readonly nodes: readonly { readonly node: string; readonly reasons: readonly string[] }[];
  }[];
  readonly evictions: readonly {
    readonly reason: string;
    readonly message: string;
    readonly count: number;
    readonly pods: readonly string[];
    readonly after: string;
  }[];
  readonly disruptionBudgets: readonly (Named & { readonly message: string; readonly pods: readonly string[] })[];
  readonly refusals: readonly { readonly actor: string; readonly owner?: string; readonly count: number; readonly message: string }[];
  readonly nodes: Readonly<Record<'added' | 'removed' | 'lost', readonly string[]>>;
  readonly unknowns: readonly { readonly about: string; readonly message: string }[];
}

export interface Named {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly warnings?: readonly string[];
}

export const titleOf = ({ kind, namespace, name }: Named): string => `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
