import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues, nonNegative, notSupported, positive, required } from '../../kube/validation/field.ts';
import { httpHeaderName, portName, portNumber } from '../../kube/validation/names.ts';
import type { Lifecycle, LifecycleHandler, Probe } from '../../schema/generated/kinds.ts';

/** Checks one of a container's probes (validateProbe and its callers); `path` is that of the container. */
export function validateProbe(name: 'livenessProbe' | 'readinessProbe' | 'startupProbe', probe: Probe | undefined, path: string): FieldError[] {
  if (!probe) return [];
  const at = `${path}.${name}`;
  const counts = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const;
  const errors = [...validateHandler(probe, at), ...counts.flatMap((field) => nonNegative(`${at}.${field}`, probe[field]))];
  const { terminationGracePeriodSeconds: grace, successThreshold } = probe;
  errors.push(...positive(`${at}.terminationGracePeriodSeconds`, grace));
  if (name !== 'readinessProbe' && successThreshold !== 1) errors.push(invalidValue(`${at}.successThreshold`, successThreshold ?? 0, 'must be 1'));
  if (name === 'readinessProbe' && grace !== undefined) {
    errors.push(invalidValue(`${at}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'));
  }
  return errors;
}

/** Checks what a container runs after its start and before its stop, and how it is stopped (validateLifecycle). */
export const validateLifecycle = (lifecycle: Lifecycle | undefined, { gracePeriod, os }: PodTimes, path: string): FieldError[] => [
  ...(lifecycle?.postStart ? validateHandler(lifecycle.postStart, `${path}.postStart`, gracePeriod) : []),
  ...(lifecycle?.preStop ? validateHandler(lifecycle.preStop, `${path}.preStop`, gracePeriod) : []),
  ...(lifecycle?.stopSignal === undefined ? [] : validateStopSignal(lifecycle.stopSignal, os, `${path}.stopSignal`)),
];

/** What a container's lifecycle must agree with of its pod. */
interface PodTimes {
  readonly gracePeriod: number | undefined;
  readonly os: string | undefined;
}

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>;

const handlers: { [name in keyof Handler]-?: (handler: NonNullable<Handler[name]>, path: string, gracePeriod?: number) => FieldError[] } = {
  exec: ({ command }, path) => (command?.length ? [] : [required(`${path}.command`)]),
  httpGet: (action, path) => [
    ...(action.path ? [] : [required(`${path}.path`)]),
    ...validatePort(action.port, `${path}.port`),
    ...(schemes.includes(action.scheme ?? '') ? [] : [notSupported(`${path}.scheme`, action.scheme ?? '', schemes)]),
    ...(action.httpHeaders ?? []).flatMap(({ name }) => invalidValues(`${path}.httpHeaders`, name, httpHeaderName(name))),
  ],
  tcpSocket: (action, path) => validatePort(action.port, `${path}.port`),
  grpc: (action, path) => validatePort(action.port, `${path}.port`),
  sleep: ({ seconds = 0 }, path, gracePeriod) =>
    gracePeriod === undefined || (seconds >= 0 && seconds <= gracePeriod)
      ? []
      : [invalidValue(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriod})`)],
};

const schemes = ['HTTP', 'HTTPS'];

function validateHandler(handler: Handler, path: string, gracePeriod?: number): FieldError[] {
  const set = (Object.keys(handlers) as (keyof Handler)[]).filter((name) => handler[name] !== undefined);
  if (!set.length) return [required(path, 'must specify a handler type')];
  const [first, ...others] = set as [keyof Handler, ...(keyof Handler)[]];
  const check = handlers[first] as (handler: unknown, path: string, gracePeriod?: number) => FieldError[];
  return [
    ...check(handler[first], `${path}.${first}`, gracePeriod),
    ...others.map((name) => forbiddenField(`${path}.${name}`, 'may not specify more than 1 handler type')),
  ];
}

function validateStopSignal(signal: string, os: string | undefined, path: string): FieldError[] {
  if (os === undefined) return [forbiddenField(path, 'may not be set for containers with empty `spec.os.name`')];
  const known = os === 'windows' ? windowsSignals : os === 'linux' ? linuxSignals : [signal];
  return known.includes(signal) ? [] : [notSupported(path, signal, known)];
}

const windowsSignals: readonly string[] = ['SIGKILL', 'SIGTERM'];

const numbered = (count: number, name: (i: number) => string) => Array.from({ length: count }, (_, i) => name(i + 1));

const linuxSignals: readonly string[] = [
  ...['ABRT', 'ALRM', 'BUS', 'CHLD', 'CLD', 'CONT', 'FPE', 'HUP', 'ILL', 'INT', 'IO', 'IOT', 'KILL', 'PIPE', 'POLL', 'PROF', 'PWR', 'QUIT', 'SEGV', 'STKFLT'],
  ...['STOP', 'SYS', 'TERM', 'TRAP', 'TSTP', 'TTIN', 'TTOU', 'URG', 'USR1', 'USR2', 'VTALRM', 'WINCH', 'XCPU', 'XFSZ', 'RTMIN', 'RTMAX'],
  ...numbered(15, (i) => `RTMIN+${i}`),
  ...numbered(14, (i) => `RTMAX-${i}`),
]
  .map((name) => `SIG${name}`)
  .sort();

/** A port by its number or its name (ValidatePortNumOrName). */
export function validatePort(port: number | string | undefined, path: string): FieldError[] {
  return typeof port === 'string' ? invalidValues(path, port, portName(port)) : invalidValues(path, port ?? 0, portNumber(port ?? 0));
}
