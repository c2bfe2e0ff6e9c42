import { parseQuantity } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues, notSupported, required } from '../../kube/validation/field.ts';
import { label, pathSegment } from '../../kube/validation/names.ts';
import type { CrossVersionObjectReference, MetricIdentifier, MetricSpec, MetricTarget } from '../../schema/generated/kinds.ts';
import { validateContainerResource } from '../core/resource-requirements.ts';

/** The sources of metrics: the field that describes each, by the type that names it. */
const SOURCES = { ContainerResource: 'containerResource', External: 'external', Object: 'object', Pods: 'pods', Resource: 'resource' } as const;
type Source = (typeof SOURCES)[keyof typeof SOURCES];

/** Checks what an autoscaler looks at (validateMetrics in pkg/apis/autoscaling/validation). */
export const validateMetrics = (metrics: readonly MetricSpec[], path: string): FieldError[] =>
  metrics.flatMap((metric, i) => validateMetric(metric, `${path}[${i}]`));

/** What is asked of the apiVersion of a reference: nothing, to be one (an empty one is that of the core group), or to have a group. */
export type VersionRule = 'any' | 'valid' | 'with group';

/** Checks a reference to an object of any version (ValidateCrossVersionObjectReference). */
export function validateObjectReference(reference: Partial<CrossVersionObjectReference> = {}, path: string, rule: VersionRule): FieldError[] {
  const errors = (['kind', 'name'] as const).flatMap((name) => {
    const value = reference[name];
    return value ? invalidValues(`${path}.${name}`, value, pathSegment(value)) : [required(`${path}.${name}`)];
  });
  const { apiVersion = '' } = reference;
  const slashes = apiVersion.split('/').length - 1;
  if (rule === 'any') return errors;
  if (slashes > 1) return [...errors, invalidValue(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  if (rule === 'valid' || (slashes === 1 && !apiVersion.startsWith('/'))) return errors;
  return [...errors, invalidValue(`${path}.apiVersion`, apiVersion, 'apiVersion must specify API group')];
}

function validateMetric(metric: MetricSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const types = Object.keys(SOURCES);
  const expected = SOURCES[metric.type as keyof typeof SOURCES] as Source | undefined;
  if (!metric.type) errors.push(required(`${path}.type`, 'must specify a metric source type'));
  if (!expected) errors.push(notSupported(`${path}.type`, metric.type ?? '', types));
  // In the order in which Kubernetes looks: only the first source that is there is checked.
  const present = (['object', 'external', 'pods', 'resource', 'containerResource'] as const).filter((name) => metric[name]);
  if (present[0]) errors.push(...validateSource(metric, present[0], `${path}.${present[0]}`));
  if (expected && !metric[expected]) errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'));
  if (!expected) errors.push(notSupported(`${path}.type`, metric.type ?? '', types));
  if (present.length !== 1) {
    for (const name of present) if (name !== expected) errors.push(forbiddenField(`${path}.${name}`, 'must populate the given metric source only'));
  }
  return errors;
}

function validateSource(metric: MetricSpec, source: Source, path: string): FieldError[] {
  switch (source) {
    case 'object': {
      const { describedObject, metric: identifier, target = {} as MetricTarget } = metric.object!;
      const errors = [
        ...validateObjectReference(describedObject, `${path}.describedObject`, 'valid'),
        ...validateIdentifier(identifier, `${path}.metric`),
        ...validateTarget(target, `${path}.target`),
      ];
      if (target.value === undefined && target.averageValue === undefined)
        errors.push(required(`${path}.target.averageValue`, 'must set either a target value or averageValue'));
      return errors;
    }
    case 'external': {
      const { metric: identifier, target = {} as MetricTarget } = metric.external!;
      const errors = [...validateIdentifier(identifier, `${path}.metric`), ...validateTarget(target, `${path}.target`)];
      if (target.value === undefined && target.averageValue === undefined)
        errors.push(required(`${path}.target.averageValue`, 'must set either a target value for metric or a per-pod target'));
      if (target.value !== undefined && target.averageValue !== undefined)
        errors.push(forbiddenField(`${path}.target.value`, 'may not set both a target value for metric and a per-pod target'));
      return errors;
    }
    case 'pods': {
      const { metric: identifier, target = {} as MetricTarget } = metric.pods!;
      const errors = [...validateIdentifier(identifier, `${path}.metric`), ...validateTarget(target, `${path}.target`)];
      if (target.averageValue === undefined) errors.push(required(`${path}.target.averageValue`, 'must specify a positive target averageValue'));
      return errors;
    }
    case 'resource':
      return [...validateResourceName(metric.resource!.name, path), ...validateResourceTarget(metric.resource!.target, `${path}.target`)];
    case 'containerResource': {
      const { name, container, target } = metric.containerResource!;
      return [
        ...validateResourceName(name, path),
        ...(name ? validateContainerResource(name, `${path}.name`) : []),
        ...(container ? invalidValues(`${path}.container`, container, label(container)) : [required(`${path}.container`, 'must specify a container')]),
        ...validateResourceTarget(target, `${path}.target`),
      ];
    }
  }
}

const validateResourceName = (name: string | undefined, path: string): FieldError[] => (name ? [] : [required(`${path}.name`, 'must specify a resource name')]);

function validateResourceTarget(target: MetricTarget = {} as MetricTarget, path: string): FieldError[] {
  const errors = validateTarget(target, path);
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined)
    errors.push(required(`${path}.averageUtilization`, 'must set either a target raw value or a target utilization'));
  if (averageUtilization !== undefined && averageValue !== undefined)
    errors.push(forbiddenField(`${path}.averageValue`, 'may not set both a target raw value and a target utilization'));
  return errors;
}

function validateTarget({ type = '', value, averageValue, averageUtilization }: MetricTarget, path: string): FieldError[] {
  const errors = type ? [] : [required(`${path}.type`, 'must specify a metric target type')];
  if (type !== 'Utilization' && type !== 'Value' && type !== 'AverageValue')
    errors.push(invalidValue(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  if (value !== undefined && parseQuantity(value).nanos <= 0n) errors.push(invalidValue(`${path}.value`, value, 'must be positive'));
  if (averageValue !== undefined && parseQuantity(averageValue).nanos <= 0n)
    errors.push(invalidValue(`${path}.averageValue`, averageValue, 'must be positive'));
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(invalidValue(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0'));
  return errors;
}

const validateIdentifier = (identifier: MetricIdentifier | undefined, path: string): FieldError[] =>
  identifier?.name ? invalidValues(`${path}.name`, identifier.name, pathSegment(identifier.name)) : [required(`${path}.name`, 'must specify a metric name')];
