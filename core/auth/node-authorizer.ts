import type { FieldRequirement } from '../apis/field-selectors.ts';
import type { State } from '../state/state.ts';
import type { Attributes, Authorization, Authorizer, Rules } from './authorizer.ts';
import { leadsTo, type Related } from './node-graph.ts';
import { nodeNameOf } from './node-identity.ts';

/**
 * Lets a node do what a kubelet has to, and read what its own pods need (Kubernetes documentation, "Using Node Authorization"; plugin/pkg/auth/authorizer/node). It says nothing of any other
 * user, and what it does not allow another authorizer still may. What a node writes of what it is allowed to write, the admission plugin NodeRestriction says.
 */
export const nodeAuthorizer: Authorizer = {
  authorize(attributes, state) {
    const node = nodeNameOf(attributes.user);
    if (node === undefined) return NO_OPINION;
    if (node === '') return no(`unknown node for user ${JSON.stringify(attributes.user.username)}`);
    if (attributes.path !== undefined) return NO_OPINION;
    const { group, resource } = attributes;
    return ruleOf(group === '' ? resource : `${resource}.${group}`)({ ...attributes, node, state });
  },
  /** What a node may do depends on its pods, and cannot be listed. */
  rulesFor: (user) => (nodeNameOf(user) === undefined ? NOTHING : { ...NOTHING, incomplete: true }),
};

const NO_OPINION: Authorization = { allowed: false };
const ALLOWED: Authorization = { allowed: true };
const no = (reason: string): Authorization => ({ allowed: false, reason });
const NOTHING: Rules = { resourceRules: [], nonResourceRules: [], incomplete: false, errors: [] };

type ResourceAttributes = Extract<Attributes, { readonly resource: string }>;

interface NodeRequest extends ResourceAttributes {
  readonly node: string;
  readonly state: State;
}

type Rule = (request: NodeRequest) => Authorization;

const ruleOf = (resource: string): Rule => (Object.hasOwn(rules, resource) ? rules[resource]! : uniformly(resource));

/** What of a resource depends on the node, by resource. */
const rules: Readonly<Record<string, Rule>> = {
  secrets: (request) => read('secrets', request),
  configmaps: (request) => read('configmaps', request),
  persistentvolumeclaims: (request) =>
    request.subresource === 'status' ? updateStatus('persistentvolumeclaims', request) : getOnly('persistentvolumeclaims', request),
  persistentvolumes: (request) => getOnly('persistentvolumes', request),
  'resourceclaims.resource.k8s.io': (request) => getOnly('resourceclaims.resource.k8s.io', request),
  'volumeattachments.storage.k8s.io': (request) => getOnly('volumeattachments.storage.k8s.io', request),
  serviceaccounts: (request) => (request.verb === 'get' && !request.subresource ? read('serviceaccounts', request) : createToken(request)),
  'leases.coordination.k8s.io': lease,
  'csinodes.storage.k8s.io': csiNode,
  'resourceslices.resource.k8s.io': resourceSlice,
  nodes: ownNode,
  pods: podOf,
  // Of a feature that Kubernetes 1.36 does not turn on by itself.
  'podcertificaterequests.certificates.k8s.io': () => NO_OPINION,
};

/** What every node may do alike, by resource (rbac/bootstrappolicy, NodeRules). */
const uniform: Readonly<Record<string, readonly string[]>> = {
  'tokenreviews.authentication.k8s.io': ['create'],
  'subjectaccessreviews.authorization.k8s.io': ['create'],
  'localsubjectaccessreviews.authorization.k8s.io': ['create'],
  services: ['get', 'list', 'watch'],
  events: ['create', 'update', 'patch'],
  'events.events.k8s.io': ['create', 'update', 'patch'],
  endpoints: ['get'],
  'certificatesigningrequests.certificates.k8s.io': ['create', 'get', 'list', 'watch'],
  'csidrivers.storage.k8s.io': ['get', 'watch', 'list'],
  'runtimeclasses.node.k8s.io': ['get', 'list', 'watch'],
};

const uniformly =
  (resource: string): Rule =>
  ({ verb, subresource }) =>
    !subresource && Object.hasOwn(uniform, resource) && uniform[resource]!.includes(verb) ? ALLOWED : NO_OPINION;

function related(resource: Related, { node, namespace = '', name, state }: NodeRequest): Authorization {
  if (!name) return no('No Object name found');
  return leadsTo(node, resource, namespace, name, state) ? ALLOWED : noRelationship(node);
}

const noRelationship = (node: string) => no(`no relationship found between node '${node}' and this object`);

function read(resource: Related, request: NodeRequest): Authorization {
  if (!['get', 'list', 'watch'].includes(request.verb)) return no('can only read resources of this type');
  if (request.subresource) return no('cannot read subresource');
  if (!request.namespace) return no('can only read namespaced object of this type');
  return related(resource, request);
}

function getOnly(resource: Related, request: NodeRequest): Authorization {
  if (request.verb !== 'get') return no('can only get individual resources of this type');
  if (request.subresource) return no('cannot get subresource');
  return related(resource, request);
}

function updateStatus(resource: Related, request: NodeRequest): Authorization {
  if (request.verb !== 'update' && request.verb !== 'patch') return no('can only get/update/patch this type');
  return related(resource, request);
}

function createToken(request: NodeRequest): Authorization {
  if (request.verb !== 'create' || !request.name) return no('can only create tokens for individual service accounts');
  if (request.subresource !== 'token') return no('can only create token subresource of serviceaccount');
  return related('serviceaccounts', request);
}

const OWN = ['get', 'create', 'update', 'patch', 'delete'];

function lease({ verb, namespace, name, node }: NodeRequest): Authorization {
  if (!OWN.includes(verb)) return no('can only get, create, update, patch, or delete a node lease');
  if (namespace !== 'kube-node-lease') return no('can only access leases in the "kube-node-lease" system namespace');
  // A new object has no name yet that an authorizer knows: NodeRestriction looks at it.
  if (verb !== 'create' && name !== node) return no('can only access node lease with the same name as the requesting node');
  return ALLOWED;
}

function csiNode({ verb, subresource, name, node }: NodeRequest): Authorization {
  if (!OWN.includes(verb)) return no('can only get, create, update, patch, or delete a CSINode');
  if (subresource) return no('cannot authorize CSINode subresources');
  if (verb !== 'create' && name !== node) return no('can only access CSINode with the same name as the requesting node');
  return ALLOWED;
}

function resourceSlice(request: NodeRequest): Authorization {
  if (request.subresource) return no('cannot authorize ResourceSlice subresources');
  switch (request.verb) {
    case 'create':
      return ALLOWED;
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return related('resourceslices.resource.k8s.io', request);
    case 'watch':
    case 'list':
    case 'deletecollection':
      return selectsOwn(request) ? ALLOWED : no('can only list/watch/deletecollection resourceslices with nodeName field selector');
    default:
      return no('only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection');
  }
}

function ownNode({ verb, subresource, name, node }: NodeRequest): Authorization {
  if (subresource) return subresource === 'status' && (verb === 'update' || verb === 'patch') ? ALLOWED : NO_OPINION;
  switch (verb) {
    case 'create':
    case 'update':
    case 'patch':
      return ALLOWED;
    case 'get':
    case 'list':
    case 'watch':
      // By the name alone: a kubelet looks for its Node before there is one.
      if (name === node) return ALLOWED;
      return no(name ? `node '${node}' cannot read '${name}', only its own Node object` : `node '${node}' cannot read all nodes, only its own Node object`);
    default:
      return NO_OPINION;
  }
}

function podOf(request: NodeRequest): Authorization {
  const { verb, subresource, name } = request;
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? ALLOWED : NO_OPINION;
  if (subresource === 'eviction') return verb === 'create' ? ALLOWED : NO_OPINION;
  if (subresource) return NO_OPINION;
  switch (verb) {
    case 'get':
      return getOnly('pods', request);
    case 'list':
    case 'watch':
      if (selectsOwn(request)) return ALLOWED;
      return name ? related('pods', request) : no('can only list/watch pods with spec.nodeName field selector');
    // Mirror pods, to which NodeRestriction holds the node.
    case 'create':
    case 'delete':
      return ALLOWED;
    default:
      return NO_OPINION;
  }
}

/** Whether the request is for what names the node alone. */
const selectsOwn = ({ fields = [], node }: NodeRequest): boolean => fields.some((requirement) => isOwn(requirement, node));

const isOwn = ({ field, operator, value }: FieldRequirement, node: string): boolean => field === 'spec.nodeName' && operator === '=' && value === node;
