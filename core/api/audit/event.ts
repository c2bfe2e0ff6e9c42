import type { Status } from '../../kube/status.ts';
import type { User } from '../../kube/user.ts';
import type { Level, Stage } from './policy.ts';

/** `audit.k8s.io/v1 Event`: what is written down of a request when it comes to one of its stages. Its fields are in the order of Kubernetes. */
export interface AuditEvent {
  readonly kind: 'Event';
  readonly apiVersion: 'audit.k8s.io/v1';
  readonly level: Level;
  readonly auditID: string;
  readonly stage: Stage;
  readonly requestURI: string;
  readonly verb: string;
  /** Who was authenticated; of a request whose authentication failed, nobody. */
  readonly user: Partial<User>;
  readonly impersonatedUser?: User;
  readonly sourceIPs?: readonly string[];
  readonly userAgent?: string;
  readonly objectRef?: ObjectReference;
  readonly responseStatus?: ResponseStatus;
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ObjectReference {
  resource?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  apiGroup?: string;
  apiVersion?: string;
  resourceVersion?: string;
  subresource?: string;
}

/** A Status without what is not bounded, such as the token of a list. */
export type ResponseStatus = Pick<Status, 'code'> &
  Partial<Pick<Status, 'status' | 'message' | 'reason' | 'details'>> & { readonly metadata: Record<never, never> };

/** Where events go. It takes them at once, and never throws: a request does not fail because it cannot be written down. */
export interface AuditSink {
  write(event: AuditEvent): void;
}
