import type { Node } from '../../../schema/generated/kinds.ts';
import { Failed } from '../outcome.ts';
import type { Invocation } from './invocation.ts';

/** `kubectl cordon NODE`: nothing is scheduled there any more. */
export const cordon = (invocation: Invocation): void => mark(invocation, true);

/** `kubectl uncordon NODE` */
export const uncordon = (invocation: Invocation): void => mark(invocation, false);

function mark(invocation: Invocation, unschedulable: boolean): void {
  const { words, client } = invocation;
  const done = unschedulable ? 'cordoned' : 'uncordoned';
  if (words.length === 0 && !invocation.flags.has('selector')) throw new Failed(`error: USAGE: ${unschedulable ? 'cordon' : 'uncordon'} NODE [flags]`);
  const names = words.map((word) => word.replace(/^(nodes?|no)\//, ''));
  invocation.each(invocation.targets(['nodes', ...names]), (target) => {
    const { spec } = client.get(target) as Node;
    const already = Boolean(spec?.unschedulable) === unschedulable;
    if (!already && !invocation.isDryRun) client.patch(target, { spec: { unschedulable: unschedulable ? true : null } }, 'strategic', 'kubectl');
    invocation.write(`node/${target.name} ${already ? 'already ' : ''}${done}\n`);
  });
}
