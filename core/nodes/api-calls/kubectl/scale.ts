import { scalingOf } from '../../../apis/scale.ts';
import { Failed } from '../outcome.ts';
import { type Invocation, printedName } from './invocation.ts';

/** `kubectl scale --replicas=N TYPE NAME` */
export function scale(invocation: Invocation): void {
  const { client } = invocation;
  const replicas = Number(invocation.flag('replicas') ?? Number.NaN);
  if (!Number.isInteger(replicas) || replicas < 0)
    throw new Failed('error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
  const expected = Number(invocation.flag('current-replicas') ?? -1);
  const targets = invocation.targets();
  if (targets.length === 0) throw new Failed('error: no objects passed to scale');
  invocation.each(targets, (target) => {
    const object = client.get(target);
    if (!target.api.versions.some(({ subresources }) => Object.hasOwn(subresources, 'scale'))) {
      throw new Failed('Error from server (NotFound): the server could not find the requested resource');
    }
    const current = scalingOf(target.api, object.apiVersion).replicas(object) ?? 0;
    if (expected >= 0 && current !== expected) throw new Failed(`error: Expected replicas to be ${expected}, was ${current}`);
    if (!invocation.isDryRun) client.scale(target, replicas);
    invocation.write(`${printedName(target)} scaled\n`);
  });
}
