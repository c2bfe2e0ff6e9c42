import { isQuantity, parseQuantity } from '../../kube/quantity.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, nonNegative, notSupported, required } from '../../kube/validation/field.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, HPAScalingPolicy, HPAScalingRules } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { emptyStatus } from '../status-subresource.ts';
import type { Strategy } from '../strategy.ts';
import { validateApiVersion, validateMetrics, validateObjectReference } from './metrics.ts';
import { metricsText } from './metrics-text.ts';

/**
 * autoscaling HorizontalPodAutoscaler, kept as v2 (pkg/apis/autoscaling/v2/defaults.go, pkg/apis/autoscaling/validation); v1 shows it by
 * `conversion.ts`.
 */
export const strategy: Strategy<HorizontalPodAutoscaler> = {
  defaults(autoscaler) {
    const { spec } = autoscaler;
    if (!spec) return;
    spec.minReplicas ??= 1;
    if (!spec.metrics?.length) spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }];
    if (spec.behavior) {
      spec.behavior.scaleUp = { ...scaleUpDefaults(), ...spec.behavior.scaleUp };
      spec.behavior.scaleDown = { ...scaleDownDefaults(), ...spec.behavior.scaleDown };
    }
  },
  prepareForCreate: emptyStatus({ desiredReplicas: 0 }),
  validate: ({ spec = {} as HorizontalPodAutoscalerSpec }, previous) => {
    const { minReplicas, maxReplicas = 0, scaleTargetRef, metrics = [] } = spec;
    const before = previous?.spec;
    // What scaled to zero while that was allowed may go on.
    const least = before?.minReplicas === 0 ? 0 : 1;
    const kept = before?.scaleTargetRef.apiVersion === scaleTargetRef?.apiVersion && before?.scaleTargetRef.kind === scaleTargetRef?.kind;
    return [
      ...(minReplicas !== undefined && minReplicas < least ? [invalidValue('spec.minReplicas', minReplicas, `must be greater than or equal to ${least}`)] : []),
      ...(maxReplicas === 0 ? [required('spec.maxReplicas', 'must be set and greater than 0')] : []),
      ...(maxReplicas < 0 ? [invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to 1')] : []),
      ...(minReplicas !== undefined && maxReplicas < minReplicas
        ? [invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`')]
        : []),
      ...validateObjectReference(scaleTargetRef, 'spec.scaleTargetRef'),
      ...(previous && kept ? [] : validateApiVersion(scaleTargetRef, 'spec.scaleTargetRef', { core: scaleTargetRef?.kind === 'ReplicationController' })),
      ...validateMetrics(metrics, 'spec.metrics', before?.metrics),
      ...(minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')
        ? [forbiddenField('spec.metrics', 'must specify at least one Object or External metric to support scaling to zero replicas')]
        : []),
      ...validateRules(spec.behavior?.scaleUp, 'spec.behavior.scaleUp'),
      ...validateRules(spec.behavior?.scaleDown, 'spec.behavior.scaleDown'),
    ];
  },
  validateStatusUpdate: ({ status }) => [
    ...nonNegative('status.currentReplicas', status?.currentReplicas),
    ...nonNegative('status.desiredReplicas', status?.desiredReplicas),
  ],
  table: {
    columns: [
      nameColumn,
      column(
        'Reference',
        'string',
        'scaleTargetRef points to the target resource to scale, and is used to the pods for which metrics should be collected, as well as to actually change the replica count.',
      ),
      column(
        'Targets',
        'string',
        'metrics contains the specifications for which to use to calculate the desired replica count (the maximum replica count across all metrics will be used).  The desired replica count is calculated multiplying the ratio between the target value and the current value by the current number of pods.  Ergo, metrics used must decrease as the pod count is increased, and vice-versa.  See the individual metric source types for more information about how each type of metric must respond. If not set, the default metric will be set to 80% average CPU utilization.',
      ),
      column(
        'MinPods',
        'string',
        'minReplicas is the lower limit for the number of replicas to which the autoscaler can scale down.  It defaults to 1 pod.  minReplicas is allowed to be 0 if the alpha feature gate HPAScaleToZero is enabled and at least one Object or External metric is configured.  Scaling is active as long as at least one metric value is available.',
      ),
      column(
        'MaxPods',
        'string',
        'maxReplicas is the upper limit for the number of replicas to which the autoscaler can scale up. It cannot be less that minReplicas.',
      ),
      column('Replicas', 'string', 'currentReplicas is current number of replicas of pods managed by this autoscaler, as last seen by the autoscaler.'),
      ageColumn,
    ],
    cells: (autoscaler, now) => {
      const { spec, status } = autoscaler;
      return [
        autoscaler.metadata.name,
        `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
        metricsText(spec.metrics ?? [], status?.currentMetrics ?? []),
        String(spec.minReplicas ?? '<unset>'),
        spec.maxReplicas,
        status?.currentReplicas ?? 0,
        ageOf(autoscaler, now),
      ];
    },
  },
};

const scaleUpDefaults = (): HPAScalingRules => ({
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
});

const scaleDownDefaults = (): HPAScalingRules => ({ selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] });

const MAX_WINDOW_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;
const SELECT_POLICIES = ['Disabled', 'Max', 'Min'];
const POLICY_TYPES = ['Percent', 'Pods'];

function validateRules(rules: HPAScalingRules | undefined, path: string): FieldError[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const errors: FieldError[] = [];
  if (window !== undefined && window < 0) errors.push(invalidValue(`${path}.stabilizationWindowSeconds`, window, 'must be greater than or equal to zero'));
  if (window !== undefined && window > MAX_WINDOW_SECONDS)
    errors.push(invalidValue(`${path}.stabilizationWindowSeconds`, window, `must be less than or equal to ${MAX_WINDOW_SECONDS}`));
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy)) errors.push(notSupported(`${path}.selectPolicy`, selectPolicy, SELECT_POLICIES));
  if (!policies.length) errors.push(required(`${path}.policies`, 'must specify at least one Policy'));
  errors.push(...policies.flatMap((policy, i) => validatePolicy(policy, `${path}.policies[${i}]`)));
  if (tolerance !== undefined && isQuantity(tolerance) && parseQuantity(tolerance).nanos < 0n)
    errors.push(invalidValue(`${path}.tolerance`, tolerance, 'must be greater than or equal to 0'));
  return errors;
}

const validatePolicy = ({ type = '', value = 0, periodSeconds = 0 }: HPAScalingPolicy, path: string): FieldError[] => [
  ...(type === 'Pods' || type === 'Percent' ? [] : [notSupported(`${path}.type`, type, POLICY_TYPES)]),
  ...(value > 0 ? [] : [invalidValue(`${path}.value`, value, 'must be greater than zero')]),
  ...(periodSeconds > 0 ? [] : [invalidValue(`${path}.periodSeconds`, periodSeconds, 'must be greater than zero')]),
  ...(periodSeconds > MAX_PERIOD_SECONDS ? [invalidValue(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`)] : []),
];
