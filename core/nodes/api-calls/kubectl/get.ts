import { stringify } from 'yaml';
import type { KubeObject } from '../../../kube/object.ts';
import { StatusError } from '../../../kube/status.ts';
import type { Target } from '../api-client.ts';
import { type Invocation, printedName } from './invocation.ts';
import { rendered } from './json-path-template.ts';
import { table } from './table.ts';

/** `kubectl get TYPE NAME` */
export function get(invocation: Invocation): void {
  const { words } = invocation;
  if (words[0] === 'all' || ['watch', 'w', 'raw'].some((flag) => invocation.is(flag))) {
    invocation.write(undefined);
    return;
  }
  const single = words.length === 2 || (words.length === 1 && words[0]!.includes('/'));
  const shown: Shown[] = [];
  invocation.each(invocation.targets(), (target) => {
    try {
      shown.push({ target, object: invocation.client.get(target) });
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 404 && invocation.is('ignore-not-found'))) throw error;
    }
  });
  if (shown.length === 0) {
    if (!single && !invocation.is('ignore-not-found')) invocation.warn(`No resources found in ${invocation.namespace} namespace.`);
    return;
  }
  invocation.write(output(shown, single, invocation));
}

interface Shown {
  readonly target: Target;
  readonly object: KubeObject;
}

function output(shown: readonly Shown[], single: boolean, invocation: Invocation): string | undefined {
  const format = invocation.flag('output') ?? '';
  if (format === 'name') return shown.map(({ target }) => `${printedName(target)}\n`).join('');
  const objects = shown.map(({ object }) => object);
  const value = single ? objects[0] : { apiVersion: 'v1', items: objects, kind: 'List', metadata: { resourceVersion: '' } };
  if (format === 'json') return `${JSON.stringify(value, undefined, 4)}\n`;
  if (format === 'yaml') return stringify(value);
  if (format === '' || format === 'wide') return tableOf(shown, format === 'wide', invocation);
  const [, template] = /^jsonpath=(.*)$/s.exec(format) ?? [];
  return template === undefined ? undefined : rendered(template, value);
}

/** Of objects of several kinds, and with labels, it is not known here. */
function tableOf(shown: readonly Shown[], wide: boolean, invocation: Invocation): string | undefined {
  const { api } = shown[0]!.target;
  if (
    shown.some(({ target }) => target.api !== api) ||
    ['show-labels', 'label-columns', 'L', 'show-kind', 'sort-by'].some((flag) => invocation.flags.has(flag))
  )
    return undefined;
  const objects = shown.map(({ object }) => object);
  const namespaces = api.namespaced && invocation.is('all-namespaces');
  return table(api, objects, { now: invocation.caller.now, wide, headers: !invocation.is('no-headers'), namespaces });
}
