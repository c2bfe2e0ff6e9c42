import type { GroupResource } from '../../kube/object.ts';
import type { Ingress } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import type { State } from '../../state/state.ts';
import { compareText } from '../../state/tree.ts';
import { AnnotationError, Annotations } from './annotation-values.ts';

export const INGRESS_ANNOTATIONS = 'alb.ingress.kubernetes.io';
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
/** The controller's own classes, and those of EKS Auto Mode. */
const CONTROLLERS = ['ingress.k8s.aws/alb', 'eks.amazonaws.com/alb'];

export const ofIngress = ({ metadata }: Ingress): Annotations => new Annotations(INGRESS_ANNOTATIONS, metadata.annotations);

/** Whether the AWS Load Balancer Controller serves an Ingress: by its annotation, or by its class (group_loader.go, classifyIngress). */
export function isForController({ metadata, spec }: Ingress, state: State): boolean {
  const annotation = metadata.annotations?.[CLASS_ANNOTATION];
  if (annotation !== undefined) return annotation === 'alb';
  const found = spec?.ingressClassName ? state.get('ingressclasses.networking.k8s.io', undefined, spec.ingressClassName) : undefined;
  return CONTROLLERS.includes(found?.spec?.controller ?? '');
}

/** What the parameters of a class say for all its Ingresses, before their annotations (IngressClassParams, of the controller or of EKS Auto Mode). */
export interface ClassParameters {
  readonly scheme?: string;
  readonly ipAddressType?: string;
  readonly loadBalancerName?: string;
  readonly certificateArn?: readonly string[];
  readonly certificateARNs?: readonly string[];
}

export function classParametersOf({ metadata, spec }: Ingress, state: State): ClassParameters {
  if (metadata.annotations?.[CLASS_ANNOTATION] !== undefined || !spec?.ingressClassName) return {};
  const { apiGroup, kind, name } = state.get('ingressclasses.networking.k8s.io', undefined, spec.ingressClassName)?.spec?.parameters ?? {};
  if (kind !== 'IngressClassParams' || !apiGroup || !name) return {};
  const resource: GroupResource = `ingressclassparams.${apiGroup}`;
  return (state.get(resource, undefined, name) as { spec?: ClassParameters } | undefined)?.spec ?? {};
}

/** The group that an Ingress says to be of; one that says none has a load balancer of its own. */
export const groupNameOf = (ingress: Ingress): string | undefined => ofIngress(ingress).text('group.name');

/** What is wrong with the name of a group. */
export function groupNameProblem(name: string): string | undefined {
  if (!/^([a-z0-9][-a-z0-9.]*)?[a-z0-9]$/.test(name)) {
    return "groupName must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  }
  return name.length > 63 ? 'groupName must be no more than 63 characters' : undefined;
}

/** All that share a load balancer with an Ingress, in the order of their rules. Throws AnnotationError. */
export function membersOf(ingress: Ingress, state: State): Ingress[] {
  const group = groupNameOf(ingress);
  if (group === undefined) return [ingress];
  const members = state.by(ingressesByGroup, group).filter((other) => !other.metadata.deletionTimestamp && isForController(other, state));
  return members
    .map((member) => ({ member, order: orderOf(member) }))
    .sort((a, b) => a.order - b.order || compareText(nameOf(a.member), nameOf(b.member)))
    .map(({ member }) => member);
}

export const ingressesByGroup = index(['ingresses.networking.k8s.io'], (_key, ingress) => {
  const group = groupNameOf(ingress);
  return group === undefined ? [] : [group];
});

export const nameOf = ({ metadata }: Ingress): string => `${metadata.namespace}/${metadata.name}`;

function orderOf(ingress: Ingress): number {
  let order: number;
  try {
    order = ofIngress(ingress).number('group.order') ?? 0;
  } catch (error) {
    if (!(error instanceof AnnotationError)) throw error;
    throw new AnnotationError(`failed to load Ingress group order for ingress: ${nameOf(ingress)}: ${error.message}`);
  }
  if (order < -1000 || order > 1000) {
    throw new AnnotationError(`explicit Ingress group order must be within [-1000:1000], Ingress: ${nameOf(ingress)}, order: ${order}`);
  }
  return order;
}
