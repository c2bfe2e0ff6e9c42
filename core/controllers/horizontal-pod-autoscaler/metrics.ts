import { goLabelSelector } from '../../kube/go-label-selector.ts';
import type { LabelSelector } from '../../kube/label-selector.ts';
import { formatQuantity, milliValue } from '../../kube/quantity.ts';
import type { MetricIdentifier, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../schema/generated/kinds.ts';
import { MetricError } from './metric-error.ts';
import { externalMetric, metricOfObject, podsMetric, resourceMetric } from './metric-values.ts';
import { byAverageValue, byUtilization, byValue, byValuePerPod, type Proposal, type Scaled } from './replica-calculator.ts';

/** What one metric comes to. */
export interface Computed {
  readonly replicas: number;
  /** What Events and conditions call it. */
  readonly name: string;
  readonly status: MetricStatus;
}

/** A metric from which nothing follows. */
export interface Failed {
  /** Of the Event, and of the condition ScalingActive. */
  readonly reason: string;
  readonly eventMessage: string;
  /** What is told of the metric among the others. */
  readonly error: string;
}

export interface Namespaced extends Scaled {
  readonly namespace: string;
}

/** How many replicas a metric of an autoscaler asks for (horizontal.go, computeReplicasForMetric). */
export function computeMetric(spec: MetricSpec, scaled: Namespaced): Computed | Failed {
  const kind = kinds[spec.type];
  if (!kind) {
    const error = `unknown metric source type ${JSON.stringify(spec.type)}`;
    return { reason: 'InvalidMetricSourceType', eventMessage: error, error };
  }
  const { reason, describe, compute } = kind;
  try {
    return compute(spec, scaled);
  } catch (error) {
    if (!(error instanceof MetricError)) throw error;
    return { reason, eventMessage: error.message, error: `${describe(spec)}: ${error.message}` };
  }
}

interface MetricKind {
  readonly reason: string;
  readonly describe: (spec: MetricSpec) => string;
  /** Throws `MetricError`. */
  readonly compute: (spec: MetricSpec, scaled: Namespaced) => Computed;
}

const kinds: Readonly<Record<string, MetricKind | undefined>> = {
  Resource: {
    reason: 'FailedGetResourceMetric',
    describe: ({ resource }) => `failed to get ${resource!.name} resource metric value`,
    compute({ type, resource }, scaled) {
      const { name, target } = resource!;
      const { proposal, label, current } = ofResource({ name, target, container: undefined }, scaled);
      return { ...proposal, name: label, status: { type, resource: { name, current } } };
    },
  },
  ContainerResource: {
    reason: 'FailedGetContainerResourceMetric',
    describe: ({ containerResource }) => `failed to get ${containerResource!.container} container metric value`,
    compute({ type, containerResource }, scaled) {
      const { name, target, container } = containerResource!;
      const { proposal, label, current } = ofResource({ name, target, container }, scaled);
      return { ...proposal, name: label, status: { type, containerResource: { name, container, current } } };
    },
  },
  Pods: {
    reason: 'FailedGetPodsMetric',
    describe: () => 'failed to get pods metric value',
    compute({ type, pods }, scaled) {
      const { metric, target } = pods!;
      const values = podsMetric(metric.name, scaled.pods, { selector: metric.selector, moment: scaled.moment });
      const proposal = byAverageValue({ resource: undefined, values }, milliValue(target.averageValue!), scaled);
      return {
        ...proposal,
        name: `pods metric ${metric.name}`,
        status: { type, pods: { metric: identified(metric), current: { averageValue: decimal(proposal.value) } } },
      };
    },
  },
  Object: {
    reason: 'FailedGetObjectMetric',
    describe: () => 'failed to get object metric value',
    compute({ type, object }, scaled) {
      const { describedObject, metric, target } = object!;
      const value = () => metricOfObject(metric.name, describedObject, { ...scaled, selector: metric.selector });
      const status = (current: MetricValueStatus): MetricStatus => ({ type, object: { describedObject, metric: identified(metric), current } });
      if (target.type === 'Value' && target.value !== undefined) {
        const proposal = byValue(value(), milliValue(target.value), scaled);
        return { ...proposal, name: `${describedObject.kind} metric ${metric.name}`, status: status({ value: decimal(proposal.value) }) };
      }
      if (target.type !== 'AverageValue' || target.averageValue === undefined)
        throw new MetricError('invalid object metric source: neither a value target nor an average value target was set');
      const proposal = within(`failed to get ${metric.name} object metric`, () => byValuePerPod(value(), milliValue(target.averageValue!), scaled));
      return { ...proposal, name: externalName(metric), status: status({ averageValue: decimal(proposal.value) }) };
    },
  },
  External: {
    reason: 'FailedGetExternalMetric',
    describe: ({ external }) => `failed to get ${external!.metric.name} external metric value`,
    compute({ type, external }, scaled) {
      const { metric, target } = external!;
      const value = () => {
        const unable = `unable to get external metric ${scaled.namespace}/${metric.name}/${printed(metric.selector)}`;
        return within(unable, () => externalMetric(metric.name, { ...scaled, selector: metric.selector })).reduce((sum, one) => sum + one, 0);
      };
      const status = (current: MetricValueStatus): MetricStatus => ({ type, external: { metric: identified(metric), current } });
      if (target.averageValue !== undefined) {
        const proposal = within(`failed to get ${metric.name} external metric`, () => byValuePerPod(value(), milliValue(target.averageValue!), scaled));
        return { ...proposal, name: externalName(metric), status: status({ averageValue: decimal(proposal.value) }) };
      }
      if (target.value === undefined) throw new MetricError('invalid external metric source: neither a value target nor an average value target was set');
      const proposal = within(`failed to get external metric ${metric.name}`, () => byValue(value(), milliValue(target.value!), scaled));
      return { ...proposal, name: externalName(metric), status: status({ value: decimal(proposal.value) }) };
    },
  },
};

interface ResourceSource {
  readonly name: string;
  readonly target: MetricTarget;
  readonly container: string | undefined;
}

function ofResource({ name, target, container }: ResourceSource, scaled: Scaled): { proposal: Proposal; label: string; current: MetricValueStatus } {
  const values = () => resourceMetric(name, scaled.pods, { container, moment: scaled.moment });
  const quantity = (milli: number) => formatQuantity({ nanos: BigInt(milli) * 1_000_000n, format: name === 'memory' ? 'BinarySI' : 'DecimalSI' });
  if (target.averageValue !== undefined) {
    const most = milliValue(target.averageValue);
    const proposal = within(`failed to get ${name} usage`, () => byAverageValue({ resource: name, values: values() }, most, scaled));
    return { proposal, label: `${name} resource`, current: { averageValue: quantity(proposal.value) } };
  }
  const { averageUtilization } = target;
  if (averageUtilization === undefined)
    throw new MetricError('invalid resource metric source: neither an average utilization target nor an average value (usage) target was set');
  const proposal = within(`failed to get ${name} utilization`, () =>
    byUtilization({ resource: name, container, values: values() }, averageUtilization, scaled),
  );
  const label = `${name} ${container === undefined ? '' : 'container '}resource utilization (percentage of request)`;
  return { proposal, label, current: { averageUtilization: proposal.utilization!, averageValue: quantity(proposal.value) } };
}

/** Says of an error what it was wanted for. */
function within<T>(what: string, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    throw error instanceof MetricError ? new MetricError(`${what}: ${error.message}`) : error;
  }
}

const identified = ({ name, selector }: MetricIdentifier): MetricIdentifier => ({ name, ...(selector && { selector }) });

/** Kubernetes calls metrics of objects so too, when they are divided among the pods. */
const externalName = ({ name, selector }: MetricIdentifier): string => `external metric ${name}(${printed(selector)})`;

const printed = (selector: LabelSelector | undefined): string => (selector ? goLabelSelector(selector) : 'nil');

const decimal = (milli: number): string => formatQuantity({ nanos: BigInt(milli) * 1_000_000n, format: 'DecimalSI' });
