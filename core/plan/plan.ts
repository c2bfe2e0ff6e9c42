import type { AskPort } from '../admission/ask.ts';
import type { AdmissionPlugin } from '../admission/plugin.ts';
import { type PlanSpec, READY } from '../apis/logplane/plan.ts';
import type { PlanStatus } from '../apis/logplane/plan-status.ts';
import { earliest } from '../controllers/shared/earliest.ts';
import type { Env } from '../env.ts';
import { between, type ClusterInstant, clusterInstant, plus } from '../instant.ts';
import type { Fields } from '../kube/fields.ts';
import { goDuration, parseGoDuration } from '../kube/go-duration.ts';
import { timestamp } from '../kube/object.ts';
import type { User } from '../kube/user.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import type { SchedulerProfiles } from '../scheduler/profiles.ts';
import { type Change, isOf } from '../state/change.ts';
import type { State } from '../state/state.ts';
import { Agenda } from './agenda.ts';
import { controllerChanges } from './controller-changes.ts';
import { Deeds } from './deeds.ts';
import { EventsTold } from './events-told.ts';
import { Observations, wholeSeconds } from './observations.ts';
import { defaultLimits, RanAway, type RunLimits } from './run-limits.ts';
import { stuckObjects } from './stuck.ts';
import { Trial } from './trial.ts';
import { unknownsOf } from './unknowns.ts';
import { unscheduledPods } from './unscheduled.ts';
import { type Awaited, isSettled, workloadsOf } from './watched.ts';
import { WebhooksAsked } from './webhooks-asked.ts';

export interface PlanOptions {
  readonly cluster: string;
  readonly state: State;
  /** The cluster's time. */
  readonly now: ClusterInstant;
  readonly spec: Omit<PlanSpec, 'manifests'>;
  /** Those of the spec, read. */
  readonly manifests: readonly Fields[];
  /** Who applies them, and as which field manager. */
  readonly user: User;
  readonly manager: string;
  readonly env: Env;
  readonly reconcilers: readonly Reconciler[];
  readonly schedulerProfiles: SchedulerProfiles;
  readonly admissionPlugins: readonly AdmissionPlugin[];
  readonly ask: AskPort;
  readonly limits?: RunLimits;
  /** Ends it before its time. */
  readonly signal?: AbortSignal;
}

/**
 * What would come of a state if manifests were applied, and other things came to pass: a cluster goes on from there, in virtual time, until all is ready, nothing moves any more or the horizon is
 * reached (docs/decisions/0036-plans.md). The same state, spec and start come to the same.
 */
export async function plan(options: PlanOptions): Promise<PlanStatus> {
  const { cluster, state, spec, manifests, user, manager, env, reconcilers, admissionPlugins, limits = defaultLimits, signal } = options;
  // A whole second, so that the same plan can be asked for again by what it tells.
  const start = spec.startTime === undefined ? clusterInstant(Math.ceil(options.now / 1000) * 1000) : clusterInstant(spec.startTime);
  const webhooks = new WebhooksAsked({ asks: spec.webhooks, outside: options.ask });
  const observations = new Observations(start);
  const { events: asked = 'None' } = spec;
  const eventsTold = new EventsTold(asked, start);
  const observe = (changes: readonly Change[]) => {
    observations.observe(changes);
    for (const change of changes) if (isOf(change, 'events')) eventsTold.observe(change);
  };
  const trial = new Trial({
    cluster,
    state,
    start,
    seed: spec.seed,
    env,
    reconcilers,
    admissionPlugins,
    ask: webhooks.port,
    limits,
    signal,
    observe,
    refused: observations.refused,
    normalEvents: asked === 'All',
  });
  const deeds = new Deeds({ trial, user, manager, force: spec.force ?? false, namespace: spec.namespace ?? 'default' });
  const agenda = new Agenda(spec.changes ?? [], { trial, deeds });
  const awaited: Awaited = {
    workloads: workloadsOf(state),
    start: state,
    get applied() {
      return [...deeds.created, ...deeds.changed, ...deeds.unchanged];
    },
  };
  const ended = await run({ trial, manifests, deeds, agenda, awaited, until: spec.until });
  const end = trial.state;
  const found = {
    applied: deeds.told,
    controllers: { ...controllerChanges({ start: state, end, left: deeds.left }), cameAndWent: observations.cameAndWent },
    stuck: stuckObjects(awaited, end),
    unscheduled: unscheduledPods(end, { start: state, profiles: options.schedulerProfiles, random: trial.random, now: trial.now }),
    evictions: observations.evictions,
    outOfMemory: observations.outOfMemory,
    disruptionBudgets: agenda.inTheWay(),
    refusals: observations.refusals,
    nodes: observations.nodes(end),
    unknowns: unknownsOf({ start: state, end, unasked: webhooks.unasked }),
  };
  return {
    ...judged(found, ended),
    resourceVersion: String(state.offset),
    startTime: timestamp(start),
    duration: goDuration(wholeSeconds(between(start, trial.now))),
    ended: ended.how,
    ...found,
    ...eventsTold.told,
  };
}

interface Run extends Pick<PlanSpec, 'until'> {
  readonly trial: Trial;
  readonly manifests: readonly Fields[];
  readonly deeds: Deeds;
  readonly agenda: Agenda;
  readonly awaited: Awaited;
}

interface Ended {
  readonly how: PlanStatus['ended'];
  readonly why?: string;
}

/** Goes from one moment at which something is to be done to the next. */
async function run({ trial, manifests, deeds, agenda, awaited, until }: Run): Promise<Ended> {
  const horizon = until === READY ? plus(agenda.last ?? trial.now, READY_WITHIN) : plus(trial.now, parseGoDuration(until)!);
  try {
    await deeds.apply(manifests);
    for (;;) {
      await trial.settle();
      if (await agenda.act()) continue;
      if (until === READY && agenda.isOver && isSettled(awaited, trial.state)) {
        if (agenda.next === undefined) return { how: 'Settled' };
        if (agenda.isStalled) return { how: 'AtRest' };
      }
      const next = earliest(trial.nextWakeup, agenda.next);
      if (next === undefined) return { how: 'AtRest' };
      if (next > horizon) {
        trial.advanceTo(horizon);
        return { how: 'Horizon' };
      }
      trial.advanceTo(next);
    }
  } catch (error) {
    if (!(error instanceof RanAway)) throw error;
    return { how: 'RanAway', why: error.message };
  }
}

/** How long what is to become ready may take. A Deployment gives up after ten minutes, unless it says otherwise. */
const READY_WITHIN = 3_600_000;

type Found = Pick<PlanStatus, 'applied' | 'stuck' | 'unscheduled' | 'outOfMemory' | 'disruptionBudgets'>;

function judged({ applied, stuck, unscheduled, outOfMemory, disruptionBudgets }: Found, { how, why = '' }: Ended): Pick<PlanStatus, 'result' | 'message'> {
  const pods = unscheduled.filter(({ before }) => !before).reduce((sum, { count }) => sum + count, 0);
  const killed = outOfMemory.filter(({ before }) => !before).reduce((sum, { pods }) => sum + pods.length, 0);
  const problems = [
    counted(applied.refused.length, 'object is refused', 'objects are refused'),
    counted(stuck.filter(({ before }) => !before).length, 'object does not become ready', 'objects do not become ready'),
    counted(pods, 'pod finds no node', 'pods find no node'),
    counted(killed, 'container is killed for its memory', 'containers are killed for their memory'),
    counted(disruptionBudgets.length, 'disruption budget is in the way', 'disruption budgets are in the way'),
  ].filter((problem) => problem !== undefined);
  if (how === 'RanAway') return { result: 'Unfinished', message: [why, ...problems].join('; ') };
  return problems.length > 0 ? { result: 'Fails', message: problems.join('; ') } : { result: 'Succeeds', message: 'nothing is in the way' };
}

const counted = (count: number, one: string, several: string): string | undefined => (count === 0 ? undefined : `${count} ${count === 1 ? one : several}`);
