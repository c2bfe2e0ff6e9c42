import type { ApiResource } from '../../../apis/api-resource.ts';
import { timestamp } from '../../../kube/object.ts';
import type { Deployment } from '../../../schema/generated/kinds.ts';
import type { Target } from '../api-client.ts';
import { Failed } from '../outcome.ts';
import { type Invocation, printedName } from './invocation.ts';
import { rolloutStatus } from './rollout-status.ts';
import { undo } from './rollout-undo.ts';

/** `kubectl rollout restart|undo|status|pause|resume TYPE/NAME` */
export function rollout(invocation: Invocation): void {
  const [what, ...words] = invocation.words;
  const act = what !== undefined && Object.hasOwn(ACTS, what) ? ACTS[what] : undefined;
  if (!act) throw new Failed(`error: unknown command ${JSON.stringify(what ?? '')} for "kubectl rollout"`);
  act(invocation, words);
}

const ACTS: Readonly<Record<string, (invocation: Invocation, words: readonly string[]) => void>> = {
  restart: (invocation, words) => change(invocation, words, 'restarted', restart),
  pause: (invocation, words) => change(invocation, words, 'paused', (one, target) => paused(one, target, true)),
  resume: (invocation, words) => change(invocation, words, 'resumed', (one, target) => paused(one, target, false)),
  status: rolloutStatus,
  // What it writes is not known here.
  history: (invocation) => invocation.write(undefined),
  undo: (invocation, words) => each(invocation, words, (target) => undo(invocation, target)),
};

type Change = (invocation: Invocation, target: Target) => object;

const change = (invocation: Invocation, words: readonly string[], done: string, patchOf: Change): void =>
  each(invocation, words, (target) => {
    invocation.client.patch(target, patchOf(invocation, target), 'strategic', 'kubectl-rollout');
    return done;
  });

/** `act`: what is said of what it has done. */
function each(invocation: Invocation, words: readonly string[], act: (target: Target) => string): void {
  if (words.length === 0 && !invocation.flags.has('filename')) throw new Failed('error: required resource not specified');
  // `kubectl rollout restart deployment` is said of all of them.
  const all = words.length === 1 && !words[0]!.includes('/') && !invocation.flags.has('selector');
  const targets = all ? allOf(invocation, invocation.resource(words[0]!)) : invocation.targets(words);
  if (targets.length === 0) invocation.warn(`No resources found in ${invocation.namespace} namespace.`);
  invocation.each(targets, (target) => invocation.write(`${printedName(target)} ${act(target)}\n`));
}

const allOf = (invocation: Invocation, api: ApiResource): Target[] =>
  invocation.list(api).map(({ metadata }) => invocation.target(api, metadata.name, metadata.namespace));

const RESTARTED = new Set(['deployments.apps', 'daemonsets.apps', 'statefulsets.apps']);

function restart({ client, caller }: Invocation, target: Target): object {
  const object = client.get(target);
  const { groupResource } = target.api;
  if (!RESTARTED.has(groupResource)) throw new Failed(`error: ${groupResource} "${target.name}" restarting is not supported`);
  if ((object as Deployment).spec?.paused)
    throw new Failed(`error: ${groupResource} "${target.name}" can't restart paused deployment (run rollout resume first)`);
  return { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': timestamp(caller.now) } } } } };
}

function paused({ client }: Invocation, target: Target, wanted: boolean): object {
  const { groupResource } = target.api;
  const object = client.get(target) as Deployment;
  if (groupResource !== 'deployments.apps') throw new Failed(`error: ${groupResource} "${target.name}" ${wanted ? 'pausing' : 'resuming'} is not supported`);
  if (Boolean(object.spec?.paused) === wanted) throw new Failed(`error: ${groupResource} "${target.name}" is ${wanted ? 'already' : 'not'} paused`);
  return { spec: { paused: wanted ? true : null } };
}
