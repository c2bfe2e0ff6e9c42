import type { Mutation } from '../../apis/mutation.ts';
import { EventRecorder } from '../../reconcile/event-recorder.ts';
import type { Service } from '../../schema/generated/kinds.ts';
import { type Controller, type ControllerContext, nothing } from '../controller.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from '../shared/finalizers.ts';
import { statusUpdate, updateTo } from '../shared/mutations.ts';
import { applicationHost, cloudName, networkHost, regionOf } from './host-names.ts';
import { CLOUD_USER } from './load-balancer-users.ts';

export const CLOUD_FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';
export const SERVICE_ANNOTATIONS = 'service.beta.kubernetes.io';
const TYPE = `${SERVICE_ANNOTATIONS}/aws-load-balancer-type`;
const INTERNAL = `${SERVICE_ANNOTATIONS}/aws-load-balancer-internal`;

/** Whether a Service leaves its load balancer to the AWS Load Balancer Controller (cloud-provider-aws, isLBExternal). */
export const isExternal = ({ metadata }: Service): boolean => ['external', 'nlb-ip'].includes(metadata.annotations?.[TYPE] ?? '');

/**
 * Gives a Service of type LoadBalancer its load balancer: a classic one, or a network one where its annotation asks for that (k8s.io/cloud-provider/controllers/service,
 * cloud-provider-aws). A Service that names a class of load balancers is another controller's.
 */
export const cloudLoadBalancers: Controller<Service> = {
  name: 'service-lb-controller',
  actor: CLOUD_USER,
  resource: 'services',
  reconcile(context) {
    const { object: service } = context;
    if (!service?.spec) return nothing;
    const { type, loadBalancerClass } = service.spec;
    const isWanted = type === 'LoadBalancer' && loadBalancerClass === undefined && !service.metadata.deletionTimestamp;
    if (isWanted) return { mutations: ensure(context, service) };
    return {
      mutations: hasFinalizer(service, CLOUD_FINALIZER) && (service.metadata.deletionTimestamp || type !== 'LoadBalancer') ? remove(context, service) : [],
    };
  },
};

const recorderOf = ({ state, now, env }: ControllerContext<Service>) => new EventRecorder({ state, component: 'service-controller', now, env });

function ensure(context: ControllerContext<Service>, service: Service): Mutation[] {
  const { state } = context;
  const recorder = recorderOf(context);
  const isNew = !hasFinalizer(service, CLOUD_FINALIZER);
  const problem = isExternal(service) ? undefined : problemOf(service);
  if (isNew) recorder.normal(service, 'EnsuringLoadBalancer', 'Ensuring load balancer');
  if (isNew && state.count('nodes') === 0) recorder.warning(service, 'UnAvailableLoadBalancer', 'There are no available nodes for LoadBalancer');
  if (isNew && problem) recorder.warning(service, 'SyncLoadBalancerFailed', `Error syncing load balancer: failed to ensure load balancer: ${problem}`);
  const held = withFinalizer(service, CLOUD_FINALIZER);
  const added = isNew ? [updateTo('services', held)] : [];
  if (isExternal(service) || problem) return [...added, ...recorder.mutations()];
  const addressed = statusUpdate('services', held, { ...service.status, loadBalancer: { ingress: [{ hostname: hostOf(service, regionOf(state)) }] } });
  if (addressed.length > 0) recorder.normal(service, 'EnsuredLoadBalancer', 'Ensured load balancer');
  return [...added, ...addressed, ...recorder.mutations()];
}

const isNetwork = ({ metadata }: Service): boolean => metadata.annotations?.[TYPE] === 'nlb';

function hostOf(service: Service, where: string): string {
  const internal = service.metadata.annotations?.[INTERNAL];
  const name = cloudName(service);
  return isNetwork(service)
    ? networkHost(name, where)
    : applicationHost(name, where, { internal: internal !== undefined && internal !== 'false' && internal !== '' });
}

/** What AWS' cloud provider refuses (aws.go, EnsureLoadBalancer). */
function problemOf(service: Service): string | undefined {
  const { sessionAffinity = 'None', ports = [], loadBalancerIP } = service.spec!;
  if (sessionAffinity !== 'None') return `unsupported load balancer affinity: ${sessionAffinity}`;
  if (ports.length === 0) return 'requested load balancer with no ports';
  const other = ports.find(({ protocol = 'TCP' }) => protocol !== 'TCP' && !(isNetwork(service) && protocol === 'UDP'));
  if (other) return `Protocol ${other.protocol} not supported by LoadBalancer`;
  return loadBalancerIP ? 'LoadBalancerIP cannot be specified for AWS ELB' : undefined;
}

function remove(context: ControllerContext<Service>, service: Service): Mutation[] {
  const recorder = recorderOf(context);
  if (!isExternal(service)) recorder.normal(service, 'DeletingLoadBalancer', 'Deleting load balancer');
  recorder.normal(service, 'DeletedLoadBalancer', 'Deleted load balancer');
  // The status first: with its last finalizer, a Service that is being deleted is gone.
  const cleared = statusUpdate('services', service, { ...service.status, loadBalancer: {} });
  return [
    ...cleared,
    updateTo('services', withoutFinalizer({ ...service, status: { ...service.status, loadBalancer: {} } }, CLOUD_FINALIZER)),
    ...recorder.mutations(),
  ];
}
