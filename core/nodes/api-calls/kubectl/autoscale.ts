import { apiVersionOf } from '../../../kube/group-version-kind.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { Failed } from '../outcome.ts';
import type { Invocation } from './invocation.ts';
import { make } from './make.ts';

/** `kubectl autoscale TYPE NAME --min=1 --max=5 --cpu=80%` (kubectl's pkg/cmd/autoscale). */
export function autoscale(invocation: Invocation): void {
  const [min, max] = [numberOf(invocation.flag('min') ?? '-1'), numberOf(invocation.flag('max') ?? '-1')];
  const [percent, cpu, memory] = [invocation.flag('cpu-percent'), invocation.flag('cpu'), invocation.flag('memory')];
  if (max < 1) throw new Failed(`error: --max=MAXPODS is required and must be at least 1, max: ${max}`);
  if (max < min) throw new Failed(`error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: ${max}, min: ${min}`);
  if (percent !== undefined && cpu !== undefined) throw new Failed('error: --cpu-percent and --cpu are mutually exclusive');
  const wanted = percent === undefined ? cpu : `${percent}%`;
  const metrics = [...(wanted === undefined ? [] : [metric('cpu', wanted)]), ...(memory === undefined ? [] : [metric('memory', memory)])];
  const targets = invocation.targets();
  if (targets.length === 0) throw new Failed('error: no objects passed to autoscale');
  invocation.each(targets, (target) => {
    const { api, name } = target;
    invocation.client.get(target);
    const version = api.versions[0]!;
    if (!Object.hasOwn(version.subresources, 'scale'))
      throw new Failed(
        `error: cannot autoscale a ${api.kind}: could not find scale subresource for ${apiVersionOf({ group: api.group, version: version.version })}, Resource=${api.resource}`,
      );
    const scaleTargetRef = { apiVersion: apiVersionOf({ group: api.group, version: version.version }), kind: api.kind, name };
    const autoscaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: invocation.flag('name') ?? name, namespace: invocation.namespace },
      spec: { scaleTargetRef, maxReplicas: max, ...(min > 0 && { minReplicas: min }), ...(metrics.length > 0 && { metrics }) },
    };
    make(invocation, autoscaler as unknown as KubeObject, { manager: 'kubectl-autoscale', done: 'autoscaled' });
  });
}

function numberOf(text: string): number {
  if (!/^-?\d{1,9}$/.test(text))
    throw new Failed(`error: invalid argument ${JSON.stringify(text)}: strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

/** A percentage of what is requested, or an amount; without a unit, in thousandths of a CPU or in MiB. */
function metric(name: 'cpu' | 'memory', text: string): object {
  const [, percent] = /^(\d{1,9})%$/.exec(text) ?? [];
  const amount = /^\d+(\.\d+)?$/.test(text) ? `${text}${name === 'cpu' ? 'm' : 'Mi'}` : text;
  const target = percent === undefined ? { type: 'AverageValue', averageValue: amount } : { type: 'Utilization', averageUtilization: Number(percent) };
  return { type: 'Resource', resource: { name, target } };
}
