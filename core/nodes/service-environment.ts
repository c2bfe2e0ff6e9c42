import type { Pod, Service } from '../schema/generated/kinds.ts';
import type { State } from '../state/state.ts';

/** The variables by which a container finds Services: those of its namespace, unless the pod wants none, and in any case the API's (getServiceEnvVarMap, pkg/kubelet/envvars). */
export function serviceEnvironment({ metadata: { namespace }, spec }: Pod, state: State): ReadonlyMap<string, string> {
  const api = state.get('services', 'default', 'kubernetes');
  const own = spec?.enableServiceLinks === false ? [] : state.list('services', namespace);
  // One of its own namespace that has the name of the API's is the one that is meant.
  return new Map([...(api ? [api] : []), ...own].filter(hasAddress).flatMap(variablesOf));
}

const hasAddress = ({ spec }: Service): boolean => spec?.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None';

function variablesOf({ metadata, spec }: Service): [string, string][] {
  const name = asVariable(metadata.name);
  const { clusterIP = '', ports = [] } = spec!;
  const [first] = ports;
  if (!first) return [];
  const host = clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP;
  const urlOf = ({ protocol = 'TCP', port }: (typeof ports)[number]) => `${protocol.toLowerCase()}://${host}:${port}`;
  return [
    [`${name}_SERVICE_HOST`, clusterIP],
    [`${name}_SERVICE_PORT`, String(first.port)],
    ...ports.flatMap((port): [string, string][] => (port.name ? [[`${name}_SERVICE_PORT_${asVariable(port.name)}`, String(port.port)]] : [])),
    // As Docker's links had them.
    [`${name}_PORT`, urlOf(first)],
    ...ports.flatMap((port): [string, string][] => {
      const { protocol = 'TCP' } = port;
      const prefix = `${name}_PORT_${port.port}_${protocol.toUpperCase()}`;
      return [
        [prefix, urlOf(port)],
        [`${prefix}_PROTO`, protocol.toLowerCase()],
        [`${prefix}_PORT`, String(port.port)],
        [`${prefix}_ADDR`, clusterIP],
      ];
    }),
  ];
}

const asVariable = (name: string): string => name.replaceAll('-', '_').toUpperCase();
