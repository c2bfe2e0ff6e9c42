import type { Annotate } from '../../admission/plugin.ts';
import type { Clock } from '../../env.ts';
import { epochMs, type RealInstant } from '../../instant.ts';
import { type Fields, fieldsOf, isFields } from '../../kube/fields.ts';
import { type KubeObject, microTimestamp } from '../../kube/object.ts';
import type { Status } from '../../kube/status.ts';
import type { User } from '../../kube/user.ts';
import type { AuditEvent, AuditSink, ObjectReference, ResponseStatus } from './event.ts';
import { type AuditedRequest, type AuditPolicy, configFor, type Level, type RequestConfig, type Stage } from './policy.ts';
import { textWithoutTokens, withoutTokens } from './without-tokens.ts';

/** What a server audits by: a policy, and where the events go. */
export interface Audit {
  readonly policy: AuditPolicy;
  readonly sink: AuditSink;
}

interface Received {
  readonly auditID: string;
  /** As it was sent. */
  readonly requestURI: string;
  readonly sourceIPs: readonly string[];
  readonly userAgent: string;
}

/**
 * What is written down of one request (apiserver/pkg/audit/context.go, request.go). It is made for every request while there is a policy, begins when it is known who
 * asks, and keeps nothing of the call: a watch holds it for as long as it lasts.
 */
export class AuditTrail {
  readonly #audit: Audit;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #received: Received;
  readonly #receivedAt: RealInstant;
  #config: RequestConfig = NOTHING;
  #request: AuditedRequest | undefined;
  #objectRef: ObjectReference | undefined;
  #impersonated: User | undefined;
  #status: ResponseStatus | undefined;
  #requestObject: unknown;
  #responseObject: unknown;
  readonly #annotations = new Map<string, string>();

  constructor(audit: Audit, received: Received, clock: Pick<Clock, 'now'>) {
    this.#audit = audit;
    this.#received = received;
    this.#clock = clock;
    this.#receivedAt = clock.now();
  }

  get hasBegun(): boolean {
    return this.#request !== undefined;
  }

  /** Whether it is known who asks. */
  get hasUser(): boolean {
    return this.#request?.user !== undefined;
  }

  /** By which level, once it has begun. */
  get level(): Level {
    return this.#config.level;
  }

  /** It is known what is asked and by whom; `user`: none where authentication failed. */
  begin(request: AuditedRequest): void {
    this.#request = request;
    this.#config = configFor(this.#audit.policy, request);
    if (request.path !== undefined) return;
    const { namespace, name, resource, subresource, group, version } = request;
    this.#objectRef = {
      resource,
      ...(namespace && { namespace }),
      ...(name && { name }),
      ...(group && { apiGroup: group }),
      apiVersion: version,
      ...(subresource && { subresource }),
    };
  }

  impersonates(user: User): void {
    this.#impersonated = user;
  }

  /** The first value of a key stays. */
  readonly annotate: Annotate = (key, value, level = 'Metadata') => {
    if (level === 'Request' && !this.#wantsRequest) return;
    if (!this.#annotations.has(key)) this.#annotations.set(key, textWithoutTokens(value));
  };

  /** The object that came, as it was sent: what it says of itself completes the reference. */
  requested(object: KubeObject): void {
    if (this.level === 'None') return;
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const ref = this.#objectRef;
    if (ref) {
      if (namespace) ref.namespace ||= namespace;
      if (name) ref.name ||= name;
      if (uid) ref.uid ||= uid;
      if (resourceVersion) ref.resourceVersion ||= resourceVersion;
    }
    this.requestedWith(object);
  }

  /** What came that is no object: a patch, options. */
  requestedWith(body: unknown): void {
    if (this.#wantsRequest) this.#requestObject = this.#written(body);
  }

  get #wantsRequest(): boolean {
    return this.level === 'Request' || this.level === 'RequestResponse';
  }

  get wantsResponse(): boolean {
    return this.level === 'RequestResponse';
  }

  /** What is answered, in the version that was asked for. */
  answeredWith(value: object): void {
    if (this.level === 'None') return;
    const { kind } = value as { kind?: string };
    if (kind === 'Status') this.#status = boundedStatus(value as Status);
    if (this.wantsResponse) this.#responseObject = this.#written(value);
  }

  answeredCode(code: number): void {
    this.#status = { metadata: {}, ...this.#status, code };
  }

  failedWith(status: Status): void {
    this.#responseObject = undefined;
    this.answeredWith(status);
  }

  /** Writes an event, unless the policy leaves it out. */
  reach(stage: Stage): void {
    if (this.level === 'None' || this.#config.omitStages.has(stage)) return;
    this.#audit.sink.write(this.#event(stage));
  }

  #event(stage: Stage): AuditEvent {
    const { auditID, requestURI, sourceIPs, userAgent } = this.#received;
    const received = microTimestamp(epochMs(this.#receivedAt));
    return {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: this.level,
      auditID,
      stage,
      requestURI: textWithoutTokens(requestURI),
      verb: this.#request!.verb,
      user: this.#request!.user ? userInfo(this.#request!.user) : {},
      ...(this.#impersonated && { impersonatedUser: userInfo(this.#impersonated) }),
      ...(sourceIPs.length > 0 && { sourceIPs }),
      ...(userAgent && { userAgent: bounded(userAgent) }),
      ...(this.#objectRef && { objectRef: { ...this.#objectRef } }),
      ...(this.#status && { responseStatus: this.#status }),
      ...(this.#requestObject !== undefined && { requestObject: this.#requestObject }),
      ...(this.#responseObject !== undefined && { responseObject: this.#responseObject }),
      requestReceivedTimestamp: received,
      stageTimestamp: stage === 'RequestReceived' ? received : microTimestamp(epochMs(this.#clock.now())),
      ...(this.#annotations.size > 0 && { annotations: Object.fromEntries(this.#annotations) }),
    };
  }

  #written(body: unknown): unknown {
    return withoutTokens(this.#config.omitManagedFields ? withoutManagedFields(body) : body);
  }
}

const NOTHING: RequestConfig = { level: 'None', omitStages: new Set(), omitManagedFields: false };

const userInfo = ({ username, uid, groups, extra }: User): User => ({ username, ...(uid && { uid }), groups, ...(extra && { extra }) });

/** apiserver/pkg/audit/request.go, maybeTruncateUserAgent. */
const bounded = (userAgent: string): string => (userAgent.length > 1024 ? `${userAgent.slice(0, 1024)}...TRUNCATED` : userAgent);

const boundedStatus = ({ status, message, reason, details, code = 200 }: Status): ResponseStatus => ({
  metadata: {},
  status,
  ...(message && { message: textWithoutTokens(message) }),
  ...(reason && { reason }),
  ...(details && { details }),
  code,
});

/** Of an object, the objects of a list, or those in the rows of a Table. */
function withoutManagedFields(body: unknown): unknown {
  if (!isFields(body)) return body;
  const { items, rows } = body;
  if (Array.isArray(items)) return { ...body, items: items.map(withoutManagedFields) };
  if (Array.isArray(rows)) return { ...body, rows: rows.map((row: Fields) => ({ ...row, object: withoutManagedFields(row['object']) })) };
  const { metadata } = body;
  if (!isFields(metadata) || !('managedFields' in metadata)) return body;
  const { managedFields: _, ...rest } = metadata;
  return { ...fieldsOf(body as unknown as KubeObject), metadata: rest };
}
