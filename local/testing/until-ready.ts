import { apisOf } from '../../core/apis/apis.ts';
import type { ObjectName, StuckObject } from '../../core/apis/logplane/plan-status.ts';
import { apiVersionOf } from '../../core/kube/group-version-kind.ts';
import { stuckObjects } from '../../core/plan/stuck.ts';
import { isReady, measured, objectAt, type Watched, workloadsOf } from '../../core/plan/watched.ts';
import { clusterClock } from '../../core/replica/cluster-clock.ts';
import type { State } from '../../core/state/state.ts';
import { resourceNamed } from './resource-named.ts';

interface Which {
  /** `deployment/web`; none: all workloads. */
  readonly of?: readonly string[] | undefined;
  readonly namespace?: string | undefined;
}

interface Readiness {
  /** Whether all is ready. Throws an Error with what has failed for good. */
  isReached(): boolean;
  /** What is not ready, and why. */
  missing(): string;
}

/** Whether what is waited for in a cluster is ready, at each moment at which it is asked. */
export function readinessIn(cluster: { readonly state: State }, which: Which): Readiness {
  const awaited = () => namesOf(which, cluster.state);
  return {
    isReached() {
      const { state } = cluster;
      const names = awaited();
      const failed = names.filter((name) => measured(name, state).failure !== undefined);
      if (failed.length > 0) throw new Error(`cannot become ready:\n${told(failed, state)}`);
      return names.every((name) => isReady(measured(name, state)));
    },
    missing: () => told(awaited(), cluster.state),
  };
}

function namesOf({ of, namespace }: Which, state: State): readonly ObjectName[] {
  if (of) return of.map((text) => nameIn(text, state, namespace));
  return workloadsOf(state).filter((one) => namespace === undefined || one.namespace === namespace);
}

/** Throws an Error when it does not name an object of a kind that is served. */
function nameIn(text: string, state: State, namespace = 'default'): ObjectName {
  const [kind, name, ...rest] = text.split('/');
  if (!kind || !name || rest.length > 0) throw new TypeError(`${JSON.stringify(text)} names no object: say KIND/NAME, such as "deployment/web"`);
  const resource = resourceNamed(apisOf(state), kind);
  if (!resource) throw new Error(`the cluster serves no kind ${JSON.stringify(kind)}`);
  const apiVersion = apiVersionOf({ group: resource.group, version: resource.versions[0]!.version });
  return { apiVersion, kind: resource.kind, ...(resource.namespaced && { namespace }), name };
}

/** A line for each object that is not ready, with its reasons below it. */
function told(names: readonly ObjectName[], state: State): string {
  const absent = names.filter((name) => !objectAt(name, state));
  const workloads = names.filter((name) => objectAt(name, state)).map((name): Watched => ({ ...name, wasReady: false }));
  const stuck = stuckObjects({ workloads, applied: [], start: state }, state);
  return [
    ...absent.map((name) => `  ${titleOf(name)}: there is none`),
    ...stuck.flatMap(linesOf),
    ...(state.view(clusterClock).rate === 0 ? ["  (the cluster's clock is paused: nothing that takes time comes to its end)"] : []),
  ].join('\n');
}

const linesOf = (object: StuckObject): string[] => [
  `  ${titleOf(object)}: ${object.ready} of ${object.wanted} ready`,
  ...object.reasons.map(({ reason, message, pods, pod }) => {
    const which = pods === undefined || pod === undefined ? '' : pods === 1 ? ` (pod ${pod})` : ` (${pods} pods, such as ${pod})`;
    return `    ${reason}${which}${message ? `: ${message}` : ''}`;
  }),
];

const titleOf = ({ kind, namespace, name }: ObjectName): string => `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
