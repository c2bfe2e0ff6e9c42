import { compileFilter } from '../../cel/subscription-environment.ts';
import type { Fields } from '../../kube/fields.ts';
import type { LabelSelector } from '../../kube/label-selector.ts';
import { type KubeObject, same } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, required } from '../../kube/validation/field.ts';
import type { Offset } from '../../log/event.ts';
import type { JSONSchemaProps } from '../../schema/generated/kinds.ts';
import type { State } from '../../state/state.ts';
import type { StrategyContext } from '../strategy.ts';
import { bookmarked } from './moment.ts';
import { type OwnResource, ownResource } from './own-resource.ts';
import { afterEnd, readWhen } from './when.ts';

/** Who is told of changes as they happen, and of which: in order for each object, each at least once, after a crash and an absence too (core/subscriptions/). */
export interface Subscription extends KubeObject {
  readonly spec: SubscriptionSpec;
  status?: SubscriptionStatus;
}

export interface SubscriptionSpec {
  readonly filter?: ChangeFilter;
  /** An offset, a time (RFC 3339), the name of a Bookmark, or `now`: changes behind it are told of. */
  readonly from?: number | string;
  readonly target: TargetSpec;
  readonly data?: 'Object' | 'Reference' | 'Difference';
  /** Where goes what its target has not taken in so many attempts. */
  readonly deadLetter?: { readonly target: TargetSpec; readonly attempts?: number };
  readonly suspended?: boolean;
}

export interface ChangeFilter {
  /** `deployments.apps`, `pods`, `*`. */
  readonly resources?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly names?: readonly string[];
  readonly selector?: LabelSelector;
  readonly types?: readonly ('ADDED' | 'MODIFIED' | 'DELETED')[];
  /** CEL, over `object`, `previous`, `type`, `actor` and `changed`. */
  readonly expression?: string;
}

/** One of them. */
export interface TargetSpec {
  readonly webhook?: WebhookTarget;
  readonly sqs?: { readonly queueUrl: string };
  readonly sns?: { readonly topicArn: string };
  readonly eventBridge?: { readonly eventBusName: string };
  readonly lambda?: { readonly functionName: string };
}

export interface WebhookTarget {
  readonly url: string;
  /** How the event is put into the request (CloudEvents, "HTTP Protocol Binding"). */
  readonly mode?: 'Binary' | 'Structured';
  readonly timeoutSeconds?: number;
  /** PEM, in base64. */
  readonly caBundle?: string;
  /** Each key of the Secret is a header. */
  readonly headersFrom?: SecretReference;
  /** Its `key` signs what is sent (Standard Webhooks). */
  readonly signWith?: SecretReference & { readonly key: string };
}

export interface SecretReference {
  readonly name: string;
  /** Of a ClusterSubscription alone. */
  readonly namespace?: string;
}

export interface SubscriptionStatus {
  readonly observedGeneration?: number;
  /** The cluster whose changes it tells of: a fork of that does not. */
  readonly cluster?: string;
  /** All up to here was taken by the target, or did not concern it. */
  readonly offset?: Offset;
  /** How many changes of the cluster have come since. */
  readonly lag?: number;
  readonly deliveries?: number;
  readonly deadLetters?: number;
  readonly lastDeliveryTime?: string;
  readonly lastError?: string;
  /** How often the change behind `offset` was tried in vain. */
  readonly attempts?: number;
  readonly conditions?: readonly Fields[];
}

export const SUBSCRIPTIONS = 'subscriptions.logplane.dev';
export const CLUSTER_SUBSCRIPTIONS = 'clustersubscriptions.logplane.dev';
/** Both: a subscription means the same in each. */
export const ALL_SUBSCRIPTIONS = [SUBSCRIPTIONS, CLUSTER_SUBSCRIPTIONS] as const;

const NOW = 'now';

const names: JSONSchemaProps = { type: 'array', maxItems: 100, items: { type: 'string', maxLength: 253 } };

const secret = (more: Record<string, JSONSchemaProps>, description: string): JSONSchemaProps => ({
  type: 'object',
  required: ['name', ...Object.keys(more)],
  description,
  properties: { name: { type: 'string', minLength: 1 }, namespace: { type: 'string', description: 'Of a ClusterSubscription.' }, ...more },
});

const target = (description: string): JSONSchemaProps => ({
  type: 'object',
  description,
  properties: {
    webhook: {
      type: 'object',
      required: ['url'],
      description: 'A POST over HTTP.',
      properties: {
        url: { type: 'string', maxLength: 2048, description: 'Where to: https, or http on the local host.' },
        mode: { type: 'string', enum: ['Binary', 'Structured'], default: 'Binary', description: 'How the CloudEvent is put into the request.' },
        timeoutSeconds: { type: 'integer', minimum: 1, maximum: 30, default: 10 },
        caBundle: { type: 'string', format: 'byte', description: 'PEM of the authorities that are trusted; those of the system, when it is empty.' },
        headersFrom: secret({}, 'A Secret of which each key is a header.'),
        signWith: secret({ key: { type: 'string', minLength: 1 } }, 'The key of a Secret that signs each request, as Standard Webhooks describe it.'),
      },
    },
    sqs: {
      type: 'object',
      required: ['queueUrl'],
      description: 'A queue of Amazon SQS. The group of a message in a FIFO queue is its object.',
      properties: { queueUrl: { type: 'string', maxLength: 2048 } },
    },
    sns: { type: 'object', required: ['topicArn'], description: 'A topic of Amazon SNS.', properties: { topicArn: { type: 'string', maxLength: 2048 } } },
    eventBridge: {
      type: 'object',
      required: ['eventBusName'],
      description: 'An event bus of Amazon EventBridge, by its name or ARN.',
      properties: { eventBusName: { type: 'string', maxLength: 1600 } },
    },
    lambda: {
      type: 'object',
      required: ['functionName'],
      description: 'A function of AWS Lambda, by its name or ARN, invoked as an event.',
      properties: { functionName: { type: 'string', maxLength: 256 } },
    },
  },
});

const properties: Record<string, JSONSchemaProps> = {
  spec: {
    type: 'object',
    required: ['target'],
    properties: {
      filter: {
        type: 'object',
        description: 'Which changes are told of; all of them, when nothing is said.',
        properties: {
          resources: { ...names, description: 'Resources, such as deployments.apps or pods.' },
          namespaces: { ...names, description: 'Namespaces; of a ClusterSubscription.' },
          names: { ...names, description: 'Names of objects.' },
          selector: {
            type: 'object',
            description: 'Labels that an object has, before or after the change.',
            properties: {
              matchLabels: { type: 'object', additionalProperties: { type: 'string' } },
              matchExpressions: {
                type: 'array',
                items: {
                  type: 'object',
                  required: ['key', 'operator'],
                  properties: {
                    key: { type: 'string' },
                    operator: { type: 'string', enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'] },
                    values: { type: 'array', items: { type: 'string' } },
                  },
                },
              },
            },
          },
          types: { type: 'array', items: { type: 'string', enum: ['ADDED', 'MODIFIED', 'DELETED'] } },
          expression: {
            type: 'string',
            maxLength: 4096,
            description:
              'A CEL expression over object, previous (null of one that was added), type, actor and changed (the paths that changed). It is true of what is told.',
          },
        },
      },
      from: {
        'x-kubernetes-int-or-string': true,
        default: NOW,
        description: 'What is told of first is behind this: an offset, a time, the name of a Bookmark, or now.',
      },
      target: target('Who is told: exactly one.'),
      data: {
        type: 'string',
        enum: ['Object', 'Reference', 'Difference'],
        default: 'Object',
        description: 'What an event holds: the object, a reference to it, or the merge patch that made it of the one before.',
      },
      deadLetter: {
        type: 'object',
        required: ['target'],
        description: 'Where a change goes that the target has refused too often. Without it, it is tried for ever, and holds up what comes behind it.',
        properties: { target: target('Where to: exactly one.'), attempts: { type: 'integer', minimum: 1, maximum: 100, default: 10 } },
      },
      suspended: { type: 'boolean', description: 'Nothing is told until it is false again; nothing is lost meanwhile.' },
    },
  },
  status: {
    type: 'object',
    properties: {
      observedGeneration: { type: 'integer', format: 'int64' },
      cluster: { type: 'string', description: 'The cluster whose changes are told of. A fork of it tells nothing until the spec is changed there.' },
      offset: { type: 'integer', format: 'int64', description: 'Everything up to here was taken by the target, or did not concern it.' },
      lag: { type: 'integer', format: 'int64', description: 'How many changes of the cluster came behind that, when it was looked at last.' },
      deliveries: { type: 'integer', format: 'int64' },
      deadLetters: { type: 'integer', format: 'int64' },
      lastDeliveryTime: { type: 'string', format: 'date-time' },
      lastError: { type: 'string' },
      attempts: { type: 'integer', description: 'How often the change behind the offset was tried in vain.' },
      conditions: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'], items: condition() },
    },
  },
};

function condition(): JSONSchemaProps {
  const text: JSONSchemaProps = { type: 'string' };
  const time: JSONSchemaProps = { type: 'string', format: 'date-time' };
  return {
    type: 'object',
    required: ['type', 'status'],
    properties: { type: text, status: text, reason: text, message: text, lastTransitionTime: time, observedGeneration: { type: 'integer', format: 'int64' } },
  };
}

const kind = ({ namespaced, ...names }: Pick<OwnResource<Subscription>, 'plural' | 'singular' | 'kind' | 'namespaced' | 'shortNames' | 'description'>) =>
  ownResource<Subscription>({
    ...names,
    namespaced,
    properties,
    required: ['spec'],
    hasStatus: true,
    columns: [
      { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
      { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
      { name: 'Offset', type: 'integer', jsonPath: '.status.offset' },
      { name: 'Deliveries', type: 'integer', jsonPath: '.status.deliveries' },
      { name: 'Lag', type: 'integer', jsonPath: '.status.lag' },
      { name: 'Error', type: 'string', priority: 1, jsonPath: '.status.lastError' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ],
    strategy: {
      prepareForCreate(object, { state }) {
        // What is told of begins when it was asked for, and not when a worker comes to it. A time is looked up by the worker.
        const { from = NOW } = object.spec;
        // Its own creation comes next.
        const offset = from === NOW ? state.offset + 1 : offsetFrom(from, state);
        if (offset !== undefined) object.status = { offset };
      },
      validate: (object, previous) => specErrors(object.spec, { namespaced, previous: previous?.spec }),
      validateCreate: ({ spec: { from } }, context) => fromErrors(from, context),
      validateUpdate: ({ spec }, previous) =>
        same(spec.from, previous.spec.from) ? [] : [forbiddenField('spec.from', 'what has been told is not told again: create another subscription')],
    },
  });

export const subscriptions = kind({
  plural: 'subscriptions',
  singular: 'subscription',
  kind: 'Subscription',
  namespaced: true,
  description: 'Subscription tells a target of the changes of a namespace, as CloudEvents: in order for each object, each at least once.',
});

export const clusterSubscriptions = kind({
  plural: 'clustersubscriptions',
  singular: 'clustersubscription',
  kind: 'ClusterSubscription',
  namespaced: false,
  description: 'ClusterSubscription tells a target of the changes of a cluster, as CloudEvents: in order for each object, each at least once.',
});

function specErrors(spec: SubscriptionSpec, { namespaced, previous }: { namespaced: boolean; previous: SubscriptionSpec | undefined }): FieldError[] {
  const { filter = {}, deadLetter } = spec;
  const errors = [
    ...targetErrors('spec.target', spec.target, namespaced),
    ...(deadLetter ? targetErrors('spec.deadLetter.target', deadLetter.target, namespaced) : []),
  ];
  if (namespaced && filter.namespaces)
    errors.push(forbiddenField('spec.filter.namespaces', 'a Subscription is of its own namespace; a ClusterSubscription is of all'));
  const { expression } = filter;
  if (expression !== undefined && expression !== previous?.filter?.expression) {
    const compiled = compileFilter(expression);
    if ('message' in compiled) errors.push(invalidValue('spec.filter.expression', expression, compiled.message));
  }
  return errors;
}

function targetErrors(at: string, target: TargetSpec, namespaced: boolean): FieldError[] {
  const given = Object.keys(target);
  if (given.length === 0) return [required(at, 'one of webhook, sqs, sns, eventBridge and lambda')];
  if (given.length > 1) return [forbiddenField(at, `may not have more than one of them: ${given.join(', ')}`)];
  return target.webhook ? webhookErrors(`${at}.webhook`, target.webhook, namespaced) : [];
}

function webhookErrors(at: string, { url, headersFrom, signWith }: WebhookTarget, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'https:' && parsed?.protocol !== 'http:') errors.push(invalidValue(`${at}.url`, url, 'must be a URL of https or http'));
  else if (parsed.username || parsed.password) errors.push(invalidValue(`${at}.url`, '', 'user information is not permitted in the URL: use headersFrom'));
  for (const [field, reference] of [
    ['headersFrom', headersFrom],
    ['signWith', signWith],
  ] as const) {
    if (!reference) continue;
    if (namespaced && reference.namespace !== undefined)
      errors.push(forbiddenField(`${at}.${field}.namespace`, 'the Secret is in the namespace of the Subscription'));
    if (!namespaced && reference.namespace === undefined) errors.push(required(`${at}.${field}.namespace`));
  }
  return errors;
}

/** What of `spec.from` the state knows: an offset. Undefined: it is a time, or nothing. */
function offsetFrom(from: number | string, state: State): Offset | undefined {
  // From the very first on.
  if (String(from) === '0') return 0;
  const when = readWhen(String(from));
  if (when && 'offset' in when) return when.offset;
  return when && 'bookmark' in when ? bookmarked(when.bookmark, state) : undefined;
}

function fromErrors(from: number | string | undefined, { state, now }: Pick<StrategyContext, 'state' | 'now'>): FieldError[] {
  if (from === undefined || from === NOW) return [];
  const offset = offsetFrom(from, state);
  if (offset !== undefined) return offset > state.offset ? [invalidValue('spec.from', from, afterEnd(state.offset))] : [];
  const when = readWhen(String(from));
  if (!when || !('time' in when)) return [invalidValue('spec.from', from, 'must be an offset, a time (RFC 3339), the name of a Bookmark, or now')];
  return when.time > now ? [invalidValue('spec.from', from, 'must not be in the future')] : [];
}
