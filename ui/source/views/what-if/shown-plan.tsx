import type { ComponentChildren } from 'preact';
import { type PlanStatus, titleOf } from './plan.ts';

const STYLES: Readonly<Record<PlanStatus['result'], string>> = { Succeeds: 'added', Fails: 'removed', Unfinished: 'changed' };
const MOST = 100;

/** What a plan comes to, what matters most first. */
export function ShownPlan({ status }: { readonly status: PlanStatus }) {
  const { applied, controllers, nodes } = status;
  return (
    <div class="plan">
      <p>
        <b class={STYLES[status.result]}>{status.result}</b> after {status.duration}: {status.message}
      </p>
      <Part title="Refused" items={applied.refused} is="removed">
        {(object) => (
          <>
            {titleOf(object)}: {object.message}
          </>
        )}
      </Part>
      <Part title="Not ready at the end" items={status.stuck.filter(({ before }) => !before)} is="removed">
        {Stuck}
      </Part>
      <Part title="Pods without a node" items={status.unscheduled.filter(({ before }) => !before)} is="removed">
        {Unscheduled}
      </Part>
      <Part title="Budgets in the way" items={status.disruptionBudgets} is="removed">
        {(budget) => (
          <>
            {titleOf(budget)}: {budget.message} <span class="quiet">{budget.pods.join(', ')}</span>
          </>
        )}
      </Part>
      <Part title="What controllers are refused" items={status.refusals} is="removed">
        {({ actor, owner, count, message }) => (
          <>
            {owner ?? actor}, {count}×: {message}
          </>
        )}
      </Part>
      <Part title="Made" items={applied.created} is="added">
        {titleOf}
      </Part>
      <Part title="Changed" items={applied.changed} is="changed">
        {(object) => (
          <>
            {titleOf(object)}
            <ul class="differences">
              {object.fields.slice(0, MOST).map(({ path, before, after }) => (
                <li key={path}>
                  <code>{path}</code>
                  {before !== undefined && <del>{before}</del>}
                  {after !== undefined && <ins>{after}</ins>}
                </li>
              ))}
            </ul>
          </>
        )}
      </Part>
      <Part title="Deleted" items={applied.deleted} is="removed">
        {titleOf}
      </Part>
      <Part title="As it is already" items={applied.unchanged}>
        {titleOf}
      </Part>
      <Part title="Evicted" items={status.evictions} is="changed">
        {({ count, message, pods, after }) => (
          <>
            {count} after {after}: {message} <span class="quiet">{pods.slice(0, 5).join(', ')}</span>
          </>
        )}
      </Part>
      <Part title="Nodes" items={(['added', 'removed', 'lost'] as const).filter((how) => nodes[how].length > 0)} is="changed">
        {(how) => (
          <>
            {how}: {nodes[how].join(', ')}
          </>
        )}
      </Part>
      {(['created', 'changed', 'deleted', 'cameAndWent'] as const).map((how) => (
        <Part key={how} title={CONTROLLERS[how]} items={controllers[how]}>
          {({ kind, count, names }) => (
            <>
              {count} {kind} <span class="quiet">{names.slice(0, 4).join(', ')}</span>
            </>
          )}
        </Part>
      ))}
      <Part title="Not ready, as before" items={status.stuck.filter(({ before }) => before)}>
        {Stuck}
      </Part>
      <Part title="Pods without a node, as before" items={status.unscheduled.filter(({ before }) => before)}>
        {Unscheduled}
      </Part>
      <Part title="What a plan does not know" items={status.unknowns}>
        {({ message }) => <span class="quiet">{message}</span>}
      </Part>
    </div>
  );
}

const Stuck = (object: PlanStatus['stuck'][number]) => (
  <>
    {titleOf(object)}: {object.ready} of {object.wanted} ready
    {object.reasons.map(({ reason, message }) => (
      <p key={reason} class="quiet">
        {reason}: {message}
      </p>
    ))}
  </>
);

const Unscheduled = ({ namespace, owner, count, message, nodes }: PlanStatus['unscheduled'][number]) => (
  <>
    {count} of {owner} in {namespace}: {message}
    {nodes.slice(0, 5).map(({ node, reasons }) => (
      <p key={node} class="quiet">
        {node}: {reasons.join(', ')}
      </p>
    ))}
  </>
);

const CONTROLLERS = {
  created: 'Controllers make',
  changed: 'Controllers change',
  deleted: 'Controllers delete',
  cameAndWent: 'Comes and goes on the way',
} as const;

interface PartProps<T> {
  readonly title: string;
  readonly items: readonly T[];
  readonly is?: 'added' | 'changed' | 'removed';
  readonly children: (item: T) => ComponentChildren;
}

/** One heading of a plan; nothing where there is nothing under it. */
function Part<T>({ title, items, is, children }: PartProps<T>) {
  if (items.length === 0) return null;
  return (
    <section>
      <h3 class={is}>{title}</h3>
      <ul>
        {items.slice(0, MOST).map((item, i) => (
          <li key={i}>{children(item)}</li>
        ))}
        {items.length > MOST && <li class="quiet">and {items.length - MOST} more</li>}
      </ul>
    </section>
  );
}
