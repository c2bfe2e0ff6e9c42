import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../schema/generated/kinds.ts';

const SHOWN = 2;
const UNKNOWN = '<unknown>';

/** What an autoscaler looks at, current over target: `cpu: 12%/80%, 3/10 + 1 more...` (formatHPAMetrics in printers.go). */
export function metricsText(metrics: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (!metrics.length) return '<none>';
  const texts = metrics.map((metric, i) => metricText(metric, statuses[i])).slice(0, SHOWN);
  return metrics.length > SHOWN ? `${texts.join(', ')} + ${metrics.length - SHOWN} more...` : texts.join(', ');
}

function metricText(metric: MetricSpec, status: MetricStatus | undefined): string {
  switch (metric.type) {
    case 'External':
      return valueText(metric.external!.target, status?.external?.current);
    case 'Object':
      return valueText(metric.object!.target, status?.object?.current);
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? UNKNOWN}/${metric.pods!.target.averageValue}`;
    case 'Resource':
      return `${metric.resource!.name}: ${utilizationText(metric.resource!.target, status?.resource?.current)}`;
    case 'ContainerResource':
      return `${metric.containerResource!.name}: ${utilizationText(metric.containerResource!.target, status?.containerResource?.current)}`;
    default:
      return '<unknown type>';
  }
}

function valueText({ averageValue, value }: MetricTarget, current: MetricValueStatus | undefined): string {
  if (averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${averageValue} (avg)`;
  return `${current?.value ?? UNKNOWN}/${value}`;
}

function utilizationText({ averageValue, averageUtilization }: MetricTarget, current: MetricValueStatus | undefined): string {
  if (averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${averageValue}`;
  const percent = (value: number | undefined, otherwise: string) => (value === undefined ? otherwise : `${value}%`);
  return `${percent(current?.averageUtilization, UNKNOWN)}/${percent(averageUtilization, '<auto>')}`;
}
