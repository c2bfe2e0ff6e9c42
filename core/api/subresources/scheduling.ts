import type { TableColumn } from '../../apis/strategy.ts';
import { decide } from '../../decide/decide.ts';
import type { Decision } from '../../decide/decision.ts';
import { inRounds } from '../../decide/rounds.ts';
import { keyOf } from '../../kube/object.ts';
import { badRequest, notFound } from '../../kube/status.ts';
import { type Explanation, explain } from '../../scheduler/explain.ts';
import { schemaOf } from '../../schema/built-in-types.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import { assume } from '../../state/evolve.ts';
import type { State } from '../../state/state.ts';
import { answerWith } from '../answers/answers.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { WriteCall } from '../call.ts';
import type { Table } from '../printers/table.ts';
import { readWriteOptions, type WriteOptions } from '../query/write-options.ts';
import type { BodyType } from '../request/body-type.ts';
import { newestState } from '../request/reading.ts';
import { inNamespace } from '../verbs/create.ts';

const type: BodyType = { gvk: { group: '', version: 'v1', kind: 'Pod' }, type: schemaOf('io.k8s.api.core.v1.Pod')! };

/**
 * `POST …/pods/NAME/scheduling?dryRun=All`: what the scheduler would say of the pod and every node, as a Table: of the pod as it is, or of the one in the body, as it would be
 * after its creation. Nothing is written. Throws 400 (without dryRun), 404 (no such pod, and none in the body), and what refuses the pod in the body.
 */
export async function explainScheduling(call: WriteCall): Promise<Response> {
  const options = readWriteOptions(call.query, 'CreateOptions');
  if (!options.dryRun) throw badRequest('scheduling of a pod is only explained, and not done: dryRun=All is required');
  const newest = await newestState(call);
  const pod = call.body.length > 0 ? await podFromBody(call, options, newest) : podIn(call, newest);
  // Where it is already, it takes no room from itself.
  const state = assume(newest, keyOf('pods', pod.metadata.namespace, pod.metadata.name), pod);
  const { env, schedulerProfiles } = call.api;
  const plugins = schedulerProfiles.pluginsFor(pod.spec!.schedulerName);
  if (!plugins) throw badRequest(`no scheduler of this cluster is named ${JSON.stringify(pod.spec!.schedulerName)}`);
  const explanation = explain(pod, state, { plugins, random: env.random, now: call.replica.now() });
  // What the pod would be told, where there is no other place for it in a Table.
  if (explanation.message !== undefined) call.warnings.push(explanation.message);
  return answerWith({ ...call, format: { ...call.format, as: undefined } }, tableOf(explanation, newest));
}

function podIn({ info: { namespace, name } }: WriteCall, state: State): Pod {
  const pod = state.get('pods', namespace, name!);
  if (!pod) throw notFound({ group: '', resource: 'pods' }, name!);
  return unplaced(pod);
}

/** As it was before it got its node. */
function unplaced(pod: Pod): Pod {
  const { nodeName: _, ...spec } = pod.spec!;
  return { ...pod, spec };
}

/** The pod of the body, with what admission and its kind make of it, and in the place of one of its name. */
async function podFromBody(call: WriteCall, options: WriteOptions, state: State): Promise<Pod> {
  const { info, api, user: actor, replica, target, warnings } = call;
  const { env, admissionPlugins: plugins, ask } = api;
  const object = inNamespace(call, objectFromBody<Pod>(call, type, options));
  if (object.metadata.name && object.metadata.name !== info.name) throw badRequest('name in URL does not match name in Pod object');
  const sent = { ...object, metadata: { ...object.metadata, name: info.name! } };
  const free = assume(state, keyOf('pods', info.namespace, info.name!), undefined);
  const context = { now: replica.now(), actor, plugins, dryRun: true, version: target.version.version };
  const decision = await inRounds<Decision>(
    async (memory) => decide(free, { type: 'create', resource: 'pods', object: sent }, { ...context, env: memory.env(0, env), answers: memory.answers }),
    { ask, clock: env.clock, state: () => replica.state },
  );
  warnings.push(...decision.warnings);
  return unplaced(decision.object as Pod);
}

const COLUMNS: readonly TableColumn[] = [
  { name: 'Node', type: 'string', format: 'name', description: 'The name of the node.', priority: 0 },
  { name: 'Feasible', type: 'boolean', format: '', description: 'Whether the pod can run there.', priority: 0 },
  { name: 'Reasons', type: 'string', format: '', description: 'Why it cannot.', priority: 0 },
  { name: 'Score', type: 'number', format: '', description: 'What the plugins together score the node: more is better.', priority: 0 },
];

function tableOf({ scoring, nodes }: Explanation, state: State): Table {
  const ofPlugins = scoring.map(
    (name): TableColumn => ({ name, type: 'number', format: '', description: `What ${name} scores the node, its weight counted in.`, priority: 1 }),
  );
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: String(state.offset) },
    columnDefinitions: [...COLUMNS, ...ofPlugins],
    rows: nodes.map(({ node, reasons, score, scores }) => ({
      cells: [
        node,
        score !== undefined,
        reasons.join(', '),
        score === undefined ? null : rounded(score),
        ...scoring.map((_, i) => (score === undefined ? null : rounded(scores[i]!))),
      ],
      object: null,
    })),
  };
}

const rounded = (score: number): number => Math.round(score * 100) / 100;
