import { stringify } from 'yaml';
import type { KubeObject } from '../../../kube/object.ts';
import { type Invocation, printedName } from './invocation.ts';

interface Making {
  readonly manager: string;
  /** What is said of it then. */
  readonly done: string;
}

/** Makes an object of what kubectl was told, or only prints it: `--dry-run`, `-o yaml`. */
export function make(invocation: Invocation, object: KubeObject, { manager, done }: Making): void {
  const { name, namespace } = object.metadata;
  const target = invocation.target(invocation.resource(object.kind), name, namespace);
  if (!invocation.isDryRun) invocation.client.create(target, object, manager);
  const format = invocation.flag('output');
  if (format === 'yaml') invocation.write(stringify(object));
  else if (format === 'json') invocation.write(`${JSON.stringify(object, undefined, 4)}\n`);
  else invocation.write(`${printedName(target)}${format === 'name' ? '' : ` ${done}${invocation.isDryRun ? ' (dry run)' : ''}`}\n`);
}
