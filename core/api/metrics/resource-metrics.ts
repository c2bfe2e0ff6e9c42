import type { NodeMetrics, PodMetrics, ResourceList } from '../../apis/metrics/metrics-tables.ts';
import { type KubeObject, timestamp } from '../../kube/object.ts';
import { formatQuantity } from '../../kube/quantity.ts';
import { notFound } from '../../kube/status.ts';
import type { Node, Pod } from '../../schema/generated/kinds.ts';
import type { Usage } from '../../usage/container-usage.ts';
import type { Moment } from '../../usage/moment.ts';
import { nodeUsage, podUsage } from '../../usage/pod-usage.ts';
import { WINDOW } from '../../usage/sampling.ts';
import { answerObject, answerWith } from '../answers/answers.ts';
import { answerList } from '../answers/list-answer.ts';
import type { ReadCall } from '../call.ts';
import { readListOptions } from '../query/list-options.ts';
import { matches, selectionOf } from '../query/selection.ts';
import { momentOf } from './moment.ts';

/** `metrics.k8s.io/v1beta1`, as metrics-server answers it (its pkg/api): measured when it is asked for, of the cluster as it is shown. */
export const podMetrics = measured<Pod>({
  measuring: (moment) => (pod) => metricsOfPod(pod, moment),
  objects: ({ state }, namespace) => state.list('pods', namespace),
  get: ({ state }, namespace, name) => state.get('pods', namespace, name),
  resource: 'podmetrics',
});

export const nodeMetrics = measured<Node>({
  measuring: (moment) => (node) => metricsOfNode(node, moment),
  objects: ({ state }) => state.list('nodes'),
  get: ({ state }, _, name) => state.get('nodes', undefined, name),
  resource: 'nodemetrics',
});

interface Measured<T extends KubeObject> {
  readonly measuring: (moment: Moment) => (object: T) => KubeObject | undefined;
  readonly objects: (moment: Moment, namespace: string | undefined) => readonly T[];
  readonly get: (moment: Moment, namespace: string | undefined, name: string) => T | undefined;
  /** What metrics-server calls it when it is not there. */
  readonly resource: string;
}

function measured<T extends KubeObject>({ measuring, objects, get, resource }: Measured<T>) {
  return {
    async get(call: ReadCall): Promise<Response> {
      const { info, target } = call;
      const moment = await momentOf(call);
      const object = get(moment, info.namespace, info.name!);
      if (!object) throw notFound({ group: '', resource: target.resource.resource }, info.name!);
      const metrics = measuring(moment)(object);
      if (!metrics) throw notFound({ group: target.resource.group, resource }, info.namespace === undefined ? info.name! : `${info.namespace}/${info.name}`);
      return answerObject(call, metrics);
    },
    async list(call: ReadCall): Promise<Response> {
      const { target, format, info } = call;
      const selection = selectionOf(call, readListOptions(call.query, { resource: target.selectable, watch: false }));
      const moment = await momentOf(call);
      const selected = objects(moment, info.namespace).filter((object) => matches(object, selection));
      const items = selected.flatMap((object) => measuring(moment)(object) ?? []);
      if (format.as !== undefined) return answerList(call, items, { resourceVersion: '' });
      return answerWith(call, { kind: target.resource.listKind, apiVersion: target.apiVersion, metadata: {}, items });
    },
  };
}

const WINDOW_TEXT = `${WINDOW / 1000}s`;

function metricsOfPod(pod: Pod, moment: Moment): PodMetrics | undefined {
  const usage = podUsage(pod, moment);
  return usage && { ...head('PodMetrics', pod, moment), containers: [...usage].map(([name, used]) => ({ name, usage: listOf(used) })) };
}

const metricsOfNode = (node: Node, moment: Moment): NodeMetrics => ({ ...head('NodeMetrics', node, moment), usage: listOf(nodeUsage(node, moment)) });

function head(kind: string, { metadata: { name, namespace, labels } }: KubeObject, { now }: Moment) {
  return {
    kind,
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: { name, ...(namespace && { namespace }), creationTimestamp: timestamp(now), ...(labels && { labels }) },
    timestamp: timestamp(now),
    window: WINDOW_TEXT,
  };
}

/** As the kubelet counts: nanocores, and whole kibibytes. */
const listOf = ({ cpu, memory }: Usage): ResourceList => ({
  cpu: formatQuantity({ nanos: BigInt(Math.round(cpu * 1e9)), format: 'DecimalSI' }),
  memory: formatQuantity({ nanos: BigInt(Math.ceil(memory / 1024) * 1024) * 1_000_000_000n, format: 'BinarySI' }),
});
