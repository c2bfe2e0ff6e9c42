import { StatusError } from '../../../kube/status.ts';
import { Failed } from '../outcome.ts';
import { type Invocation, printedName } from './invocation.ts';

/** `kubectl delete TYPE NAME`, `-l SELECTOR`, `--all`, `-f FILE`. That it waits until they are gone is left out. */
export function remove(invocation: Invocation): void {
  const { client } = invocation;
  const targets = invocation.targets();
  if (targets.length === 0) {
    invocation.write('No resources found\n');
    return;
  }
  const grace = invocation.flag('grace-period');
  const forced = invocation.is('force') || invocation.is('now');
  const gracePeriodSeconds = grace !== undefined && Number(grace) >= 0 ? Number(grace) : invocation.is('force') ? 0 : invocation.is('now') ? 1 : undefined;
  if (gracePeriodSeconds === 0 && !forced && grace !== undefined) throw new Failed('error: --grace-period=0 requires --force');
  const propagationPolicy = policyOf(invocation.flag('cascade'));
  invocation.each(targets, (target) => {
    try {
      if (invocation.isDryRun) client.get(target);
      else client.delete(target, { propagationPolicy, ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }) });
    } catch (error) {
      if (error instanceof StatusError && error.code === 404 && invocation.is('ignore-not-found')) return;
      throw error;
    }
    const [kind] = printedName(target).split('/');
    const where = target.namespace === undefined ? '' : ` from ${target.namespace} namespace`;
    invocation.write(
      invocation.flag('output') === 'name'
        ? `${kind}/${target.name}\n`
        : `${kind} "${target.name}" ${gracePeriodSeconds === 0 ? 'force ' : ''}deleted${where}\n`,
    );
  });
}

function policyOf(cascade = 'background'): 'Background' | 'Foreground' | 'Orphan' {
  switch (cascade) {
    case 'background':
    case 'true':
      return 'Background';
    case 'foreground':
      return 'Foreground';
    case 'orphan':
    case 'false':
      return 'Orphan';
    default:
      throw new Failed(`error: invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`);
  }
}
