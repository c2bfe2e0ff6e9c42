import type { Container, Probe } from '../../schema/generated/kinds.ts';

/** What Kubernetes fills into a container (pkg/apis/core/v1/defaults.go). Changes the container that it is handed. */
export function defaultContainer(container: Container): void {
  container.imagePullPolicy ||= defaultPullPolicy(container.image);
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  container.resources ??= {};
  for (const port of container.ports ?? []) port.protocol ||= 'TCP';
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= 'v1';
    if (valueFrom?.resourceFieldRef) valueFrom.resourceFieldRef.divisor ??= '0';
    if (valueFrom?.fileKeyRef) valueFrom.fileKeyRef.optional ??= false;
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) if (probe) defaultProbe(probe);
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) if (handler?.httpGet) defaultHttpGet(handler.httpGet);
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  if (probe.httpGet) defaultHttpGet(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
}

function defaultHttpGet(action: { path?: string; scheme?: string }): void {
  action.path ||= '/';
  action.scheme ||= 'HTTP';
}

/** Always for an image without a tag and digest or with the tag `latest`, else IfNotPresent. */
export function defaultPullPolicy(image = ''): string {
  const [name, digest] = image.split('@', 2);
  const tag = /:([^:/]*)$/.exec(name!)?.[1];
  if (tag === undefined) return image && digest === undefined ? 'Always' : 'IfNotPresent';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

/** A limit without a request asks for the limit (SetDefaults_Pod: pods only, so that templates stay as they were written). */
export function defaultRequests({ resources }: Container): void {
  if (!resources?.limits) return;
  const requests = { ...resources.limits, ...resources.requests };
  if (Object.keys(requests).length) resources.requests = requests;
}
