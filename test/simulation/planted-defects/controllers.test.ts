import { describe, it } from 'vitest';
import { userNamed } from '../../../core/kube/user.ts';
import type { LogEvent } from '../../../core/log/event.ts';
import type { EventLog } from '../../../core/log/log.ts';
import type { Reconciler } from '../../../core/reconcile/reconciler.ts';
import { plugins } from '../../../core/scheduler/plugins/registry.ts';
import { schedulerReconciler } from '../../../core/scheduler/scheduler.ts';
import type { Pod } from '../../../core/schema/generated/kinds.ts';
import { others } from '../reconcilers.ts';
import { appending } from './appending.ts';
import { chance, type Defect, finds } from './finds.ts';

/** Defects of the reconcilers. */
describe('a run without faults', () => {
  const defects: Defect[] = [
    {
      name: 'a scheduler that does not look at what is left',
      parts: { reconcilers: [overbooking(), ...others('scheduler')] },
      found: /placement: node-\d has/,
    },
    { name: 'a pod that moves', parts: { wrapLog: moving }, found: /placement: .* was bound to node-1, and is bound to node-2/ },
    { name: 'nodes that do nothing', parts: { reconcilers: others('nodes') }, found: /desired state: pods\/.*: is Pending/ },
    { name: 'controllers that do nothing', parts: { reconcilers: others('controllers') }, found: /desired state: deployments.apps\/.*: generation/ },
    { name: 'a scheduler that does nothing', parts: { reconcilers: others('scheduler') }, found: /desired state: .* is pending, and would fit/ },
  ];
  for (const { name, found, ...given } of defects) it(`finds ${name}`, () => finds(found, given));
});

/** Looks at what is left on a node only half of the time. */
function overbooking(): Reconciler {
  const careful = schedulerReconciler();
  const careless = schedulerReconciler({ plugins: plugins.filter(({ name }) => name !== 'NodeResourcesFit') });
  const strikes = chance();
  return { name: 'scheduler', reconcile: (pass) => (strikes.happens(0.5) ? careless : careful).reconcile(pass) };
}

/** Binds a pod to node-1, and at once to node-2: the first that it sees. */
function moving(log: EventLog): EventLog {
  let moves = 1;
  return appending(1, (inner, cluster, wanted) => {
    const bound = moves > 0 && wanted.events.find((event) => 'patch' in event && (event.patch as Partial<Pod>).spec?.nodeName === 'node-1');
    if (bound) moves--;
    const moved: LogEvent[] = bound ? [{ type: 'MODIFIED', key: bound.key, patch: { spec: { nodeName: 'node-2' } }, actor: userNamed('nobody') }] : [];
    return inner.append(cluster, { ...wanted, events: [...wanted.events, ...moved] });
  })(log);
}
