import { Failed, notSimulated } from '../outcome.ts';
import { type Invocation, printedName, withSource } from './invocation.ts';

/** `kubectl replace -f FILE`: what is there is made what the file says, whole. */
export function replace(invocation: Invocation): void {
  const forced = ['force', 'raw'].find((flag) => invocation.is(flag));
  if (forced) throw notSimulated(`kubectl replace --${forced}`);
  if (!invocation.flags.has('filename')) throw new Failed('error: must specify --filename or --kustomize');
  const { client, isDryRun } = invocation;
  invocation.each(invocation.manifests(), ({ object, target, source }) => {
    try {
      client.get(target);
      if (!isDryRun) client.replace(target, object, 'kubectl-replace');
    } catch (error) {
      throw withSource(error, `error when replacing ${JSON.stringify(source)}`);
    }
    invocation.write(`${printedName(target)} replaced${isDryRun ? ' (dry run)' : ''}\n`);
  });
}
