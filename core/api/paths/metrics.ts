import type { Flow } from '../../apis/flowcontrol/flows.ts';
import type { Refusal } from '../fairness/fairness.ts';
import type { ResourceRequest } from '../request/request-info.ts';

/** What this process has served, in the text format of Prometheus, under the names of kube-apiserver. */
export class Metrics {
  readonly #requests = new Map<string, number>();
  readonly #watches = new Map<string, number>();
  readonly #dispatched = new Map<string, number>();
  readonly #refused = new Map<string, number>();
  readonly #audited = new Map<string, number>();

  /** Counts an answered request; `info`: of a resource that is served. */
  request(info: ResourceRequest | undefined, code: number): void {
    const labels = info
      ? `code="${code}",group="${info.group}",resource="${info.resource}",subresource="${info.subresource ?? ''}",verb="${info.verb.toUpperCase()}",version="${info.version}"`
      : `code="${code}",group="",resource="",subresource="",verb="",version=""`;
    add(this.#requests, labels, 1);
  }

  /** Counts a watch that begins; the returned function says that it ended. */
  watch({ group, resource, version }: ResourceRequest): () => void {
    const labels = `group="${group}",resource="${resource}",verb="WATCH",version="${version}"`;
    add(this.#watches, labels, 1);
    return () => add(this.#watches, labels, -1);
  }

  /** Counts a request that was given a seat. */
  dispatched(flow: Flow): void {
    add(this.#dispatched, flowLabels(flow), 1);
  }

  /** Counts a request that was given none. */
  refused(flow: Flow, reason: Refusal): void {
    add(this.#refused, `${flowLabels(flow)},reason="${reason}"`, 1);
  }

  /** Counts an audit event. */
  audited(): void {
    add(this.#audited, '', 1);
  }

  text(): string {
    return [
      ...family('apiserver_request_total', 'counter', 'Requests answered, by verb, resource and HTTP response code.', this.#requests),
      ...family('apiserver_longrunning_requests', 'gauge', 'Watches under way, by resource.', this.#watches),
      ...family('apiserver_flowcontrol_dispatched_requests_total', 'counter', 'Requests that API Priority and Fairness has let run.', this.#dispatched),
      ...family('apiserver_flowcontrol_rejected_requests_total', 'counter', 'Requests that API Priority and Fairness has refused.', this.#refused),
      ...family('apiserver_audit_event_total', 'counter', 'Audit events generated and sent to the audit log.', this.#audited),
      '',
    ].join('\n');
  }
}

/** Names of FlowSchemas come from clients: what they make up in the life of a process takes no more room than this, and what is over it is counted together. */
const MOST = 2_000;

const add = (values: Map<string, number>, labels: string, by: number) => {
  const counted = values.size < MOST || values.has(labels) ? labels : labels.replaceAll(/"[^"]*"/g, '""');
  values.set(counted, (values.get(counted) ?? 0) + by);
};

const flowLabels = ({ schema, level }: Flow): string => `flow_schema="${schema.metadata.name}",priority_level="${level.metadata.name}"`;

export const family = (name: string, type: string, help: string, values: ReadonlyMap<string, number>): string[] => [
  `# HELP ${name} ${help}`,
  `# TYPE ${name} ${type}`,
  ...[...values].map(([labels, value]) => `${name}${labels && `{${labels}}`} ${value}`),
];
