import { objectOf } from '../../kube/fields.ts';
import type { KubeObject } from '../../kube/object.ts';

/** What the query of a connection says, as the object that admission is shown: `v1 PodExecOptions` (pkg/apis/core/v1/defaults.go; apimachinery's queryparams). */
export function connectionOptions(kind: string, query: URLSearchParams, path: string | undefined): KubeObject {
  const options: Record<string, unknown> = { kind, apiVersion: 'v1' };
  const isOfProcess = kind === 'PodExecOptions' || kind === 'PodAttachOptions';
  for (const name of ['stdin', 'stdout', 'stderr', 'tty']) {
    const isDefault = name === 'stdout' || name === 'stderr';
    if (isOfProcess && (query.has(name) ? isTrue(query.get(name)!) : isDefault)) options[name] = true;
  }
  if (isOfProcess && query.get('container')) options['container'] = query.get('container');
  if (kind === 'PodExecOptions' || query.has('command')) options['command'] = query.has('command') ? query.getAll('command') : null;
  if (kind === 'PodPortForwardOptions' && query.has('ports')) options['ports'] = query.getAll('ports').map(Number);
  if (kind.endsWith('ProxyOptions') && path) options['path'] = path;
  return objectOf(options);
}

/** As Go's conversion of a parameter takes it. */
const isTrue = (text: string): boolean => text !== '0' && text.toLowerCase() !== 'false';
