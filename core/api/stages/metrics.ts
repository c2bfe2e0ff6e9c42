import type { AuthorizedCall } from '../call.ts';
import { namedMetrics } from '../metrics/named-metrics.ts';
import type { ResourceRequest } from '../request/request-info.ts';

/** Answers what is asked of metrics that are named in the path, where there is no resource to resolve. */
export const metrics = (call: AuthorizedCall & { readonly info: ResourceRequest }): Promise<Response | undefined> | undefined =>
  call.info.group.endsWith('.metrics.k8s.io') ? namedMetrics(call) : undefined;
