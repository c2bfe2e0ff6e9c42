import type { Mutation } from '../../apis/mutation.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Service } from '../../schema/generated/kinds.ts';
import { type Controller, type ControllerContext, nothing } from '../controller.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from '../shared/finalizers.ts';
import { statusUpdate, updateTo } from '../shared/mutations.ts';
import { AnnotationError, Annotations } from './annotation-values.ts';
import { isExternal, SERVICE_ANNOTATIONS } from './cloud-load-balancers.ts';
import { controllerName, nameProblem, networkHost, regionOf } from './host-names.ts';
import { LBC_USER } from './load-balancer-users.ts';
import { bindings, type TargetGroup } from './target-group-bindings.ts';

const FINALIZER = 'service.k8s.aws/resources';
/** The controller's own class, and that of EKS Auto Mode. */
const CLASSES = ['service.k8s.aws/nlb', 'eks.amazonaws.com/nlb'];

/** Gives a Service a network load balancer, as the AWS Load Balancer Controller does where class or annotation ask for it (controllers/service). */
export const controllerServices: Controller<Service> = {
  name: 'aws-load-balancer-services',
  actor: LBC_USER,
  resource: 'services',
  reconcile(context) {
    const { object: service } = context;
    if (!service?.spec) return nothing;
    const { type, loadBalancerClass } = service.spec;
    const isMine = loadBalancerClass === undefined ? isExternal(service) : CLASSES.includes(loadBalancerClass);
    const isWanted = type === 'LoadBalancer' && isMine && !service.metadata.deletionTimestamp;
    if (isWanted) return { mutations: ensure(context, service) };
    return { mutations: hasFinalizer(service, FINALIZER) ? remove(context, service) : [] };
  },
};

function ensure(context: ControllerContext<Service>, service: Service): Mutation[] {
  const { state, now, env } = context;
  const recorder = new EventRecorder({ state, component: 'service', now, env });
  const where = regionOf(state);
  let model: Model;
  try {
    model = modelOf(service);
  } catch (error) {
    if (!(error instanceof AnnotationError)) throw error;
    recorder.warning(service, 'FailedBuildModel', `Failed build model due to ${error.message}`);
    return recorder.mutations();
  }
  const problem = nameProblem(model.name);
  if (problem) {
    recorder.warning(service, 'FailedDeployModel', `Failed deploy model due to ${problem}`);
    return recorder.mutations();
  }
  const held = withFinalizer(service, FINALIZER);
  const mutations = [
    ...(held === service ? [] : [updateTo('services', held)]),
    ...bindings(model.groups, { labels: labelsOf(service), where, state }),
    ...statusUpdate('services', held, { ...service.status, loadBalancer: { ingress: [{ hostname: networkHost(model.name, where) }] } }),
  ];
  if (mutations.length > 0) recorder.normal(service, 'SuccessfullyReconciled', 'Successfully reconciled');
  return [...mutations, ...recorder.mutations()];
}

const labelsOf = ({ metadata }: Service) => ({ 'service.k8s.aws/stack-name': metadata.name, 'service.k8s.aws/stack-namespace': metadata.namespace! });

interface Model {
  readonly name: string;
  readonly groups: readonly TargetGroup[];
}

/** pkg/service/model_build_load_balancer.go, model_build_target_group.go */
function modelOf(service: Service): Model {
  const { name, namespace = '', uid = '' } = service.metadata;
  const annotations = new Annotations(SERVICE_ANNOTATIONS, service.metadata.annotations);
  const own = (suffix: string) => `aws-load-balancer-${suffix}`;
  const internal = annotations.bool(own('internal'));
  const scheme =
    annotations.oneOf(own('scheme'), ['internal', 'internet-facing'], (text) => `unknown scheme: ${text}`) ??
    (internal === false ? 'internet-facing' : 'internal');
  annotations.oneOf(own('ip-address-type'), ['ipv4', 'dualstack'], (text) => `unknown IPAddressType: ${text}`);
  for (const suffix of ['access-log-enabled', 'cross-zone-load-balancing-enabled', 'manage-backend-security-group-rules']) annotations.bool(own(suffix));
  for (const suffix of ['healthcheck-healthy-threshold', 'healthcheck-unhealthy-threshold', 'healthcheck-timeout', 'healthcheck-interval'])
    annotations.number(own(suffix));
  for (const suffix of ['additional-resource-tags', 'target-group-attributes', 'attributes', 'target-node-labels']) annotations.map(own(suffix));
  const explicit = annotations.text(own('name'));
  if (explicit !== undefined && explicit.length > 32) throw new AnnotationError('load balancer name cannot be longer than 32 characters');
  const type = annotations.text(own('type'));
  const targetType =
    type === 'nlb-ip'
      ? 'ip'
      : (annotations.oneOf(own('nlb-target-type'), ['instance', 'ip'], (text) => `unsupported target type "${text}" for load balancer type "${type ?? ''}"`) ??
        'instance');
  const groups = (service.spec!.ports ?? []).map(({ port, nodePort }): TargetGroup => {
    if (targetType === 'instance' && !nodePort) {
      throw new AnnotationError("TargetGroup port is empty. When using Instance targets, your service must be of type 'NodePort' or 'LoadBalancer'");
    }
    return { namespace, name: controllerName(namespace, name, uid, String(port), targetType), service: name, port, targetType };
  });
  return { name: explicit ?? controllerName(namespace, name, uid, scheme), groups };
}

function remove({ state, now, env }: ControllerContext<Service>, service: Service): Mutation[] {
  const recorder = new EventRecorder({ state, component: 'service', now, env });
  recorder.normal(service, 'SuccessfullyReconciled', 'Successfully reconciled');
  const status = { ...service.status, loadBalancer: {} };
  return [
    ...bindings([], { labels: labelsOf(service), where: regionOf(state), state }),
    ...statusUpdate('services', service, status),
    updateTo('services', withoutFinalizer({ ...service, status }, FINALIZER)),
    ...recorder.mutations(),
  ];
}
