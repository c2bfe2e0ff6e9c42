import { objectOf } from '../../kube/fields.ts';
import { apiVersionOf, type GroupVersionKind } from '../../kube/group-version-kind.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { AdmissionReview } from '../plugin.ts';

/** What a connection asks for in its query, as the object that it is admitted by: a `v1 PodExecOptions`, `PodProxyOptions`, … (apimachinery's conversion of url.Values). */
export function connectOptions(kind: GroupVersionKind, { options }: Pick<AdmissionReview, 'options'>): KubeObject {
  const fields = FIELDS[kind.kind] ?? {};
  const given = Object.keys(fields).flatMap((name) => {
    const value = fields[name]!(listOf(options[name]));
    return value === undefined ? [] : [[name, value] as const];
  });
  return objectOf({ apiVersion: apiVersionOf(kind), kind: kind.kind, ...Object.fromEntries(given) });
}

type Read = (values: readonly string[]) => unknown;

/** What is empty is left out, but for a command. */
const flag: Read = ([value]) => (value !== undefined && value.toLowerCase() !== 'false' && value !== '0' ? true : undefined);
const text: Read = ([value]) => value || undefined;
const numbers: Read = (values) => (values.length > 0 ? values.map(Number) : undefined);
const command: Read = (values) => (values.length > 0 ? values : null);

const streams = { stdin: flag, stdout: flag, stderr: flag, tty: flag, container: text };
const path = { path: text };

const FIELDS: Readonly<Record<string, Readonly<Record<string, Read>>>> = {
  PodExecOptions: { ...streams, command },
  PodAttachOptions: streams,
  PodPortForwardOptions: { ports: numbers },
  PodProxyOptions: path,
  ServiceProxyOptions: path,
  NodeProxyOptions: path,
};

/** A parameter that is given several times has several values. */
const listOf = (value: unknown): string[] => (value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)]);
