import { CloudEvent } from 'cloudevents';
import { apisOf } from '../apis/apis.ts';
import type { SubscriptionSpec } from '../apis/logplane/subscription.ts';
import type { Fields } from '../kube/fields.ts';
import { type KubeObject, parseKey } from '../kube/object.ts';
import { diff } from '../log/patch.ts';
import type { Change } from '../state/change.ts';
import type { State } from '../state/state.ts';
import { withoutSecrets } from './without-secrets.ts';

/** What a subscriber is told of a change (CloudEvents 1.0). */
export interface ToldOf {
  readonly change: Change;
  readonly cluster: string;
  readonly state: State;
  readonly data: SubscriptionSpec['data'];
}

/**
 * A change as a CloudEvent, with the types of Knative's ApiServerSource, so that its consumers understand it: `dev.knative.apiserver.resource.add`, and
 * `dev.knative.apiserver.ref.add` where a reference is told. The id is that of the change, whenever and how often it is told. `sequence` (CloudEvents' extension) is its offset
 * and `causationid` that of the change that brought it about. What is secret of a Secret is not told.
 */
export function cloudEventOf({ change, cluster, state, data = 'Object' }: ToldOf): CloudEvent<unknown> {
  const { key, type, object, offset, cause, actor, time } = change;
  const { namespace, name } = parseKey(key);
  return new CloudEvent({
    specversion: '1.0',
    id: `${object.metadata.uid ?? key}.${offset}`,
    source: `/clusters/${cluster}`,
    type: `dev.knative.apiserver.${data === 'Reference' ? 'ref' : 'resource'}.${VERBS[type]}`,
    subject: pathOf(change, state),
    time: new Date(time).toISOString(),
    datacontenttype: data === 'Difference' ? 'application/merge-patch+json' : 'application/json',
    apiversion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace && { namespace }),
    // Of one width, as the extension wants it: sequences are compared as text.
    sequence: String(offset).padStart(16, '0'),
    sequencetype: 'Integer',
    ...(cause !== undefined && { causationid: String(cause) }),
    actor: actor.username,
    data: dataOf(change, data),
  });
}

/** The same with a reference in the place of its data: for a target that takes no more. */
export const referring = (event: CloudEvent<unknown>, { object }: Change): CloudEvent<unknown> =>
  event.cloneWith({ type: event.type.replace('.resource.', '.ref.'), datacontenttype: 'application/json', data: referenceTo(object) }, false);

const VERBS = { ADDED: 'add', MODIFIED: 'update', DELETED: 'delete' } as const;

/** Where the object is: `/apis/apps/v1/namespaces/shop/deployments/web`. */
function pathOf({ key, object }: Change, state: State): string {
  const { resource: stored, namespace, name } = parseKey(key);
  const resource = apisOf(state).resource(stored);
  const version = object.apiVersion;
  const scope = namespace ? `/namespaces/${namespace}` : '';
  return `/${version.includes('/') ? 'apis' : 'api'}/${version}${scope}/${resource?.resource ?? stored.split('.')[0]}/${name}`;
}

function dataOf({ type, previous, object }: Change, data: NonNullable<SubscriptionSpec['data']>): unknown {
  if (data === 'Reference') return referenceTo(object);
  const shown = withoutSecrets(object);
  if (data === 'Object' || type !== 'MODIFIED' || !previous) return shown;
  // A difference that a merge patch cannot say is the whole object, which as a patch means the same.
  return diff(withoutSecrets(previous), shown) ?? shown;
}

function referenceTo({ apiVersion, kind, metadata: { namespace, name, uid, resourceVersion } }: KubeObject): Fields {
  return { apiVersion, kind, name, ...(namespace && { namespace }), uid, resourceVersion };
}
