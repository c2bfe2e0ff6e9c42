import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues, nonNegative, oneOf, positive, required } from '../../kube/validation/field.ts';
import { httpHeaderName, portName, portNumber } from '../../kube/validation/names.ts';
import type { Lifecycle, LifecycleHandler, Probe } from '../../schema/generated/kinds.ts';

/** Checks one of a container's probes (validateProbe and its callers); `path` is that of the container. */
export function validateProbe(name: 'livenessProbe' | 'readinessProbe' | 'startupProbe', probe: Probe | undefined, path: string): FieldError[] {
  if (!probe) return [];
  const at = `${path}.${name}`;
  const counts = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const;
  const errors = [...validateHandler(probe, at), ...counts.flatMap((field) => nonNegative(`${at}.${field}`, probe[field]))];
  const { terminationGracePeriodSeconds: grace, successThreshold } = probe;
  if (name === 'readinessProbe') {
    if (grace !== undefined) errors.push(invalidValue(`${at}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'));
  } else {
    errors.push(...positive(`${at}.terminationGracePeriodSeconds`, grace));
    if (successThreshold !== 1) errors.push(invalidValue(`${at}.successThreshold`, successThreshold ?? 0, 'must be 1'));
  }
  return errors;
}

/** Checks what a container runs after its start and before its stop (validateLifecycle). */
export const validateLifecycle = (lifecycle: Lifecycle | undefined, path: string): FieldError[] => [
  ...(lifecycle?.postStart ? validateHandler(lifecycle.postStart, `${path}.postStart`) : []),
  ...(lifecycle?.preStop ? validateHandler(lifecycle.preStop, `${path}.preStop`) : []),
];

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>;

const handlers: { [name in keyof Handler]-?: (handler: NonNullable<Handler[name]>, path: string) => FieldError[] } = {
  exec: ({ command }, path) => (command?.length ? [] : [required(`${path}.command`)]),
  httpGet: (action, path) => [
    ...(action.path ? [] : [required(`${path}.path`)]),
    ...validatePort(action.port, `${path}.port`),
    ...oneOf(`${path}.scheme`, action.scheme, ['HTTP', 'HTTPS']),
    ...(action.httpHeaders ?? []).flatMap(({ name }) => invalidValues(`${path}.httpHeaders`, name, httpHeaderName(name))),
  ],
  tcpSocket: (action, path) => validatePort(action.port, `${path}.port`),
  grpc: (action, path) => validatePort(action.port, `${path}.port`),
  sleep: ({ seconds }, path) => nonNegative(`${path}.seconds`, seconds),
};

function validateHandler(handler: Handler, path: string): FieldError[] {
  const set = (Object.keys(handlers) as (keyof Handler)[]).filter((name) => handler[name] !== undefined);
  if (!set.length) return [required(path, 'must specify a handler type')];
  const [first, ...others] = set as [keyof Handler, ...(keyof Handler)[]];
  const check = handlers[first] as (handler: unknown, path: string) => FieldError[];
  return [...check(handler[first], `${path}.${first}`), ...others.map((name) => forbiddenField(`${path}.${name}`, 'may not specify more than 1 handler type'))];
}

/** A port by its number or its name (ValidatePortNumOrName). */
export function validatePort(port: number | string | undefined, path: string): FieldError[] {
  return typeof port === 'string' ? invalidValues(path, port, portName(port)) : invalidValues(path, port ?? 0, portNumber(port ?? 0));
}
