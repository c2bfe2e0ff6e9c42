import { apisOf } from '../apis/apis.ts';
import { CLUSTER_SUBSCRIPTIONS, type SecretReference, SUBSCRIPTIONS, type Subscription, type TargetSpec } from '../apis/logplane/subscription.ts';
import type { Attributes } from '../auth/authorizer.ts';
import { clusterAuthorizer } from '../auth/cluster-authorizer.ts';
import { same } from '../kube/object.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal } from './plugin.ts';

/**
 * Nobody is told by a subscription what they may not watch themselves, nor uses a Secret that they may not read. It is asked when a spec is written: a subscription goes on with what its last
 * writer was permitted then.
 */
export const subscriptionAccess: AdmissionPlugin = {
  name: 'SubscriptionAccess',
  validate(review) {
    const { resource, operation, subresource, object, old } = review;
    if (resource.groupResource !== SUBSCRIPTIONS && resource.groupResource !== CLUSTER_SUBSCRIPTIONS) return;
    if (!object || subresource !== undefined || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    const { spec } = object as Subscription;
    if (same(spec, (old as Subscription | undefined)?.spec)) return;
    for (const attributes of watched(object as Subscription, review)) require(attributes, review);
    for (const { name, namespace = '' } of [...secretsOf(spec.target), ...secretsOf(spec.deadLetter?.target)])
      require({ verb: 'get', group: '', version: 'v1', resource: 'secrets', namespace: review.namespace ?? namespace, name }, review);
  },
};

type Asked = Omit<Extract<Attributes, { readonly resource: string }>, 'user'>;

/** What its filter lets it be told of: of each resource, in each namespace. */
function* watched({ spec: { filter = {} } }: Subscription, { namespace, state }: AdmissionReview): Generator<Asked> {
  const { resources = [], namespaces = [] } = filter;
  const scopes = namespace === undefined ? (namespaces.length > 0 && !namespaces.includes('*') ? namespaces : [undefined]) : [namespace];
  const all = resources.length === 0 || resources.includes('*');
  for (const name of all ? ['*'] : resources) {
    const served = apisOf(state).resource(name);
    const [resource = name, ...group] = name.split('.');
    const of = name === '*' ? { group: '*', version: '*', resource: '*' } : { group: group.join('.'), version: served?.versions[0]?.version ?? '*', resource };
    for (const scope of scopes) yield { verb: 'watch', ...of, ...(scope !== undefined && { namespace: scope }) };
  }
}

const secretsOf = (target: TargetSpec | undefined): SecretReference[] =>
  [target?.webhook?.headersFrom, target?.webhook?.signWith].filter((one) => one !== undefined);

function require(asked: Asked, review: AdmissionReview): void {
  const { user, state } = review;
  if (clusterAuthorizer.authorize({ user, ...asked }, state).allowed) return;
  const { verb, group, resource, namespace, name } = asked;
  const what = `${resource}${group && group !== '*' ? `.${group}` : ''}${name === undefined ? '' : ` "${name}"`}`;
  throw refusal(
    review,
    `${user.username} is not permitted to ${verb} ${what}${namespace === undefined ? ' in all namespaces' : ` in the namespace "${namespace}"`}`,
  );
}
